"""The backbones of the zoo as transformers models."""

from typing import Any

from training.tensorflow import keras, tf, transformers
from training.zoo.config import ZooConfig
from training.zoo.convolution import Convolution
from training.zoo.recurrent import BothDirections, GruCell, LstmCell


class ZooModel(transformers.TFPreTrainedModel):  # type: ignore[misc]
    """Word embeddings, and the layers of an architecture."""

    config_class = ZooConfig
    base_model_prefix = "zoo"

    def __init__(self, config: ZooConfig, *inputs: Any, **kwargs: Any) -> None:
        super().__init__(config, *inputs, **kwargs)
        self.words = keras.layers.Embedding(config.vocab_size, config.embedding_size, name="words")
        self.dropout = keras.layers.Dropout(config.dropout)
        self.steps = _layers(config)

    @property
    def dummy_inputs(self) -> Any:
        """Return token ids with which the weights are created."""
        return tf.ones([1, 2], tf.int32)

    @property
    def input_signature(self) -> Any:
        """Return what Keras traces when the model is saved."""
        return tf.TensorSpec([None, None], tf.int32, name="input_ids")

    def call(self, input_ids: Any, attention_mask: Any = None, training: bool = False) -> Any:
        """Return ``last_hidden_state`` ``[B, L, hidden_size]``; at padding it means nothing."""
        if attention_mask is None:
            attention_mask = tf.ones_like(input_ids)
        states = self.words(input_ids)
        kept = tf.cast(attention_mask, states.dtype)[:, :, None]
        for step in self.steps:
            states = step(self.dropout(states, training=training), kept)
        return transformers.modeling_tf_outputs.TFBaseModelOutput(last_hidden_state=states)


def _layers(config: ZooConfig) -> list[Any]:
    width = config.hidden_size
    if config.architecture == "cnn":
        return [Convolution(width, name="convolution")]
    if config.architecture == "cnn-lstm":
        return [Convolution(width, name="convolution"), BothDirections(LstmCell, width, name="recurrent")]
    cell = {"lstm": LstmCell, "gru": GruCell}[config.architecture]
    return [BothDirections(cell, width, name="recurrent")]


# From here on a folder with such a config.json is read like that of any other backbone.
transformers.AutoConfig.register(ZooConfig.model_type, ZooConfig)
transformers.TFAutoModel.register(ZooConfig, ZooModel)
