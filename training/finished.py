"""Runs that are part of a larger experiment: made once, taken as they are when the experiment continues."""

from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError
from training import checkpoint
from training.config import FitConfig
from training.datasets import Dataset
from training.fit import fit_dataset


def fit_once(config: FitConfig, dataset: Dataset, out: Path) -> dict[str, Any]:
    """Return the ``metrics.json`` of a run: of the one that is there, else of one that is made or continued.

    :raises UndertoneError: if the one that is there was made by other choices or of other data.
    """
    if not checkpoint.is_run(out):
        return fit_dataset(config, dataset, out, baselines=False, resume=True)
    found = checkpoint.read_json(out / checkpoint.CONFIG_FILE)
    same = FitConfig.from_dict(found["fit"]) == config and found["provenance"]["sha256"] == dataset.sha256
    if not same:
        raise UndertoneError(
            f"the run in {out} to be one of this experiment", "other choices or data", "choose another --out"
        )
    metrics: dict[str, Any] = checkpoint.read_json(out / checkpoint.METRICS_FILE)
    return metrics


def seconds_of(run: Path) -> float:
    """Return how long a run trained, its looks at dev included."""
    return float(sum(entry["seconds"] for entry in checkpoint.read_json(run / checkpoint.HISTORY_FILE)))
