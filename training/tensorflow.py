"""The one door to TensorFlow: legacy Keras, quiet logs, and a plain sentence where it is not installed."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mobile_app.engine.errors import UndertoneError

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # transformers' TensorFlow classes need Keras 2
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
warnings.filterwarnings("ignore", message=".*deprecated and will be removed in Transformers v5.*")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the start-up chatter of the C++ libraries, which knows no log level yet, away from stderr."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


try:
    with _quiet():
        import tensorflow as tf
        import tf_keras as keras
        import transformers
        from transformers import modeling_tf_utils  # noqa: F401 - loads what would chatter later
except ImportError as error:
    raise UndertoneError(
        "TensorFlow, tf-keras and transformers for training",
        str(error),
        'install them with pip install "undertone[train]"',
    ) from error

# Dropout from tf.random.Generator: its state is a variable that an epoch can set, and it is faster on a CPU.
keras.backend.experimental.enable_tf_random_generator()

__all__ = ["keras", "tf", "transformers"]
