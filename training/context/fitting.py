"""Train a context model beside its twin without context, and write its run folder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import note
from mobile_app.engine.errors import DataError
from mobile_app.engine.files import new_folder
from training.checkpoint import HISTORY_FILE, METRICS_FILE, write_json
from training.context.batches import ContextExamples
from training.context.checkpoint import save_context_run
from training.context.config import ContextConfig
from training.context.loop import ContextLoop
from training.context.model import ContextModel
from training.context.predicting import predict_examples
from training.context.vectors import Vectors, vectors_of
from training.datasets import SPLITS, Dataset, load
from training.epochs import Outcome, train_epochs
from training.evaluate import Outputs
from training.examples import Examples
from training.fit import require_free
from training.loop import NonFiniteLossError
from training.partial import PartialRun
from training.provenance import provenance_of
from training.run_metrics import REPORTED, dev_figures, run_metrics, tune_all
from training.tensorflow import keras


@dataclass(frozen=True)
class _Trained:
    """A model with its best epoch's weights.

    :param outputs: what it says, per split.
    """

    loop: ContextLoop
    outcome: Outcome
    examples: dict[str, Examples]
    outputs: dict[str, Outputs]


def fit_context(
    config: ContextConfig,
    out: Path,
    *,
    data_dir: Path | None = None,
    cache: Path | None = None,
    twin: bool = True,
    baselines: bool = True,
    resume: bool = False,
    overwrite: bool = False,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Make the vectors, train over the dialogues, choose the best epoch on dev, and write the run folder.

    The twin is the same network on the same vectors with the same seed, but it sees one utterance at a time: what is
    better than the twin is the context's doing. Unfinished states are beside ``out``, as those of ``training fit``.

    :param cache: where vectors are kept; None: ``.vectors`` beside ``out``.
    :param twin: whether to train the twin too.
    :param baselines: whether to fit and report the majority and TF-IDF rows too.
    :return: the content of ``metrics.json``.
    :raises UndertoneError: if the data or the backbone cannot be used, or ``out`` is not free.
    :raises CheckFailedError: if the loss became NaN; the run folder then holds the best epoch before it, if any.
    """
    require_free(out, overwrite=overwrite)
    dataset = load(config.data, data_dir=data_dir, tasks=config.tasks)
    dataset.report_rejected()
    require_dialogues(dataset)
    configs = [config, replace(config, window=1)] if twin and config.window > 1 else [config]
    names = (out, out.with_name(f"{out.name}.alone"))
    fingerprint = {**config.to_dict(), "data sha256": dataset.sha256}
    partials = [PartialRun(name, fingerprint) for name, _ in zip(names, configs, strict=False)]
    for partial in partials:
        partial.make_way(resume=resume, overwrite=overwrite)
    vectors = vectors_of(config, dataset, cache or out.parent / ".vectors")
    trained = [_train(one, dataset, vectors, at, resume=resume) for one, at in zip(configs, partials, strict=True)]
    metrics = _metrics(dataset, trained, baselines=baselines)
    provenance = provenance_of(dataset, seed=config.seed, command=command)
    _write(out, dataset, trained, vectors, metrics, provenance, overwrite=overwrite)
    for partial in partials:
        partial.remove()
    for one in trained:
        if one.outcome.failure:
            kept = f"{out} holds the best epoch before it"
            raise one.outcome.failure.told(kept) from one.outcome.failure
    return metrics


def require_dialogues(dataset: Dataset) -> None:
    """Refuse data without context, and dialogues of which a model would have seen a part in training.

    :raises DataError: if no dialogue has two utterances, or one is in two splits.
    """
    splits: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for utterance in dataset.utterances:
        if utterance.dialogue is not None:
            splits.setdefault(utterance.dialogue, set()).add(utterance.split)
            counts[utterance.dialogue] = counts.get(utterance.dialogue, 0) + 1
    if max(counts.values(), default=0) < 2:
        raise DataError(
            f"dialogues of two utterances or more in {dataset.name}",
            "none",
            "choose data with dialogues; in your own file, a column 'dialogue' names that of each row",
        )
    if torn := sorted(name for name, found in splits.items() if len(found) > 1):
        raise DataError(
            f"each dialogue of {dataset.name} in one split",
            f"{torn[0]} in {' and '.join(sorted(splits[torn[0]]))}" + (f", and {len(torn) - 1} more" * (len(torn) > 1)),
            "put whole dialogues into a split",
        )


def _train(config: ContextConfig, dataset: Dataset, vectors: Vectors, partial: PartialRun, *, resume: bool) -> _Trained:
    tasks = dataset.tasks
    sequences = {
        split: ContextExamples.of(dataset.split(split), vectors.arrays[split], tasks, config) for split in SPLITS
    }
    examples = {split: Examples((), one.targets, one.masks) for split, one in sequences.items()}
    keras.utils.set_random_seed(config.seed)
    model = ContextModel(config, tasks, vectors.arrays["train"].shape[1])
    model.standardise(vectors.arrays["train"])
    loop = ContextLoop(model, tasks, sequences["train"], config)

    def score() -> tuple[float, dict[str, Any]]:
        return dev_figures(tasks, examples["dev"], predict_examples(model, tasks, sequences["dev"]))

    try:
        # The loop has all that the epochs ask of one.
        outcome = train_epochs(loop, score, partial, resume=resume)
    except NonFiniteLossError as error:
        raise error.told("nothing was written") from error
    outputs = {split: predict_examples(model, tasks, sequences[split]) for split in REPORTED}
    return _Trained(loop, outcome, examples, outputs)


def _metrics(dataset: Dataset, trained: Sequence[_Trained], *, baselines: bool) -> dict[str, Any]:
    figures = []
    for number, one in enumerate(trained):
        tasks = tune_all(dataset.tasks, one.examples["dev"], one.outputs["dev"])
        found = run_metrics(dataset, tasks, one.examples, one.outputs, baselines=baselines and number == 0)
        figures.append(found | {"best_epoch": one.outcome.progress.best_epoch})
    if len(trained) == 1:
        return figures[0]
    with_context, alone = figures
    gain = {
        split: {
            task.name: with_context[split][task.name]["weighted_f1"] - alone[split][task.name]["weighted_f1"]
            for task in dataset.tasks
        }
        for split in REPORTED
    }
    return with_context | {"without_context": alone, "gain_weighted_f1": gain}


def _write(
    out: Path,
    dataset: Dataset,
    trained: Sequence[_Trained],
    vectors: Vectors,
    metrics: dict[str, Any],
    provenance: dict[str, Any],
    *,
    overwrite: bool,
) -> None:
    from training.plots import draw_confusions

    first = trained[0]
    tasks = tune_all(dataset.tasks, first.examples["dev"], first.outputs["dev"])
    names = ("with_context", "without_context")
    with new_folder(out, overwrite=overwrite) as folder:
        save_context_run(folder, first.loop.model, tasks=tasks, vectors_sha256=vectors.sha256, provenance=provenance)
        write_json(folder / METRICS_FILE, metrics)
        histories = {name: one.outcome.progress.history for name, one in zip(names, trained, strict=False)}
        write_json(folder / HISTORY_FILE, histories)
        for split in REPORTED:
            for task in tasks:
                path = folder / f"confusion.{task.name}.{split}.png"
                draw_confusions(path, task, split, first.examples[split], first.outputs[split])
    note(f"wrote {out}")
