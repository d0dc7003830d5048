"""Convolutions over tokens, of several widths side by side."""

from typing import Any

from training.tensorflow import keras, tf
from training.zoo.config import KERNELS


class Convolution(keras.layers.Layer):  # type: ignore[misc]
    """Filters of 2 to 5 tokens and ReLU, side by side, one state a token.

    Padding is set to zero before the filters see it, which is what they see beyond the ends of the longest utterance;
    so the states of an utterance are the same however far it is padded.

    :param width: of the states; each filter width gives a quarter of them.
    """

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = [
            keras.layers.Conv1D(width // len(KERNELS), size, padding="same", activation="relu", name=f"width_{size}")
            for size in KERNELS
        ]

    def call(self, states: Any, kept: Any) -> Any:
        """Return states ``[B, L, width]``.

        :param states: ``[B, L, d]``.
        :param kept: ``[B, L, 1]``, 1 for tokens and 0 for padding.
        """
        masked = states * kept
        return tf.concat([one(masked) for one in self.filters], axis=-1)
