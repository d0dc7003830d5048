"""What one candidate scores and costs: trained on all of the data and on parts of it, converted, and run as on a phone.

Conversion is the converter's work, and nothing here may import it: it is asked by its command line, as a person would.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import write_file
from training.config import FitConfig
from training.datasets import Dataset
from training.finished import fit_once, seconds_of
from training.selection.choices import SHARES, SelectChoices

TIMED = 300  # dev utterances at most
BUCKETS = (8, 12, 16, 24, 32, 64)  # of those, the ones up to what a candidate was trained for
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Candidate:
    """A measured candidate.

    :param criteria: per criterion its value; None where the system does not tell.
    :param shares: per share of the train split, as text, the weighted F1 on dev.
    :param dev: the content of ``metrics.json`` for dev, per task.
    :param test: the same for test, read once and used for nothing.
    """

    name: str
    criteria: dict[str, float | None]
    shares: dict[str, float]
    dev: dict[str, Any]
    test: dict[str, Any]
    phone: dict[str, Any]


def measure(model: str, name: str, choices: SelectChoices, dataset: Dataset, folder: Path) -> Candidate:
    """Train and measure a candidate; what is in its folder already is not made again."""
    config = choices.fit_config(model)
    metrics = fit_once(config, dataset, folder / "all")
    shares = {f"{share:.0%}": _of_share(config, dataset, share, folder) for share in SHARES}
    phone = _on_phone(folder, choices, [one.text for one in dataset.split("dev")][:TIMED])
    f1 = mean_over_tasks(metrics["dev"], "weighted_f1")
    criteria = {
        "f1": f1,
        "macro": mean_over_tasks(metrics["dev"], "macro_f1"),
        "weakest": min(
            label["f1"] for task in metrics["dev"].values() for label in task["per_label"].values() if label["support"]
        ),
        "data": mean(shares.values()),
        "latency": phone["ms_p50"],
        "size": phone["bytes"],
        "memory": phone["peak_mb"],
        "time": seconds_of(folder / "all"),
    }
    return Candidate(name, criteria, shares | {"100%": f1}, metrics["dev"], metrics["test"], phone)


def mean_over_tasks(figures: dict[str, Any], name: str) -> float:
    """Return the mean of a score over the tasks."""
    return mean(task[name] for task in figures.values())


def part_of(dataset: Dataset, share: float, seed: int) -> Dataset:
    """Return the dataset with a share of its train utterances, drawn at random; the smaller part is in the larger."""
    places = [place for place, one in enumerate(dataset.utterances) if one.split == "train"]
    drawn = np.random.default_rng(seed).permutation(places)[round(share * len(places)) :]
    left_out = set(drawn.tolist())
    kept = (one for place, one in enumerate(dataset.utterances) if place not in left_out)
    return replace(dataset, utterances=tuple(kept))


def _of_share(config: FitConfig, dataset: Dataset, share: float, folder: Path) -> float:
    metrics = fit_once(config, part_of(dataset, share, config.seed), folder / f"{share:.0%}".rstrip("%"))
    return mean_over_tasks(metrics["dev"], "weighted_f1")


def _on_phone(folder: Path, choices: SelectChoices, texts: Sequence[str]) -> dict[str, Any]:
    recipe = choices.recipe
    kept = folder / f"phone.{recipe}.json"
    if not kept.is_file():
        bundle = folder.resolve() / "bundle"
        if not (bundle / "manifest.json").is_file():
            _build((folder / "all").resolve(), bundle, choices)
        write_file(kept, _call("training.selection.probe", str(bundle), recipe, texts=texts).encode())
    values: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return values


def _build(run: Path, bundle: Path, choices: SelectChoices) -> None:
    lengths = [length for length in BUCKETS if length <= choices.max_length] or BUCKETS[:1]
    _call(
        *("converter", "build", str(run), "--out", str(bundle), "--overwrite"),
        *("--recipes", ",".join(dict.fromkeys(("fp32", choices.recipe)))),
        *("--lengths", ",".join(map(str, lengths))),
    )


def _call(module: str, *words: str, texts: Sequence[str] = ()) -> str:
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(
        command, input=json.dumps(list(texts)), capture_output=True, text=True, cwd=_ROOT, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise UndertoneError(f"python -m {module} to succeed", said, "see that it runs by itself")
    return done.stdout
