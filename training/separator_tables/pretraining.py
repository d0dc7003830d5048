"""Task-specific pre-training: fine-tuning on another emotion dataset, stopped at a share of its final score.

A backbone that has learned all it can of one dataset has also learned what belongs to that dataset alone; the paper
stops at about 80 % of the final score. So a first run goes to the end, which gives the final dev score, and a second
one, the same to the last random number, stops at the first look at dev that reaches the share.
"""

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import note
from training import checkpoint
from training.batches import steps_per_epoch
from training.config import FitConfig
from training.datasets import Dataset, load
from training.epochs import Outcome
from training.fit import fit_dataset, prepare, write_run
from training.partial import Progress
from training.provenance import provenance_of
from training.run_metrics import dev_figures
from training.separator_tables.choices import SeparatorChoices

LOOKS = 8  # at dev in an epoch


def pretrained(
    name: str, backbone: str, choices: SeparatorChoices, folder: Path, data_dir: Path | None
) -> dict[str, Path]:
    """Return the run folders of a backbone after pre-training: ``stopped`` at the share, and ``final``.

    Runs that are there already are taken as they are, and one that was interrupted is continued.

    :param folder: where they are kept.
    """
    assert choices.pretrain is not None
    tasks = (choices.pretrain_task,) if choices.pretrain_task else None
    config = FitConfig(
        data=choices.pretrain,
        backbone=backbone,
        tasks=tasks,
        epochs=choices.pretrain_epochs,
        learning_rate=choices.pretrain_rate,
        max_length=choices.max_length,
        seed=choices.seed,
    )
    runs = {kind: folder / f"{name}-{choices.pretrain}-{kind}" for kind in ("final", "stopped")}
    if all(checkpoint.is_run(path) for path in runs.values()):
        return runs
    dataset = load(choices.pretrain, data_dir=data_dir, tasks=tasks)
    if not checkpoint.is_run(runs["final"]):
        fit_dataset(config, dataset, runs["final"], baselines=False, resume=True)
    if not checkpoint.is_run(runs["stopped"]):
        stop_at(choices.share * final_score(runs["final"]), config, dataset, runs["stopped"])
    return runs


def final_score(run: Path) -> float:
    """Return the best dev score of a run."""
    history = json.loads((run / checkpoint.HISTORY_FILE).read_text(encoding="utf-8"))
    return float(max(entry["dev_score"] for entry in history))


def stop_at(wanted: float, config: FitConfig, dataset: Dataset, out: Path) -> None:
    """Fine-tune until the score on dev, looked at 8 times an epoch, reaches a value, or to the end; write the run."""
    parts = prepare(config, dataset)
    n_steps = steps_per_epoch(len(parts.examples["train"]), config.batch_size)
    curve: list[tuple[int, float]] = []

    def reached(n_batches: int, epoch: int) -> bool:
        if n_batches % max(1, n_steps // LOOKS):
            return False
        score, figures = dev_figures(dataset.tasks, parts.examples["dev"], parts.outputs(dataset.tasks, "dev"))
        curve.append(((epoch - 1) * n_steps + n_batches, score))
        dev.update(figures)
        return score >= wanted

    history: list[dict[str, Any]] = []
    dev: dict[str, Any] = {}  # at the latest look
    for epoch in range(1, config.epochs + 1):
        start = time.perf_counter()
        losses = parts.loop.run_epoch(epoch, partial(reached, epoch=epoch))
        seconds = round(time.perf_counter() - start, 2)
        entry = {"epoch": epoch, "loss": losses, "dev_score": curve[-1][1], "dev": dict(dev), "seconds": seconds}
        history.append(entry)
        if curve[-1][1] >= wanted:
            break
    batches, score = curve[-1]
    note(f"pre-training stopped after {batches} batches at dev {score:.4f}; {wanted:.4f} was wanted")
    stopped = {"dev_score": score, "wanted": wanted, "batches": batches, "curve": curve}
    provenance = provenance_of(dataset, seed=config.seed, command=()) | {"stopped_at": stopped}
    outcome = Outcome(Progress(history, best_epoch=len(history)))
    write_run(config, dataset, parts, outcome, out, provenance, baselines=False, overwrite=False)
