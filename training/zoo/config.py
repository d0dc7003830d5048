"""The configuration of a backbone of the zoo."""

from typing import Any

from training.tensorflow import transformers
from training.zoo import ARCHITECTURES

KERNELS = (2, 3, 4, 5)  # widths of the filters of a convolution, in tokens


class ZooConfig(transformers.PretrainedConfig):  # type: ignore[misc]
    """The architecture of a backbone of the zoo.

    :param architecture: ``cnn`` (Kim 2014, with states instead of maxima), ``lstm`` (Hochreiter and Schmidhuber 1997)
        and ``gru`` (Cho et al. 2014), read in both directions, or ``cnn-lstm``, an LSTM over a convolution.
    :param embedding_size: width of the word embeddings.
    :param hidden_size: width of the states that come out; half of it is each direction's of a recurrent layer, a
        quarter of it is each filter width's of a convolution.
    :param dropout: share of the embeddings and of the states between layers that is dropped in training.
    """

    model_type = "undertone-zoo"

    def __init__(
        self,
        *,
        architecture: str = ARCHITECTURES[0],
        vocab_size: int = 8,
        embedding_size: int = 128,
        hidden_size: int = 256,
        dropout: float = 0.3,
        pad_token_id: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_token_id=pad_token_id, **kwargs)
        self.architecture, self.vocab_size = architecture, vocab_size
        self.embedding_size, self.hidden_size, self.dropout = embedding_size, hidden_size, dropout
