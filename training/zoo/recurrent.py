"""Recurrent layers that read an utterance in both directions, and convert to built-in TFLite operators.

Keras' own layers collect their states in a list of tensors, for which TFLite has no built-in operator, or, fused, lose
the mask; unrolled they take minutes to convert. Here a loop adds each state to its place in one tensor.
"""

from collections.abc import Sequence
from typing import Any

from training.tensorflow import keras, tf

State = tuple[Any, ...]


class Direction(keras.layers.Layer):  # type: ignore[misc]
    """One direction of a recurrent layer.

    After padding the state is zero: read backwards, an utterance begins at its last token, wherever the padding ends.

    :param cell: :class:`LstmCell` or :class:`GruCell`.
    :param backwards: whether it reads from the last token to the first.
    """

    def __init__(self, cell: "Cell", *, backwards: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cell, self.backwards = cell, backwards

    def call(self, states: Any, kept: Any) -> Any:
        """Return states ``[B, L, units]`` of states ``[B, L, d]`` and mask ``[B, L, 1]``."""
        inputs = self.cell.project(states)
        n_tokens = inputs.shape[1] or tf.shape(inputs)[1]

        def body(count: Any, outputs: Any, state: State) -> tuple[Any, Any, State]:
            place = n_tokens - 1 - count if self.backwards else count
            state = self._step(tf.gather(inputs, place, axis=1), tf.gather(kept, place, axis=1), state)
            here = tf.one_hot(place, n_tokens, dtype=inputs.dtype)[None, :, None]
            return count + 1, outputs + here * state[0][:, None], state

        start = self._start(inputs)
        outputs = tf.zeros_like(inputs[:, :, : self.cell.units])
        loop = (tf.constant(0), outputs, start)
        _, outputs, _ = tf.while_loop(lambda count, *_: count < n_tokens, body, loop)
        return outputs

    def _start(self, inputs: Any) -> State:
        zeros = tf.zeros_like(inputs[:, 0, : self.cell.units])
        return (zeros,) * self.cell.n_states

    def _step(self, inputs: Any, kept: Any, state: State) -> State:
        return tuple(one * kept for one in self.cell.step(inputs, state))


class Cell(keras.layers.Layer):  # type: ignore[misc]
    """What happens at a token.

    :param units: width of a state.
    """

    n_gates: int
    n_states: int

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.inputs = keras.layers.Dense(self.n_gates * units, name="inputs")

    def build_from(self, width: int) -> None:
        """Create the weights for inputs of a width."""
        with tf.name_scope(self.inputs.name):
            self.inputs.build([None, None, width])
        self.recurrent = self.add_weight(
            "recurrent", [self.units, self.n_gates * self.units], initializer=keras.initializers.Orthogonal()
        )
        self.built = True

    def project(self, states: Any) -> Any:
        """Return what all tokens give to the gates, ``[B, L, n_gates * units]``."""
        return self.inputs(states)

    def step(self, inputs: Any, state: State) -> State:
        """Return the state after a token; its first part is what comes out."""
        raise NotImplementedError

    def _gates(self, values: Any) -> Sequence[Any]:
        return [values[:, self.units * gate : self.units * (gate + 1)] for gate in range(self.n_gates)]


class LstmCell(Cell):
    """Long short-term memory; the forget gate starts open by one (Jozefowicz et al. 2015)."""

    n_gates, n_states = 4, 2

    def step(self, inputs: Any, state: State) -> State:
        """Return output and memory ``[B, units]`` each."""
        output, memory = state
        into, forget, new, out = self._gates(inputs + tf.matmul(output, self.recurrent))
        memory = tf.sigmoid(forget + 1.0) * memory + tf.sigmoid(into) * tf.tanh(new)
        return tf.sigmoid(out) * tf.tanh(memory), memory


class GruCell(Cell):
    """Gated recurrent unit, with the reset gate after the product, as fast implementations have it."""

    n_gates, n_states = 3, 1

    def step(self, inputs: Any, state: State) -> State:
        """Return the output ``[B, units]``."""
        (output,) = state
        update, reset, new = self._gates(inputs)
        from_update, from_reset, from_new = self._gates(tf.matmul(output, self.recurrent))
        update, reset = tf.sigmoid(update + from_update), tf.sigmoid(reset + from_reset)
        return (update * output + (1.0 - update) * tf.tanh(new + reset * from_new),)


class BothDirections(keras.layers.Layer):  # type: ignore[misc]
    """A recurrent layer that reads forwards and backwards, the states side by side.

    :param cell: the class of the cell.
    :param width: of the states; each direction gives half of them.
    """

    def __init__(self, cell: type[Cell], width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.forwards = Direction(cell(width // 2, name="cell"), backwards=False, name="forwards")
        self.backwards = Direction(cell(width // 2, name="cell"), backwards=True, name="backwards")

    def build(self, input_shape: Any) -> None:
        """Create the weights before any loop begins: inside one, they would belong to it."""
        for direction in (self.forwards, self.backwards):
            with tf.name_scope(direction.name), tf.name_scope(direction.cell.name):
                direction.cell.build_from(int(input_shape[-1]))
        super().build(input_shape)

    def call(self, states: Any, kept: Any) -> Any:
        """Return states ``[B, L, width]`` of states ``[B, L, d]`` and mask ``[B, L, 1]``."""
        return tf.concat([self.forwards(states, kept), self.backwards(states, kept)], axis=-1)
