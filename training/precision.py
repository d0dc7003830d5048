"""In which numbers the matrix products of training are computed."""

from collections.abc import Iterator
from contextlib import contextmanager

from training.config import BFLOAT16
from training.tensorflow import tf

# TensorFlow's graph optimizer puts the casts around products and convolutions, for oneDNN on a processor.
_REWRITE = "auto_mixed_precision_onednn_bfloat16"


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """Let the functions that are called in this context multiply matrices in bfloat16, or leave them as they are.

    Weights, sums, softmax, norms and the optimizer stay in float32 (Micikevicius et al. 2018 keep the same in it;
    bfloat16 has the range of float32, so that no loss needs scaling). A processor without bfloat16 instructions keeps
    float32.

    :param precision: ``float32`` or ``bfloat16``.
    """
    if precision != BFLOAT16:
        yield
        return
    kept = tf.config.optimizer.get_experimental_options().get(_REWRITE, False)
    tf.config.optimizer.set_experimental_options({_REWRITE: True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({_REWRITE: kept})
