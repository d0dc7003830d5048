"""The training loop: seeded per epoch, with a state that can be saved and restored."""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mobile_app.engine.errors import CheckFailedError
from mobile_app.engine.task import Task
from training.batches import Batch, steps_per_epoch, training_batches
from training.config import FitConfig
from training.distribution import Distribution, total_over_replicas
from training.examples import Examples
from training.model import MultitaskModel
from training.objective import Objective
from training.precision import products_in
from training.prototypes import TrainPrototypes
from training.radam import RAdam
from training.sampling import Oversampling
from training.schedule import WarmupLinearDecay
from training.tensorflow import keras, tf
from training.word_deletion import WordDeletion


class NonFiniteLossError(ArithmeticError):
    """The loss became NaN or infinite.

    :param batch: the place of the batch in its epoch, counted from 1.
    """

    def __init__(self, epoch: int, batch: int, loss: float) -> None:
        self.epoch, self.batch, self.loss = epoch, batch, loss
        super().__init__(f"loss {loss} in epoch {epoch}, batch {batch}")

    def told(self, kept: str) -> CheckFailedError:
        """Return the error that a person reads.

        :param kept: what there is of the run.
        """
        return CheckFailedError(
            "a finite loss",
            f"{'NaN' if math.isnan(self.loss) else self.loss} in epoch {self.epoch}, batch {self.batch}",
            f"lower --learning-rate or look at the data ({kept})",
        )


ADAMW_DECAY = 0.01
FUSED_FROM = 1_000_000  # trained weights: with fewer of them a whole small run is over before XLA has compiled

# Of outputs, targets and masks: a scalar per task, or per whatever else is learned.
Losses = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


