"""From the choices to the tables: backbone after backbone, each part kept, so that a stopped command continues."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mobile_app.engine.command_line import note
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import write_file
from mobile_app.engine.task import Task
from training import checkpoint
from training.backbone import Backbone
from training.backbone_choice import choose_backbone
from training.baselines import majority, tfidf
from training.datasets import SPLITS, Dataset, load
from training.run_metrics import REPORTED
from training.separator_tables.candidates import linear, rows_of
from training.separator_tables.choices import SeparatorChoices, name_of, place_of
from training.separator_tables.frozen import MEAN, FrozenFeatures, wide
from training.separator_tables.labelled import Floats, Labelled, Splits
from training.separator_tables.pretraining import pretrained
from training.separator_tables.speakers import speaker_baselines, speaker_rows
from training.tensorflow import keras

RESULTS_FILE, PAGE_FILE, PICTURE_FILE = "separators.json", "separators.md", "separators.png"


def separators(choices: SeparatorChoices, out: Path, *, data_dir: Path | None = None) -> dict[str, Any]:
    """Measure every backbone and write ``separators.json``, ``separators.md`` and ``separators.png``.

    Features, pre-trained runs and finished parts are kept in the folder; what is there already is not computed again.

    :param out: the folder.
    :return: the content of ``separators.json``.
    :raises UndertoneError: if the data or a backbone cannot be used.
    """
    tasks = (choices.task,) if choices.task else None
    dataset = load(choices.data, data_dir=data_dir, tasks=tasks)
    dataset.report_rejected()
    task = dataset.tasks[0]
    for split in SPLITS:
        if not any(task.name in one.labels for one in dataset.split(split)):
            raise UndertoneError(f"labels of {task.name} in split {split}", "none", "choose other data or --task")
    parts = Parts(out, choices, dataset)
    results: dict[str, Any] = {
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        "task": task.name,
        "choices": {**asdict(choices), "backbones": list(map(name_of, choices.backbones)), "data": dataset.name},
        "baselines": parts.get("baselines", lambda: _baselines(dataset, task)),
        "backbones": {
            name: _of_backbone(path, about, choices, dataset, task, parts)
            for name, path, about in _backbones(choices, out, data_dir)
        },
        "speaker_baselines": parts.get(
            "speaker baselines", lambda: list(speaker_baselines(dataset, task.name, choices.seed))
        ),
    }
    _write(out, results)
    return results


class Parts:
    """What is finished: a JSON file for each part, named by a hash of all that it depends on."""

    def __init__(self, out: Path, choices: SeparatorChoices, dataset: Dataset) -> None:
        values = {key: value for key, value in asdict(choices).items() if key != "backbones"}
        self.folder, self._about = out / "parts", json.dumps([values, dataset.sha256], sort_keys=True)

    def get(self, name: str, make: Any) -> Any:
        """Return a part, computed if it is not there."""
        digest = hashlib.sha256(f"{self._about} {name}".encode()).hexdigest()[:16]
        path = self.folder / f"{digest}.json"
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
        value = json.loads(json.dumps(make(), allow_nan=False))
        write_file(path, json.dumps(value).encode())
        return value


def _backbones(
    choices: SeparatorChoices, out: Path, data_dir: Path | None
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what each row of a table is called, where its backbone is, and how it was pre-trained."""
    for backbone in choices.backbones:
        name, place = name_of(backbone), place_of(backbone)
        yield name, place, _origin(Path(place))
        if choices.pretrain:
            for stage, path in pretrained(name, place, choices, out / "pretrained", data_dir).items():
                yield f"{name}, {choices.pretrain} {stage}", str(path), {"stage": stage, **_origin(path)}


def _origin(path: Path) -> dict[str, Any]:
    if not checkpoint.is_run(path):
        return {}
    provenance = checkpoint.read_json(path / checkpoint.CONFIG_FILE)["provenance"]
    return {
        "trained_on": provenance["data"],
        "seed": provenance["seed"],
        **({"stopped_at": provenance["stopped_at"]} if "stopped_at" in provenance else {}),
    }


def _of_backbone(
    path: str, about: Mapping[str, Any], choices: SeparatorChoices, dataset: Dataset, task: Task, parts: Parts
) -> dict[str, Any]:
    note(f"backbone {name_of(path)}")
    keras.utils.set_random_seed(choices.seed)  # of one that is built in place
    texts = (one.text for one in dataset.split("train"))
    backbone: Backbone = choose_backbone(path, texts, (), max_length=choices.max_length).backbone
    frozen = FrozenFeatures(backbone, choices.max_length, parts.folder.parent / "features")
    features, key = frozen.of(dataset), frozen.name(dataset)

    def splits(x: Mapping[str, Floats]) -> Splits:
        return Splits(task, *(Labelled.of(task, dataset.split(split), x[split]) for split in SPLITS))

    plain = splits({split: ways[MEAN] for split, ways in features.items()})
    row: dict[str, Any] = {"n_features": plain.n_features, "source": backbone.source, **about}
    if np.ptp(plain.train.x, axis=0).max() == 0.0:
        raise UndertoneError(f"features of {name_of(path)} that vary", "the same for every utterance", "look at it")
    for name, fit in tqdm(list(rows_of(plain, choices)), desc="separators", unit="row", disable=None, leave=False):
        row[name] = parts.get(f"{key} {name}", lambda fit=fit: fit().to_dict())
    row["Linear, wide"] = parts.get(
        f"{key} wide", lambda: linear(splits({split: wide(ways) for split, ways in features.items()})).to_dict()
    )
    row["speakers"] = parts.get(
        f"{key} speakers", lambda: list(speaker_rows(plain, dataset, choices, linear(plain).separator))
    )
    return row


def _baselines(dataset: Dataset, task: Task) -> dict[str, Any]:
    rows = {}
    for fit in (majority, tfidf):
        result = fit(dataset, task.name)
        rows[result.name] = {"setting": result.settings} | {
            split: {
                "n": result.metrics[split].n,
                "weighted_f1": result.metrics[split].weighted_f1,
                "macro_f1": result.metrics[split].macro_f1,
                "accuracy": result.metrics[split].accuracy,
            }
            for split in REPORTED
        }
    return rows


def _write(out: Path, results: Mapping[str, Any]) -> None:
    from training.separator_tables.plots import draw
    from training.separator_tables.tables import page

    write_file(out / PAGE_FILE, page(results).encode())
    picture = out / f".{PICTURE_FILE}"
    draw(picture.with_suffix(".png"), results)
    picture.replace(out / PICTURE_FILE)
    write_file(out / RESULTS_FILE, (json.dumps(results, ensure_ascii=False, indent=2) + "\n").encode())
