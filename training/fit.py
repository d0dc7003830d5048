"""Fine-tune a multitask model and write its run folder."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine import npz
from mobile_app.engine.command_line import note
from mobile_app.engine.errors import CheckFailedError, DataError, UndertoneError
from mobile_app.engine.files import new_folder
from mobile_app.engine.task import Task
from training import checkpoint
from training.backbone import Backbone, pretrained_backbone, tiny_backbone
from training.base_separators import fit_base_separators
from training.config import POCKET, TINY, FitConfig
from training.datasets import SPLITS, Dataset, load
from training.epochs import Outcome, train_epochs
from training.evaluate import Outputs, predict_ids
from training.examples import Examples
from training.loop import NonFiniteLossError, TrainingLoop
from training.model import MultitaskModel
from training.partial import PartialRun
from training.provenance import provenance_of
from training.run_metrics import dev_figures, run_metrics, tune_all
from training.shipped import shipped_backbone, shipped_heads
from training.tensorflow import keras


@dataclass(frozen=True)
class Parts:
    """What training needs, made from choices and data alone: the same ones give the same parts.

    :param loop: with the model and the train split it learns from.
    :param examples: per split, with the labels that people gave.
    """

    backbone: Backbone
    loop: TrainingLoop
    examples: dict[str, Examples]

    @property
    def model(self) -> MultitaskModel:
        """The model that is trained."""
        return self.loop.model

    def outputs(self, tasks: Sequence[Task], split: str) -> Outputs:
        """Return what the model, as it is, says about a split."""
        return predict_ids(self.model, tasks, self.examples[split].ids, self.backbone.tokenizer.wordpiece.pad_id)


def fit(
    config: FitConfig,
    out: Path,
    *,
    data_dir: Path | None = None,
    baselines: bool = True,
    resume: bool = False,
    overwrite: bool = False,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Fine-tune, choose the best epoch on dev, and write the run folder.

    Until it is finished its state is in ``.NAME.partial`` beside ``out``, one epoch at a time.

    :param out: the run folder.
    :param data_dir: the folder with the published datasets.
    :param baselines: whether to fit and report the majority and TF-IDF rows too.
    :param resume: whether to continue a run that was stopped; starts from the beginning where there is none.
    :param overwrite: whether a run folder, or the state of a stopped run, may be replaced.
    :param command: the command line, for the provenance.
    :return: the content of ``metrics.json``.
    :raises UndertoneError: if the data or the backbone cannot be used, or ``out`` is not free.
    :raises CheckFailedError: if the loss became NaN; the run folder then holds the best epoch before it, if any.
    """
    require_free(out, overwrite=overwrite)
    dataset = load(config.data, data_dir=data_dir, tasks=config.tasks)
    dataset.report_rejected()
    _check(config, dataset)
    return train_run(
        config,
        dataset,
        lambda: _prepare(config, dataset),
        out,
        PartialRun(out, {**config.to_dict(), "data sha256": dataset.sha256}),
        provenance_of(dataset, seed=config.seed, command=command),
        baselines=baselines,
        resume=resume,
        overwrite=overwrite,
    )


def require_free(out: Path, *, overwrite: bool) -> None:
    """Refuse a place that is taken, before anything is computed.

    :raises UndertoneError: if there is something that may not be replaced.
    """
    if out.exists() and not overwrite:
        raise UndertoneError("a path that is free", f"{out} exists", "choose another path or add --overwrite")


def train_run(
    config: FitConfig,
    dataset: Dataset,
    prepare: Callable[[], Parts],
    out: Path,
    partial: PartialRun,
    provenance: dict[str, Any],
    *,
    baselines: bool,
    resume: bool,
    overwrite: bool,
) -> dict[str, Any]:
    """Train what ``prepare`` makes, choose the best epoch on dev, and write the run folder.

    :param prepare: called once it is sure that training may begin.
    :param partial: the state of the unfinished run.
    :return: the content of ``metrics.json``.
    :raises UndertoneError: if an unfinished run is in the way.
    :raises CheckFailedError: if the loss became NaN; the run folder then holds the best epoch before it, if any.
    """
    _make_way(partial, resume=resume, overwrite=overwrite)
    parts = prepare()
    try:
        outcome = _train(dataset.tasks, parts, partial, resume=resume)
    except NonFiniteLossError as error:
        raise _stopped(error, "nothing was written") from error
    metrics = _write(config, dataset, parts, outcome, out, provenance, baselines=baselines, overwrite=overwrite)
    partial.remove()
    if outcome.failure:
        kept = f"{out} holds epoch {outcome.progress.best_epoch}, the best one before it"
        raise _stopped(outcome.failure, kept) from outcome.failure
    return metrics