class TrainingLoop:
    """Trains a model epoch by epoch with Adam, warm-up, linear decay and clipping of the global norm.

    Epochs are independent of what ran before but for the state: order and dropout follow from seed and epoch.

    :param model: changed in place.
    :param examples: the train split.
    :param pad_id: id of the padding piece.
    :param losses: what is made smaller, each with its factor of ``config.loss_weights``; None: the loss of each task.
    :param deletion: leaves out words anew in each epoch; None: the texts are learned as they are.
    :param distribution: over which replicas; the model was made in its scope. None: this processor alone.
    """

    def __init__(
        self,
        model: MultitaskModel,
        tasks: Sequence[Task],
        examples: Examples,
        config: FitConfig,
        *,
        pad_id: int,
        losses: Losses | None = None,
        deletion: WordDeletion | None = None,
        distribution: Distribution | None = None,
    ) -> None:
        self.model, self.examples, self.config, self._pad_id = model, examples, config, pad_id
        self._objective = Objective(tasks, examples, config)
        self._losses = losses or self._objective
        self._deletion = deletion
        self._oversampling = Oversampling(tasks, examples, seed=config.seed) if config.oversample else None
        self._prototypes = TrainPrototypes(model, examples, pad_id=pad_id) if model.prototype_heads else None
        self._prototypes_fit = False  # whether they are those of the model as it is
        model.backbone.trainable = not config.freeze_backbone
        self._variables = model.trained_variables
        n_rows = self._oversampling.n_rows if self._oversampling else len(examples)
        self._n_steps = steps_per_epoch(n_rows, config.batch_size)
        self._optimizer = _optimizer(config, self._n_steps * config.epochs)
        self._optimizer.build(self._variables)
        self._distribution = distribution or Distribution()
        if self._distribution.n_replicas > 1:
            self._step = self._distribution.summed(self._train_part)
            return
        # One trace serves batches of every shape.
        self._step = tf.function(self._train_step, input_signature=_signature(examples, model))
        # Clipping and Adam pass over every weight a dozen times; fused by XLA, in one go. Their shapes never change, so
        # this is compiled once, which compiling the whole step would be for every length. Compiling takes seconds.
        n_weights = sum(int(np.prod(variable.shape)) for variable in self._variables)
        self._update = tf.function(self._apply_gradients, jit_compile=n_weights >= FUSED_FROM)

    @property
    def is_chief(self) -> bool:
        """Whether this process, of all that train together, writes what there is to write."""
        return self._distribution.is_chief

    def run_epoch(self, epoch: int, watch: Callable[[int], bool] | None = None) -> dict[str, float]:
        """Train on every example and return the mean loss of the batches: ``total`` and per task.

        Each is learned once, but for oversampling.

        :param epoch: counted from 1.
        :param watch: told after each batch how many were learned; the epoch ends when it returns True.
        :raises NonFiniteLossError: at the first batch whose loss is no number; the weights are spoilt then.
        """
        self._seed_dropout(epoch)
        self._refresh_prototypes()
        self._objective.begin_epoch(epoch)
        config = self.config
        batches = training_batches(
            replace(self.examples, ids=self._deletion.ids(epoch)) if self._deletion else self.examples,
            rows=self._oversampling.rows(epoch) if self._oversampling else None,
            batch_size=config.batch_size,
            pad_id=self._pad_id,
            seed=config.seed,
            epoch=epoch,
        )
        sums: dict[str, float] = {}
        progress = tqdm(
            batches, desc=f"epoch {epoch}/{config.epochs}", total=self._n_steps, unit="batch", disable=None, leave=False
        )
        self._prototypes_fit = False
        for number, batch in enumerate(progress, start=1):
            own = self._prototypes.own(batch.rows) if self._prototypes else {}
            losses = {name: float(loss) for name, loss in self._learn(batch, own).items()}
            if not math.isfinite(losses["total"]):
                raise NonFiniteLossError(epoch, number, losses["total"])
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0.0) + loss
            progress.set_postfix(loss=f"{sums['total'] / number:.3f}", refresh=False)
            if watch is not None and watch(number):
                break
        self._objective.end_epoch()
        return {name: value / number for name, value in sums.items()}

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return copies of the model's weights by name."""
        return {name: variable.numpy() for name, variable in self.model.named_weights().items()}

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Give the model the weights to be scored for a while.

        These are the moving averages of its weights if ``config.average`` asks for them, and the prototypes of the
        train split that belong to the weights.
        """
        averages = self._optimizer._model_variables_moving_average if self.config.average else []
        newest = [variable.numpy() for variable in self._variables] if averages else []
        for variable, average in zip(self._variables, averages, strict=False):
            variable.assign(average)
        self._refresh_prototypes()
        try:
            yield
        finally:
            for variable, value in zip(self._variables, newest, strict=False):
                variable.assign(value)
            self._prototypes_fit = self._prototypes_fit and not averages

    def optimizer_state(self) -> dict[str, NDArray[Any]]:
        """Return copies of the optimizer's variables in their fixed order, and of what the loss has learned."""
        numbered = {f"{index:05d}": np.asarray(v.numpy()) for index, v in enumerate(self._optimizer.variables)}
        return numbered | self._objective.state()

    def restore(self, weights: Mapping[str, NDArray[Any]], optimizer: Mapping[str, NDArray[Any]]) -> None:
        """Continue from what :meth:`weights` and :meth:`optimizer_state` returned after an epoch."""
        self.model.load_weights_by_name(weights)
        for index, variable in enumerate(self._optimizer.variables):
            variable.assign(optimizer[f"{index:05d}"])
        self._objective.restore(optimizer)
        self._prototypes_fit = False

    def _learn(self, batch: Batch, own: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        arrays = (batch.input_ids, batch.attention_mask, batch.targets, batch.masks, batch.rows, dict(own))
        with products_in(self.config.precision):
            if self._distribution.n_replicas > 1:
                return self._step(self._distribution.parts(arrays))  # type: ignore[no-any-return]
            return self._step(*tf.nest.map_structure(tf.convert_to_tensor, arrays))  # type: ignore[no-any-return]

    def _refresh_prototypes(self) -> None:
        if self._prototypes and not self._prototypes_fit:
            self._prototypes.refresh()
            self._prototypes_fit = True

    def _train_step(
        self, input_ids: Any, attention_mask: Any, targets: Any, masks: Any, rows: Any, own: Any
    ) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            outputs = self.model({"input_ids": input_ids, "attention_mask": attention_mask}, training=True)
            if self._prototypes:
                outputs, masks = self._prototypes.scored(outputs, targets, masks, rows, own)
            losses = self._with_total(self._losses(outputs, targets, masks))
        gradients = tape.gradient(losses["total"], self._variables)
        self._update([tf.convert_to_tensor(gradient) for gradient in gradients])
        return losses

    def _train_part(
        self, input_ids: Any, attention_mask: Any, targets: Any, masks: Any, _rows: Any, _own: Any
    ) -> dict[str, Any]:
        """Learn the part of a batch that this replica has; gradients and losses add up to those of the batch."""
        labelled = {name: tf.reduce_sum(mask) for name, mask in masks.items()}
        of_batch = total_over_replicas(labelled)
        with tf.GradientTape() as tape:
            outputs = self.model({"input_ids": input_ids, "attention_mask": attention_mask}, training=True)
            means = self._losses(outputs, targets, masks)
            shares = {name: labelled[name] / tf.maximum(of_batch[name], 1.0) for name in means}
            losses = self._with_total({name: shares[name] * mean for name, mean in means.items()})
        gradients = tape.gradient(losses["total"], self._variables)
        self._apply_gradients(total_over_replicas([tf.convert_to_tensor(gradient) for gradient in gradients]))
        return losses

    def _with_total(self, losses: Mapping[str, Any]) -> dict[str, Any]:
        weights = self.config.loss_weights
        return {"total": tf.add_n([weights.get(name, 1.0) * loss for name, loss in losses.items()]), **losses}

    def _apply_gradients(self, gradients: Sequence[Any]) -> None:
        clipped, _ = tf.clip_by_global_norm(gradients, self.config.clip)
        pairs = list(zip(clipped, self._variables, strict=True))
        self._optimizer.apply_gradients(pairs, skip_gradients_aggregation=True)  # they are those of the whole batch

    def _seed_dropout(self, epoch: int) -> None:
        # Keras keeps one generator a dropout layer; a state that follows from seed, epoch and place in the model makes
        # a resumed run draw what the uninterrupted one would have drawn.
        layers = [one for one in self.model.submodules if isinstance(one, keras.__internal__.layers.BaseRandomLayer)]
        for place, layer in enumerate(layers):
            seed = f"{self.config.seed} {epoch} {place}{self._distribution.salt}"
            digest = hashlib.sha256(seed.encode()).digest()
            layer._random_generator._maybe_init()
            layer._random_generator._generator.reset_from_seed(int.from_bytes(digest[:4], "little"))


def _optimizer(config: FitConfig, n_steps: int) -> Any:
    decay = config.weight_decay or (ADAMW_DECAY if config.optimizer == "adamw" else 0.0)
    kind = RAdam if config.optimizer == "radam" else keras.optimizers.Adam
    optimizer = kind(
        WarmupLinearDecay(config.learning_rate, n_steps, round(config.warmup * n_steps)),
        epsilon=1e-8,
        weight_decay=decay or None,
        use_ema=config.average > 0,
        ema_momentum=config.average,
        jit_compile=False,  # compiled together with clipping
    )
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["LayerNorm", "layer_norm", "bias"])
    return optimizer


def _signature(examples: Examples, model: MultitaskModel) -> list[Any]:
    tokens = tf.TensorSpec([None, None], tf.int32)
    targets = {name: tf.TensorSpec([None, values.shape[1]], tf.float32) for name, values in examples.targets.items()}
    masks = {name: tf.TensorSpec([None], tf.float32) for name in examples.masks}
    rows = tf.TensorSpec([None], tf.int64)
    own = {name: tf.TensorSpec([None, head.width], tf.float32) for name, head in model.prototype_heads.items()}
    return [tokens, tokens, targets, masks, rows, own]
