"""The student of a distillation: a BERT encoder with a small vocabulary, factorised embeddings and narrow features."""

from typing import Any

from training.tensorflow import keras, tf, transformers

_BertEncoder = transformers.models.bert.modeling_tf_bert.TFBertEncoder
# Added to the scores of padding: e^-30 is nothing in float32, and unlike BERT's -10000 it keeps the range narrow enough
# for integer activations.
_PADDING_SCORE = -30.0


class StudentConfig(transformers.PretrainedConfig):  # type: ignore[misc]
    """The architecture of a student.

    :param embedding_size: width of the word embeddings; below ``width`` they are widened by one matrix
        (Lan et al. 2020, ALBERT, section 3.1).
    :param width: of the encoder's states.
    :param hidden_size: of the states that come out, projected; their mean is the features.
    """

    model_type = "undertone-student"

    def __init__(
        self,
        *,
        vocab_size: int = 8,
        embedding_size: int = 384,
        width: int = 384,
        hidden_size: int = 256,
        num_hidden_layers: int = 2,
        num_attention_heads: int = 12,
        intermediate_size: int = 1536,
        max_position_embeddings: int = 64,
        dropout: float = 0.1,
        pad_token_id: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_token_id=pad_token_id, **kwargs)
        self.vocab_size, self.embedding_size, self.width, self.hidden_size = (
            vocab_size,
            embedding_size,
            width,
            hidden_size,
        )
        self.num_hidden_layers, self.num_attention_heads = num_hidden_layers, num_attention_heads
        self.intermediate_size, self.max_position_embeddings = intermediate_size, max_position_embeddings
        self.dropout = dropout

    def encoder(self) -> Any:
        """Return the configuration of the layers, which are BERT's."""
        return transformers.BertConfig(
            hidden_size=self.width,
            num_hidden_layers=self.num_hidden_layers,
            num_attention_heads=self.num_attention_heads,
            intermediate_size=self.intermediate_size,
            hidden_dropout_prob=self.dropout,
            attention_probs_dropout_prob=self.dropout,
        )


class StudentEmbeddings(keras.layers.Layer):  # type: ignore[misc]
    """Word and position embeddings, summed and normalised; the token type is part of the positions."""

    def __init__(self, config: StudentConfig, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._config = config
        self.widen = (
            keras.layers.Dense(config.width, use_bias=False, name="widen")
            if config.embedding_size != config.width
            else None
        )
        self.layer_norm = keras.layers.LayerNormalization(epsilon=1e-12, name="LayerNorm")
        self.dropout = keras.layers.Dropout(config.dropout)

    def build(self, input_shape: Any = None) -> None:
        """Create the tables and what follows them."""
        config = self._config
        self.words = self._table("words", config.vocab_size, config.embedding_size)
        self.positions = self._table("positions", config.max_position_embeddings, config.width)
        if self.widen is not None:
            with tf.name_scope(self.widen.name):
                self.widen.build([None, None, config.embedding_size])
        with tf.name_scope(self.layer_norm.name):
            self.layer_norm.build([None, None, config.width])
        super().build(input_shape)

    def call(self, input_ids: Any, attention_mask: Any, training: bool = False) -> Any:
        """Return ``[B, L, width]`` of token ids and mask ``[B, L]``."""
        states = tf.gather(self.words, input_ids)
        if self.widen is not None:
            states = self.widen(states)
        # Counted from the mask, since a constant range would put a copy of the table's rows into the phone's file for
        # every length. Padding gets the last position, which nothing looks at.
        places = tf.maximum(tf.cumsum(attention_mask, axis=1) - 1, 0)
        states += tf.gather(self.positions, places)
        return self.dropout(self.layer_norm(states), training=training)

    def _table(self, name: str, rows: int, width: int) -> Any:
        return self.add_weight(name, [rows, width], initializer=keras.initializers.TruncatedNormal(stddev=0.02))


class StudentModel(transformers.TFPreTrainedModel):  # type: ignore[misc]
    """Embeddings, BERT's layers, and a linear projection of every state.

    The projection is linear, so the mean of the projected states is the projection of their mean.
    """

    config_class = StudentConfig
    base_model_prefix = "student"

    def __init__(self, config: StudentConfig, *inputs: Any, **kwargs: Any) -> None:
        super().__init__(config, *inputs, **kwargs)
        self.embeddings = StudentEmbeddings(config, name="embeddings")
        self.encoder = _BertEncoder(config.encoder(), name="encoder")
        self.projection = keras.layers.Dense(config.hidden_size, name="projection")

    @property
    def dummy_inputs(self) -> Any:
        """Return token ids with which the weights are created."""
        return tf.ones([1, 2], tf.int32)

    @property
    def input_signature(self) -> Any:
        """Return what Keras traces when the model is saved."""
        return tf.TensorSpec([None, None], tf.int32, name="input_ids")

    def call(self, input_ids: Any, attention_mask: Any = None, training: bool = False) -> Any:
        """Return ``last_hidden_state`` ``[B, L, hidden_size]``."""
        if attention_mask is None:
            attention_mask = tf.ones_like(input_ids)
        states = self.embeddings(input_ids, attention_mask, training=training)
        padding = (1.0 - tf.cast(attention_mask, states.dtype))[:, None, None, :] * _PADDING_SCORE
        encoded = self.encoder(
            hidden_states=states,
            attention_mask=padding,
            head_mask=[None] * self.config.num_hidden_layers,
            encoder_hidden_states=None,
            encoder_attention_mask=None,
            past_key_values=None,
            use_cache=False,
            output_attentions=False,
            output_hidden_states=False,
            return_dict=True,
            training=training,
        )
        return transformers.modeling_tf_outputs.TFBaseModelOutput(
            last_hidden_state=self.projection(encoded.last_hidden_state)
        )


# From here on a folder with such a config.json is read like that of any other backbone.
transformers.AutoConfig.register(StudentConfig.model_type, StudentConfig)
transformers.TFAutoModel.register(StudentConfig, StudentModel)
