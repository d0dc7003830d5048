"""Training of a context model: one pass over the sequences of the train split an epoch."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.context.batches import ContextExamples, batches
from training.context.config import ContextConfig
from training.context.model import ContextModel
from training.loop import NonFiniteLossError
from training.losses import task_losses
from training.schedule import WarmupLinearDecay
from training.tensorflow import keras, tf

_WARMUP = 0.1
_CLIP = 1.0


class ContextLoop:
    """Adam over the sequences of the train split, in an order that depends on seed and epoch alone."""

    def __init__(
        self, model: ContextModel, tasks: Sequence[Task], examples: ContextExamples, config: ContextConfig
    ) -> None:
        self.model, self.examples, self.config = model, examples, config
        self._tasks = tuple(tasks)
        self._n_steps = -(-len(examples) // config.batch_size)
        n_steps = self._n_steps * config.epochs
        self._optimizer = keras.optimizers.Adam(
            WarmupLinearDecay(config.learning_rate, n_steps, round(_WARMUP * n_steps)),
            weight_decay=config.weight_decay or None,
            global_clipnorm=_CLIP,
            jit_compile=False,
        )
        if config.weight_decay:
            self._optimizer.exclude_from_weight_decay(var_names=["bias", "norm"])
        self._optimizer.build(model.trainable_variables)
        self._step = tf.function(self._train_step, reduce_retracing=True)

    is_chief = True  # one process trains

    def run_epoch(self, epoch: int) -> dict[str, float]:
        """Train on every sequence once and return the mean loss of the batches: ``total`` and per task.

        :param epoch: counted from 1.
        :raises NonFiniteLossError: at the first batch whose loss is no number; the weights are spoilt then.
        """
        self._seed_dropout(epoch)
        random = np.random.default_rng([self.config.seed, epoch])
        sums: dict[str, float] = {}
        for number, batch in enumerate(self._shuffled(random), start=1):
            losses = {name: float(loss) for name, loss in self._step(*batch).items()}
            if not math.isfinite(losses["total"]):
                raise NonFiniteLossError(epoch, number, losses["total"])
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0.0) + loss
        return {name: value / self._n_steps for name, value in sums.items()}

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return copies of the model's weights by name."""
        return {name: variable.numpy() for name, variable in self.model.named_weights().items()}

    def averaged(self) -> AbstractContextManager[None]:
        """Do nothing for a while: the newest weights are what is scored and kept."""
        return nullcontext()

    def optimizer_state(self) -> dict[str, NDArray[Any]]:
        """Return copies of the optimizer's variables in their fixed order."""
        return {f"{index:05d}": np.asarray(v.numpy()) for index, v in enumerate(self._optimizer.variables)}

    def restore(self, weights: Mapping[str, NDArray[Any]], optimizer: Mapping[str, NDArray[Any]]) -> None:
        """Continue from what :meth:`weights` and :meth:`optimizer_state` returned after an epoch."""
        self.model.load_weights_by_name(weights)
        for index, variable in enumerate(self._optimizer.variables):
            variable.assign(optimizer[f"{index:05d}"])

    def _shuffled(self, random: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        order = random.permutation(len(self.examples))
        for batch in batches(self.examples, order, self.config.batch_size):
            if self.config.causal:  # in a whole dialogue every utterance is asked about
                mask = batch.inputs["mask"]
                mask[:, :-1] *= random.random(mask[:, :-1].shape) >= self.config.forget
            yield batch.inputs, batch.targets, batch.masks

    def _train_step(self, inputs: Any, targets: Any, masks: Any) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            logits = self.model(inputs, training=True)
            flat = {name: tf.reshape(values, [-1, values.shape[-1]]) for name, values in logits.items()}
            losses = task_losses(self._tasks, flat, targets, masks)
            total = tf.add_n(list(losses.values()))
        variables = self.model.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))
        return {"total": total, **losses}

    def _seed_dropout(self, epoch: int) -> None:
        layers = [one for one in self.model.submodules if isinstance(one, keras.__internal__.layers.BaseRandomLayer)]
        for place, layer in enumerate(layers):
            digest = hashlib.sha256(f"{self.config.seed} {epoch} {place}".encode()).digest()
            layer._random_generator._maybe_init()
            layer._random_generator._generator.reset_from_seed(int.from_bytes(digest[:4], "little"))
