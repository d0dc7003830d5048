"""The one door to TensorFlow: legacy Keras, quiet logs, and a plain sentence where it is not installed."""

import os
import warnings

from mobile_app.engine.errors import UndertoneError

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # transformers' TensorFlow classes need Keras 2
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
warnings.filterwarnings("ignore", message=".*deprecated and will be removed in Transformers v5.*")

try:
    import tensorflow as tf
    import tf_keras as keras
    import transformers
except ImportError as error:
    raise UndertoneError(
        "TensorFlow, tf-keras and transformers for training",
        str(error),
        'install them with pip install "undertone[train]"',
    ) from error

# Dropout from tf.random.Generator: its state is a variable that an epoch can set, and it is faster on a CPU.
keras.backend.experimental.enable_tf_random_generator()

__all__ = ["keras", "tf", "transformers"]
