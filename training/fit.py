"""Fine-tune a multitask model and write its run folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine import npz
from mobile_app.engine.command_line import note
from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.files import new_folder
from mobile_app.engine.task import Task
from mobile_app.engine.tokenizer import Tokenizer
from training import checkpoint
from training.architecture import LINEAR, PROTOTYPES
from training.backbone import Backbone
from training.backbone_choice import choose_backbone
from training.base_separators import fit_base_separators
from training.class_weights import ADAPTIVE
from training.config import ALONE, FitConfig
from training.datasets import SPLITS, Dataset, load
from training.distribution import Distribution
from training.epochs import Outcome, train_epochs
from training.evaluate import Outputs, predict_ids
from training.examples import Examples
from training.loop import NonFiniteLossError, TrainingLoop
from training.model import MultitaskModel
from training.partial import PartialRun, Progress
from training.provenance import provenance_of
from training.run_metrics import dev_figures, reliability_of, run_metrics, tune_all
from training.soft_labels import with_soft_labels
from training.teacher import Teacher
from training.tensorflow import keras, tf
from training.word_deletion import WordDeletion

_LEARNED_FROM_ONE = {
    LINEAR: "it is learned by heart",
    PROTOTYPES: "its loss is left out, since no other utterance makes a prototype to compare it with",
}


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
        return predict_ids(self.model, tasks, self.examples[split].ids, self.backbone.tokenizer.engine.pad_id)


def fit(
    config: FitConfig,
    out: Path,
    *,
    data_dir: Path | None = None,
    baselines: bool = True,
    resume: bool = False,
    overwrite: bool = False,
    command: Sequence[str] = (),
    distribution: Distribution | None = None,
) -> dict[str, Any]:
    """Fine-tune, choose the best epoch on dev, and write the run folder.

    Until it is finished its state is in ``.NAME.partial`` beside ``out``, one epoch at a time.

    :param out: the run folder.
    :param data_dir: the folder with the published datasets.
    :param baselines: whether to fit and report the majority and TF-IDF rows too.
    :param resume: whether to continue a run that was stopped; starts from the beginning where there is none.
    :param overwrite: whether a run folder, or the state of a stopped run, may be replaced.
    :param command: the command line, for the provenance.
    :param distribution: over which replicas; None: this processor alone.
    :return: the content of ``metrics.json``; nothing from a worker that is not the chief.
    :raises UndertoneError: if the data or the backbone cannot be used, ``out`` is not free, or a worker was lost.
    :raises CheckFailedError: if the loss became NaN; the run folder then holds the best epoch before it, if any.
    """
    require_free(out, overwrite=overwrite)
    dataset = load(config.data, data_dir=data_dir, tasks=config.tasks)
    dataset.report_rejected()
    return fit_dataset(
        config,
        dataset,
        out,
        baselines=baselines,
        resume=resume,
        overwrite=overwrite,
        command=command,
        distribution=distribution,
    )


def fit_dataset(
    config: FitConfig,
    dataset: Dataset,
    out: Path,
    *,
    baselines: bool = True,
    resume: bool = False,
    overwrite: bool = False,
    command: Sequence[str] = (),
    distribution: Distribution | None = None,
) -> dict[str, Any]:
    """Do what :func:`fit` does with a dataset that is read already, such as a fold or a part of one.

    :param config: its ``data`` and ``tasks`` are those of the dataset.
    """
    require_free(out, overwrite=overwrite)
    _check(config, dataset)
    distribution = distribution or Distribution()
    _check_distribution(config, distribution)
    teachers = [Teacher(Path(one), out.parent / ".teacher") for one in (config.teacher or "").split(",") if one]
    known = {"teachers sha256": [one.sha256 for one in teachers]} if teachers else {}
    return train_run(
        config,
        dataset,
        lambda: prepare(config, dataset, distribution, teachers),
        out,
        PartialRun(out, {**config.to_dict(), "data sha256": dataset.sha256, **known}),
        provenance_of(dataset, seed=config.seed, command=command)
        | ({"teachers": [one.about for one in teachers]} if teachers else {}),
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
    partial.make_way(resume=resume, overwrite=overwrite)
    parts = prepare()
    try:
        outcome = _train(dataset.tasks, parts, partial, resume=resume)
    except NonFiniteLossError as error:
        raise error.told("nothing was written") from error
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        raise UndertoneError(
            "all workers until the end",
            f"one was lost ({type(error).__name__})",
            "start all of them again with --resume",
        ) from error
    if not parts.loop.is_chief:
        note("trained along; the first worker writes the run folder")
        return {}
    metrics = write_run(config, dataset, parts, outcome, out, provenance, baselines=baselines, overwrite=overwrite)
    partial.remove()
    if outcome.failure:
        kept = f"{out} holds epoch {outcome.progress.best_epoch}, the best one before it"
        raise outcome.failure.told(kept) from outcome.failure
    return metrics


def _check(config: FitConfig, dataset: Dataset) -> None:
    names = [task.name for task in dataset.tasks]
    if unknown := sorted(set(config.loss_weights) - set(names)):
        raise UndertoneError(
            f"--loss-weights for the tasks of the run ({', '.join(names)})", ", ".join(unknown), "correct the names"
        )
    if config.cross_attention and len(names) < 2:
        raise UndertoneError(
            "--cross-attention with two tasks, between which it goes", ", ".join(names), "leave it out or add a task"
        )
    for split in SPLITS:
        dataset.split(split)
    for task in dataset.tasks:
        counts = dataset.label_counts(task.name, "train")
        seen = [label for label, count in counts.items() if count]
        if len(seen) < 2:
            raise DataError(
                f"at least two labels of task {task.name} among the train utterances of {dataset.name}",
                ", ".join(seen) or "none",
                "add labelled utterances, or leave the task out with --tasks",
            )
        for few, effect in ((0, "it cannot be learned"), (1, _LEARNED_FROM_ONE[config.head])):
            if labels := [label for label, count in counts.items() if count == few]:
                note(f"{dataset.name}, task {task.name}: {few} train utterances of {', '.join(labels)}: {effect}")


def _check_distribution(config: FitConfig, distribution: Distribution) -> None:
    """Refuse what needs a whole batch in one place."""
    if distribution.kind == ALONE:
        return
    options = {
        "--head prototypes": config.head == PROTOTYPES,
        "--class-weights adaptive": config.class_weights == ADAPTIVE,
    }
    if refused := [name for name, chosen in options.items() if chosen]:
        raise UndertoneError(
            f"a loss that is a sum over utterances with --distribute {distribution.kind}",
            " and ".join(refused),
            "leave out one of them",
        )


def prepare(
    config: FitConfig, dataset: Dataset, distribution: Distribution | None = None, teachers: Sequence[Teacher] = ()
) -> Parts:
    """Make what training needs.

    :param teachers: those of the configuration, read.
    """
    distribution = distribution or Distribution()
    with distribution.scope():
        return _prepare(config, dataset, distribution, teachers)


def _prepare(config: FitConfig, dataset: Dataset, distribution: Distribution, teachers: Sequence[Teacher]) -> Parts:
    keras.utils.set_random_seed(config.seed)
    texts = (utterance.text for utterance in dataset.split("train"))
    choice = choose_backbone(config.backbone, texts, dataset.tasks, max_length=config.max_length)
    backbone, heads = choice.backbone, choice.heads
    # From here on nothing depends on how many random numbers the backbone drew.
    keras.utils.set_random_seed(config.seed)
    model = MultitaskModel(
        backbone.model,
        dataset.tasks,
        pooling=config.pooling,
        dropout=config.dropout,
        architecture=config.architecture,
    )
    if heads is not None:
        model.load_fitting_weights(heads)
    tokenizer = backbone.tokenizer.engine
    examples = {
        split: Examples.of(dataset.split(split), dataset.tasks, tokenizer, config.max_length) for split in SPLITS
    }
    learned = examples["train"]
    if teachers:
        learned = with_soft_labels(learned, dataset.split("train"), dataset.tasks, teachers, config.soft_share)
    loop = TrainingLoop(
        model,
        dataset.tasks,
        learned,
        config,
        pad_id=tokenizer.pad_id,
        deletion=_word_deletion(config, dataset, tokenizer),
        distribution=distribution,
    )
    return Parts(backbone, loop, examples)


def _word_deletion(config: FitConfig, dataset: Dataset, tokenizer: Tokenizer) -> WordDeletion | None:
    if not config.word_deletion:
        return None
    texts = [utterance.text for utterance in dataset.split("train")]
    return WordDeletion(texts, tokenizer, config.max_length, share=config.word_deletion, seed=config.seed)


def _train(tasks: Sequence[Task], parts: Parts, partial: PartialRun, *, resume: bool) -> Outcome:
    def score() -> tuple[float, dict[str, Any]]:
        return dev_figures(tasks, parts.examples["dev"], parts.outputs(tasks, "dev"))

    return train_epochs(parts.loop, score, partial, resume=resume)


def write_run(
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
    """Write the run folder of a model as it is, with the scores of every split, and return ``metrics.json``."""
    outputs = {split: parts.outputs(dataset.tasks, split) for split in SPLITS}
    tasks = tune_all(dataset.tasks, parts.examples["dev"], outputs["dev"])
    metrics = run_metrics(dataset, tasks, parts.examples, outputs, baselines=baselines)
    metrics["best_epoch"] = outcome.progress.best_epoch
    heads = parts.model.linear_heads()
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
        _draw(folder, tasks, parts.examples, outputs, outcome.progress)
    note(f"wrote {out}")
    return metrics


def _draw(
    folder: Path,
    tasks: Sequence[Task],
    examples: dict[str, Examples],
    outputs: dict[str, Outputs],
    progress: Progress,
) -> None:
    from training.plots import draw_confusions
    from training.run_plots import draw_curves, draw_reliability

    if progress.history:
        draw_curves(folder / "curves.png", tasks, progress.history, progress.best_epoch)
    for split in ("dev", "test"):
        for task in tasks:
            draw_confusions(folder / f"confusion.{task.name}.{split}.png", task, split, examples[split], outputs[split])
            reliability = reliability_of(task, examples[split], outputs[split].probabilities[task.name])
            draw_reliability(folder / f"reliability.{task.name}.{split}.png", task, split, reliability)
