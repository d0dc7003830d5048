"""Teach a smaller student what a fine-tuned model knows, and write its run folder."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mobile_app.engine.command_line import note
from mobile_app.engine.task import Task
from training.config import FitConfig
from training.datasets import SPLITS
from training.distill_config import FEATURES, RELATIONS, DistillConfig
from training.examples import Examples, tokenize
from training.fit import Parts, require_free, train_run
from training.initial_student import Axes, initial_student
from training.lessons import Lessons, prepare_lessons
from training.loop import TrainingLoop
from training.losses import task_losses
from training.model import MultitaskModel
from training.partial import PartialRun
from training.provenance import provenance_of
from training.teacher import Teacher
from training.tensorflow import keras, tf
from training.tokenizer import Tokenizer
from training.trimming import coverage, trim


def distill(
    config: DistillConfig,
    out: Path,
    *,
    data_dir: Path | None = None,
    cache: Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Distil, choose the best epoch on dev, and write an ordinary run folder.

    :param out: the run folder.
    :param data_dir: the folder with the published datasets.
    :param cache: where the teacher's answers are kept; None: ``.teacher`` beside ``out``.
    :param resume: whether to continue a distillation that was stopped.
    :param overwrite: whether a run folder, or the state of a stopped one, may be replaced.
    :param command: the command line, for the provenance.
    :return: the content of ``metrics.json``.
    :raises UndertoneError: if the teacher or the data cannot be used, or ``out`` is not free.
    :raises CheckFailedError: if the loss became NaN.
    """
    require_free(out, overwrite=overwrite)
    teacher = Teacher(Path(config.teacher), cache or out.parent / ".teacher")
    teacher.require_layers()
    lessons = prepare_lessons(config, teacher, data_dir)
    dataset = lessons.dataset
    weights = {task.name: config.fine_weight if task.is_multi_label else 1.0 for task in dataset.tasks}
    about = {**config.to_dict(), "teacher sha256": teacher.sha256, "data sha256": dataset.sha256}
    fit_config = config.fit_config(weights | {FEATURES: config.feature_weight, RELATIONS: config.relation_weight})
    return train_run(
        fit_config,
        dataset,
        lambda: _prepare(config, fit_config, teacher, lessons),
        out,
        PartialRun(out, about),
        {**provenance_of(dataset, seed=config.seed, command=command), "distillation": about, "teacher": teacher.about},
        baselines=False,
        resume=resume,
        overwrite=overwrite,
    )


def _prepare(config: DistillConfig, fit_config: FitConfig, teacher: Teacher, lessons: Lessons) -> Parts:
    keras.utils.set_random_seed(config.seed)
    dataset = lessons.dataset
    train_texts = [utterance.text for utterance in dataset.split("train")]
    vocabulary = trim(Tokenizer(teacher.run.tokenizer, teacher.run.tokenizer_spec), train_texts, config.vocabulary)
    axes = Axes.of(lessons.features[: len(train_texts)], config.features)
    backbone = initial_student(config, teacher.run, vocabulary, axes)
    keras.utils.set_random_seed(config.seed)
    model = MultitaskModel(backbone.model, dataset.tasks, pooling="mean", dropout=fit_config.dropout)
    wordpiece = backbone.tokenizer.wordpiece
    fits = coverage(wordpiece, [utterance.text for utterance in dataset.split("dev")])
    note(f"{len(wordpiece.pieces)} pieces: dev texts have {fits.tokens:.1f} tokens, {fits.unknown:.3%} of them unknown")
    examples = {
        split: Examples.of(dataset.split(split), dataset.tasks, wordpiece, config.max_length) for split in SPLITS
    }
    targets = {**lessons.targets, FEATURES: axes.project(lessons.features)}
    learned = Examples(
        ids=tokenize(lessons.texts, wordpiece, config.max_length),
        targets=targets,
        masks={name: np.ones(len(lessons.texts), np.float32) for name in targets},
    )
    # The length of a mean answer: with it, features that are all 0 have loss 1, whatever the teacher's scale.
    scale = float(np.square(targets[FEATURES], dtype=np.float64).sum(axis=1).mean())
    losses = partial(_losses, dataset.tasks, scale, config.relation_weight > 0)
    return Parts(
        backbone,
        TrainingLoop(model, dataset.tasks, learned, fit_config, pad_id=wordpiece.pad_id, losses=losses),
        examples,
    )


def _losses(
    tasks: Sequence[Task],
    scale: float,
    related: bool,
    outputs: Mapping[str, Any],
    targets: Mapping[str, Any],
    masks: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the loss of each task, and how far the features are from the teacher's, singly and among each other."""
    said, wanted = outputs[FEATURES], targets[FEATURES]
    distance = tf.reduce_sum(tf.math.squared_difference(said, wanted), axis=1)
    losses = {**task_losses(tasks, outputs, targets, masks), FEATURES: tf.reduce_mean(distance) / scale}
    return {**losses, RELATIONS: relation_loss(said, wanted)} if related else losses


def relation_loss(features: Any, others: Any) -> Any:
    """Return how differently two models see which utterances of a batch are alike.

    The mean squared difference of their cosine similarities, utterance against utterance: similarity-preserving
    distillation (Tung and Mori 2019, equation 4, with rows normalised before their products).

    :param features: ``[n, d]``.
    :param others: ``[n, e]``; no gradient is needed.
    """
    similarities = [tf.matmul(unit, unit, transpose_b=True) for unit in (_unit(features), _unit(others))]
    return tf.reduce_mean(tf.math.squared_difference(*similarities))


def _unit(features: Any) -> Any:
    return tf.math.l2_normalize(tf.cast(features, tf.float32), axis=1)
