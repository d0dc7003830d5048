"""What looks at a sequence of vectors: the layout of the CNN-LSTM paper, one LSTM, or attention."""

from typing import Any

from training.tensorflow import keras, tf
from training.zoo.recurrent import BothDirections, Direction, LstmCell

N_HEADS = 4
# Added to the scores of missing utterances: e^-30 is nothing in float32.
_MISSING = -30.0


class CnnLstm(keras.layers.Layer):  # type: ignore[misc]
    """Two stacked BiLSTMs beside a convolution (kernel 3, stride 2) with batch norm, ReLU and a BiLSTM; concatenated.

    Each state of the convolution stands for the two places in its middle.

    :param units: of each LSTM and of the convolution.
    """

    def __init__(self, units: int, dropout: float) -> None:
        super().__init__(name="cnn_lstm")
        self.first, self.second, self.third = (
            BothDirections(LstmCell, 2 * units, name=name) for name in ("first", "second", "third")
        )
        self.convolution = keras.layers.Conv1D(units, 3, strides=2, padding="valid", name="convolution")
        self.norm = keras.layers.BatchNormalization(name="norm")
        self.dropout = keras.layers.Dropout(dropout)

    def call(self, states: Any, mask: Any, training: bool = False) -> Any:
        """Return ``[B, T, 4 * units]`` of states ``[B, T, width]`` under a mask ``[B, T]`` of ones and zeros."""
        kept = mask[:, :, None]
        states = states * kept
        stacked = self.second(self.dropout(self.first(states, kept), training=training), kept)
        # One zero on each side, by hand: "same" would pad by the length of the batch, and answers would depend on it.
        narrow = self.convolution(tf.pad(states, [[0, 0], [1, 1], [0, 0]]))
        halved = _halved(mask)
        narrow = tf.nn.relu(self.norm(narrow, training=training, mask=halved > 0))
        narrow = self.third(narrow, halved[:, :, None])
        return tf.concat([stacked, _doubled(narrow)[:, : _length(mask)]], axis=-1)


class Lstm(keras.layers.Layer):  # type: ignore[misc]
    """One LSTM, from the oldest utterance to the newest."""

    def __init__(self, units: int, dropout: float) -> None:
        super().__init__(name="lstm")
        self.dropout = keras.layers.Dropout(dropout)
        self.forwards = Direction(LstmCell(units, name="cell"), backwards=False, name="forwards")

    def build(self, input_shape: Any) -> None:
        """Create the weights before any loop begins: inside one, they would belong to it."""
        with tf.name_scope(self.forwards.name), tf.name_scope(self.forwards.cell.name):
            self.forwards.cell.build_from(int(input_shape[-1]))
        super().build(input_shape)

    def call(self, states: Any, mask: Any, training: bool = False) -> Any:
        """Return ``[B, T, units]`` of states ``[B, T, width]`` under a mask ``[B, T]`` of ones and zeros."""
        return self.forwards(self.dropout(states, training=training), mask[:, :, None])


class Attention(keras.layers.Layer):  # type: ignore[misc]
    """The newest utterance, in the last place, looks at the whole window; places are counted back from it.

    :param units: of all heads together.
    """

    def __init__(self, units: int, dropout: float) -> None:
        super().__init__(name="attention")
        self.size = units // N_HEADS
        self.query, self.key, self.value = (keras.layers.Dense(units, name=name) for name in ("query", "key", "value"))
        self.dropout = keras.layers.Dropout(dropout)

    def build(self, shapes: Any) -> None:
        """Create the table of places."""
        self.places = self.add_weight(
            "places", [shapes[1], shapes[2]], initializer=keras.initializers.RandomNormal(stddev=0.02)
        )
        super().build(shapes)

    def call(self, states: Any, mask: Any, training: bool = False) -> Any:
        """Return ``[B, 1, units]`` of states ``[B, T, width]`` under a mask ``[B, T]`` of ones and zeros."""
        states = states + self.places
        n_places = states.shape[1]
        query = tf.reshape(self.query(states[:, -1]), [-1, 1, N_HEADS, self.size])
        key = tf.reshape(self.key(states), [-1, n_places, N_HEADS, self.size])
        value = tf.reshape(self.value(states), [-1, n_places, N_HEADS, self.size])
        scores = tf.reduce_sum(query * key, axis=-1) * self.size**-0.5 + ((1.0 - mask) * _MISSING)[:, :, None]
        weights = self.dropout(tf.nn.softmax(scores, axis=1), training=training)
        seen = tf.reduce_sum(weights[:, :, :, None] * value, axis=1)
        return tf.reshape(seen, [-1, 1, N_HEADS * self.size])


BODIES = {"cnn-lstm": CnnLstm, "lstm": Lstm, "attention": Attention}


def _length(mask: Any) -> Any:
    return mask.shape[1] if mask.shape[1] is not None else tf.shape(mask)[1]


def _halved(mask: Any) -> Any:
    """Return ``[B, ceil(T / 2)]``: whether one of the two places is there."""
    even = tf.pad(mask, [[0, 0], [0, _length(mask) % 2]])
    return tf.maximum(even[:, 0::2], even[:, 1::2])


def _doubled(states: Any) -> Any:
    """Return ``[B, 2 * T, d]`` of ``[B, T, d]``, each state twice."""
    twice = tf.stack([states, states], axis=2)
    return tf.reshape(twice, [-1, 2 * _length(states), states.shape[2]])
