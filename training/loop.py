"""The training loop: seeded per epoch, with a state that can be saved and restored."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mobile_app.engine.task import Task
from training.batches import Batch, steps_per_epoch, training_batches
from training.config import FitConfig
from training.examples import Examples
from training.losses import task_losses
from training.model import MultitaskModel
from training.schedule import WarmupLinearDecay
from training.tensorflow import keras, tf


class NonFiniteLossError(ArithmeticError):
    """The loss became NaN or infinite.

    :param batch: the place of the batch in its epoch, counted from 1.
    """

    def __init__(self, epoch: int, batch: int, loss: float) -> None:
        self.epoch, self.batch, self.loss = epoch, batch, loss
        super().__init__(f"loss {loss} in epoch {epoch}, batch {batch}")


# Of outputs, targets and masks: a scalar per task, or per whatever else is learned.
Losses = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


class TrainingLoop:
    """Trains a model epoch by epoch with Adam, warm-up, linear decay and clipping of the global norm.

    Epochs are independent of what ran before but for the state: order and dropout follow from seed and epoch.

    :param model: changed in place.
    :param examples: the train split.
    :param pad_id: id of the padding piece.
    :param losses: what is made smaller, each with its factor of ``config.loss_weights``; None: the loss of each task.
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
    ) -> None:
        self.model, self.examples, self.config, self._pad_id = model, examples, config, pad_id
        self._losses = losses or partial(task_losses, tuple(tasks))
        model.backbone.trainable = not config.freeze_backbone
        self._variables = model.trained_variables
        self._n_steps = steps_per_epoch(len(examples), config.batch_size)
        self._optimizer = _optimizer(config, self._n_steps * config.epochs)
        self._optimizer.build(self._variables)
        # One trace serves batches of every shape.
        self._step = tf.function(self._train_step, input_signature=_signature(examples))
        # Clipping and Adam pass over every weight a dozen times; fused by XLA, in one go. Their shapes never change, so
        # this is compiled once, which compiling the whole step would be for every length.
        self._update = tf.function(self._apply_gradients, jit_compile=True)

    def run_epoch(self, epoch: int) -> dict[str, float]:
        """Train on every example once and return the mean loss of the batches: ``total`` and per task.

        :param epoch: counted from 1.
        :raises NonFiniteLossError: at the first batch whose loss is no number; the weights are spoilt then.
        """
        self._seed_dropout(epoch)
        config = self.config
        batches = training_batches(
            self.examples,
            batch_size=config.batch_size,
            pad_id=self._pad_id,
            seed=config.seed,
            epoch=epoch,
        )
        sums: dict[str, float] = {}
        progress = tqdm(
            batches, desc=f"epoch {epoch}/{config.epochs}", total=self._n_steps, unit="batch", disable=None, leave=False
        )
        for number, batch in enumerate(progress, start=1):
            losses = {name: float(loss) for name, loss in self._step(*_tensors(batch)).items()}
            if not math.isfinite(losses["total"]):
                raise NonFiniteLossError(epoch, number, losses["total"])
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0.0) + loss
            progress.set_postfix(loss=f"{sums['total'] / number:.3f}", refresh=False)
        return {name: value / self._n_steps for name, value in sums.items()}

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return copies of the model's weights by name."""
        return {name: variable.numpy() for name, variable in self.model.named_weights().items()}

    def optimizer_state(self) -> dict[str, NDArray[Any]]:
        """Return copies of the optimizer's variables in their fixed order."""
        return {f"{index:05d}": np.asarray(v.numpy()) for index, v in enumerate(self._optimizer.variables)}

    def restore(self, weights: Mapping[str, NDArray[Any]], optimizer: Mapping[str, NDArray[Any]]) -> None:
        """Continue from what :meth:`weights` and :meth:`optimizer_state` returned after an epoch."""
        self.model.load_weights_by_name(weights)
        for index, variable in enumerate(self._optimizer.variables):
            variable.assign(optimizer[f"{index:05d}"])

    def _train_step(self, input_ids: Any, attention_mask: Any, targets: Any, masks: Any) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            outputs = self.model({"input_ids": input_ids, "attention_mask": attention_mask}, training=True)
            losses = self._losses(outputs, targets, masks)
            weights = self.config.loss_weights
            total = tf.add_n([weights.get(name, 1.0) * loss for name, loss in losses.items()])
        gradients = tape.gradient(total, self._variables)
        self._update([tf.convert_to_tensor(gradient) for gradient in gradients])
        return {"total": total, **losses}

    def _apply_gradients(self, gradients: Sequence[Any]) -> None:
        clipped, _ = tf.clip_by_global_norm(gradients, self.config.clip)
        self._optimizer.apply_gradients(zip(clipped, self._variables, strict=True))

    def _seed_dropout(self, epoch: int) -> None:
        # Keras keeps one generator a dropout layer; a state that follows from seed, epoch and place in the model makes
        # a resumed run draw what the uninterrupted one would have drawn.
        layers = [one for one in self.model.submodules if isinstance(one, keras.__internal__.layers.BaseRandomLayer)]
        for place, layer in enumerate(layers):
            digest = hashlib.sha256(f"{self.config.seed} {epoch} {place}".encode()).digest()
            layer._random_generator._maybe_init()
            layer._random_generator._generator.reset_from_seed(int.from_bytes(digest[:4], "little"))


def _optimizer(config: FitConfig, n_steps: int) -> Any:
    optimizer = keras.optimizers.Adam(
        WarmupLinearDecay(config.learning_rate, n_steps, round(config.warmup * n_steps)),
        epsilon=1e-8,
        weight_decay=config.weight_decay or None,
        jit_compile=False,  # compiled together with clipping
    )
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["LayerNorm", "layer_norm", "bias"])
    return optimizer


def _signature(examples: Examples) -> list[Any]:
    tokens = tf.TensorSpec([None, None], tf.int32)
    targets = {name: tf.TensorSpec([None, values.shape[1]], tf.float32) for name, values in examples.targets.items()}
    masks = {name: tf.TensorSpec([None], tf.float32) for name in examples.masks}
    return [tokens, tokens, targets, masks]


def _tensors(batch: Batch) -> tuple[Any, ...]:
    constant = tf.convert_to_tensor
    return (
        constant(batch.input_ids),
        constant(batch.attention_mask),
        {name: constant(values) for name, values in batch.targets.items()},
        {name: constant(values) for name, values in batch.masks.items()},
    )