def _check(config: FitConfig, dataset: Dataset) -> None:
    names = [task.name for task in dataset.tasks]
    if unknown := sorted(set(config.loss_weights) - set(names)):
        raise UndertoneError(
            f"--loss-weights for the tasks of the run ({', '.join(names)})", ", ".join(unknown), "correct the names"
        )
    for split in SPLITS:
        dataset.split(split)
    for task in dataset.tasks:
        seen = [label for label, count in dataset.label_counts(task.name, "train").items() if count]
        if len(seen) < 2:
            raise DataError(
                f"at least two labels of task {task.name} among the train utterances of {dataset.name}",
                ", ".join(seen) or "none",
                "add labelled utterances, or leave the task out with --tasks",
            )


def _make_way(partial: PartialRun, *, resume: bool, overwrite: bool) -> None:
    if resume or not partial.exists():
        return
    if not overwrite:
        raise UndertoneError(
            "no unfinished run of that name",
            str(partial.path),
            "continue it with --resume or discard it with --overwrite",
        )
    partial.remove()


def _prepare(config: FitConfig, dataset: Dataset) -> Parts:
    keras.utils.set_random_seed(config.seed)
    path = Path(config.backbone)
    heads = None
    if config.backbone == TINY:
        backbone = tiny_backbone(utterance.text for utterance in dataset.split("train"))
    elif config.backbone == POCKET:
        backbone, heads = shipped_backbone(), shipped_heads(dataset.tasks)
    elif checkpoint.is_run(path):
        backbone = checkpoint.backbone_of_run(path)
        heads = checkpoint.heads_of_run(path, dataset.tasks)
    else:
        backbone = pretrained_backbone(config.backbone, max_length=config.max_length)
    # From here on nothing depends on how many random numbers the backbone drew.
    keras.utils.set_random_seed(config.seed)
    model = MultitaskModel(backbone.model, dataset.tasks, pooling=config.pooling, dropout=config.dropout)
    if heads is not None:
        model.load_weights_by_name(heads, prefix="heads/")
    wordpiece = backbone.tokenizer.wordpiece
    examples = {
        split: Examples.of(dataset.split(split), dataset.tasks, wordpiece, config.max_length) for split in SPLITS
    }
    loop = TrainingLoop(model, dataset.tasks, examples["train"], config, pad_id=wordpiece.pad_id)
    return Parts(backbone, loop, examples)


def _train(tasks: Sequence[Task], parts: Parts, partial: PartialRun, *, resume: bool) -> Outcome:
    def score() -> tuple[float, dict[str, Any]]:
        return dev_figures(tasks, parts.examples["dev"], parts.outputs(tasks, "dev"))

    return train_epochs(parts.loop, score, partial, resume=resume)


def _write(
    config: FitConfig,
    dataset: Dataset,
    parts: Parts,
    outcome: Outcome,
    out: Path,
    provenance: dict[str, Any],
    *,
    baselines: bool,
    overwrite: bool,
) -> dict[str, Any]:
    outputs = {split: parts.outputs(dataset.tasks, split) for split in SPLITS}
    tasks = tune_all(dataset.tasks, parts.examples["dev"], outputs["dev"])
    metrics = run_metrics(dataset, tasks, parts.examples, outputs, baselines=baselines)
    metrics["best_epoch"] = outcome.progress.best_epoch
    heads = {name: (head.kernel.numpy(), head.bias.numpy()) for name, head in parts.model.heads.items()}
    separators = fit_base_separators(tasks, dataset.split("train"), outputs["train"].features, heads)
    with new_folder(out, overwrite=overwrite) as folder:
        checkpoint.save_run(
            folder,
            parts.model,
            parts.backbone.tokenizer,
            tasks=tasks,
            config=config,
            backbone_source=parts.backbone.source,
            provenance=provenance,
        )
        checkpoint.write_json(folder / checkpoint.METRICS_FILE, metrics)
        checkpoint.write_json(folder / checkpoint.HISTORY_FILE, outcome.progress.history)
        (folder / checkpoint.SEPARATORS_FILE).write_bytes(npz.pack(separators))
        _draw(folder, tasks, parts.examples, outputs)
    note(f"wrote {out}")
    return metrics


def _draw(folder: Path, tasks: Sequence[Task], examples: dict[str, Examples], outputs: dict[str, Outputs]) -> None:
    from training.plots import draw_confusions

    for split in ("dev", "test"):
        for task in tasks:
            draw_confusions(folder / f"confusion.{task.name}.{split}.png", task, split, examples[split], outputs[split])


def _stopped(error: NonFiniteLossError, kept: str) -> CheckFailedError:
    loss = "NaN" if math.isnan(error.loss) else str(error.loss)
    return CheckFailedError(
        "a finite loss",
        f"{loss} in epoch {error.epoch}, batch {error.batch}",
        f"lower --learning-rate or look at the data ({kept})",
    )
