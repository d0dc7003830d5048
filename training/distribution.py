"""One training over several replicas: processors of one machine, or processes of several."""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from mobile_app.engine.errors import UndertoneError
from training.config import ALONE, MIRRORED, WORKERS
from training.tensorflow import tf


class Distribution:
    """Says how many replicas share each batch, and which of them this process is.

    Every replica takes its part of the rows of a batch and the same step afterwards, so that a run over ``n`` replicas
    learns what a run over one learns, up to rounding and the draws of dropout. With ``workers`` each process is one
    replica, and one of them, the chief, writes what there is to write.

    :param kind: ``none``; ``mirrored``, over the GPUs of this machine (``tf.distribute.MirroredStrategy``); or
        ``workers``, over the processes of ``TF_CONFIG`` (``tf.distribute.MultiWorkerMirroredStrategy``), which all
        start with the same command.
    :param devices: what mirrors are on; None: all GPUs, or the processor.
    :ivar is_chief: whether this process writes.
    :ivar salt: for the seeds of what should differ from process to process.
    :raises UndertoneError: if ``TF_CONFIG`` does not say which worker this is.
    """

    def __init__(self, kind: str = ALONE, *, devices: Sequence[str] | None = None) -> None:
        self.kind = kind
        self.is_chief, self.salt, self._strategy = True, "", None
        if kind == MIRRORED:
            self._strategy = tf.distribute.MirroredStrategy(devices)
        elif kind == WORKERS:
            worker = _worker()
            self.is_chief, self.salt = worker == 0, f" {worker}" if worker else ""
            # Anything that TensorFlow has computed before keeps it from connecting.
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy()

    @property
    def n_replicas(self) -> int:
        """How many parts a batch is cut into."""
        return 1 if self._strategy is None else int(self._strategy.num_replicas_in_sync)

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context in which variables must be made."""
        return nullcontext() if self._strategy is None else self._strategy.scope()  # type: ignore[no-any-return]

    def parts(self, arguments: Any) -> Any:
        """Cut arrays ``[B, ...]``, also within tuples and mappings, into the part of each local replica."""
        n = self.n_replicas
        return self._strategy.experimental_distribute_values_from_function(  # type: ignore[union-attr]
            lambda context: tf.nest.map_structure(
                lambda array: tf.convert_to_tensor(np.asarray(array)[context.replica_id_in_sync_group :: n]), arguments
            )
        )

    def summed(self, step: Callable[..., dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
        """Return a compiled function that runs a step on every part and adds up what the replicas return."""
        strategy = self._strategy

        def everywhere(parts: Any) -> dict[str, Any]:
            found = strategy.run(lambda part: step(*part), args=(parts,))  # type: ignore[union-attr]
            return {
                name: strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)  # type: ignore[union-attr]
                for name, value in found.items()
            }

        return tf.function(everywhere, reduce_retracing=True)  # type: ignore[no-any-return]


def total_over_replicas(values: Any) -> Any:
    """Return the sums of tensors over all replicas, within a step."""
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, values)


def _worker() -> int:
    """Return the number of this worker, 0 for the chief.

    :raises UndertoneError: if ``TF_CONFIG`` is missing or not as TensorFlow's guide to multi-worker training has it.
    """
    text = os.environ.get("TF_CONFIG", "")
    try:
        found = json.loads(text)
        workers, task = found["cluster"]["worker"], found["task"]
        if task["type"] == "worker" and 0 <= int(task["index"]) < len(workers):
            return int(task["index"])
    except (ValueError, KeyError, TypeError):
        pass
    raise UndertoneError(
        'TF_CONFIG for --distribute workers, such as {"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": '
        '{"type": "worker", "index": 0}}',
        text or "nothing",
        "set it for each process, with its own index",
    )
