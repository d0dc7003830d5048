"""The token-level block: self-attention that all tasks share, then cross-attention between the tasks."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.tensorflow import keras, tf, transformers

_BertAttention = transformers.models.bert.modeling_tf_bert.TFBertAttention
# As in training.student: enough to silence padding, and narrow enough for integer activations.
_PADDING_SCORE = -30.0
_MOST_HEADS = 8


class TokenBlock(keras.layers.Layer):  # type: ignore[misc]
    """Token states in, token states of each task out.

    Both attentions are multi-head with residual connection and layer normalisation (Vaswani et al. 2017, section 3.2).
    For cross-attention each task first gets states of its own, the shared ones plus ``tanh`` of a linear map; they ask,
    and the states of all other tasks, one after the other, answer.

    :param tasks: their names.
    :param width: of the states; the number of attention heads is the largest power of two up to 8 that divides it.
    :param self_attention: whether there is the shared part.
    :param cross_attention: whether there is the part between the tasks, of which there must be two then.
    """

    def __init__(
        self, tasks: Sequence[str], width: int, *, self_attention: bool, cross_attention: bool, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        heads = next(n for n in (_MOST_HEADS, 4, 2, 1) if width % n == 0)
        config = transformers.BertConfig(hidden_size=width, num_attention_heads=heads)
        self._tasks = tuple(tasks)
        self.shared = _BertAttention(config, name="shared") if self_attention else None
        self.own = {task: keras.layers.Dense(width, "tanh", name=f"{task}_own") for task in tasks if cross_attention}
        self.crossed = {task: _BertAttention(config, name=f"{task}_crossed") for task in self.own}

    def call(self, states: Any, mask: Any, training: bool = False) -> tuple[Any, dict[str, Any]]:
        """Return the shared states ``[B, L, width]`` and those of each task, which may be the same."""
        padding = (1.0 - tf.cast(mask, states.dtype))[:, None, None, :] * _PADDING_SCORE
        if self.shared is not None:
            states = _attend(self.shared, states, padding, training=training)
        if not self.own:
            return states, dict.fromkeys(self._tasks, states)
        own = {task: states + layer(states) for task, layer in self.own.items()}
        return states, {task: self._cross(task, own, padding, training) for task in self._tasks}

    def named_weights(self) -> dict[str, Any]:
        """Return the weights by names that depend on the architecture alone."""
        layers = [*([self.shared] if self.shared is not None else []), *self.own.values(), *self.crossed.values()]
        return {_name(layer, variable): variable for layer in layers for variable in layer.weights}

    def _cross(self, task: str, own: Mapping[str, Any], padding: Any, training: bool) -> Any:
        others = [states for name, states in own.items() if name != task]
        keys, scores = tf.concat(others, axis=1), tf.concat([padding] * len(others), axis=3)
        return _attend(self.crossed[task], own[task], scores, keys=keys, training=training)


def _attend(layer: Any, queries: Any, scores: Any, *, keys: Any = None, training: bool) -> Any:
    return layer(
        input_tensor=queries,
        attention_mask=scores,
        head_mask=None,
        encoder_hidden_states=keys,
        encoder_attention_mask=scores,
        past_key_value=None,
        output_attentions=False,
        training=training,
    )[0]


def _name(layer: Any, variable: Any) -> str:
    inside = str(variable.name).removesuffix(":0").rsplit(f"{layer.name}/", 1)[1]
    return f"{layer.name}/{inside}"
