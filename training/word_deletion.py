"""Random word deletion: each epoch reads every text with other words left out (Wei and Zou 2019, section 2)."""

import random
from collections.abc import Sequence

from mobile_app.engine.tokenizer import Tokenizer
from training.examples import tokenize


class WordDeletion:
    """Texts of the train split with words left out, in a way that depends on seed and epoch alone.

    :param texts: of the train split.
    :param tokenizer: of the backbone.
    :param max_length: most tokens of an utterance.
    :param share: the chance of each word to be left out; a text never loses all of them.
    """

    def __init__(self, texts: Sequence[str], tokenizer: Tokenizer, max_length: int, *, share: float, seed: int) -> None:
        self._texts, self._tokenizer, self._max_length = texts, tokenizer, max_length
        self._share, self._seed = share, seed

    def ids(self, epoch: int) -> tuple[tuple[int, ...], ...]:
        """Return the token ids of each text for an epoch."""
        return tokenize(self.texts(epoch), self._tokenizer, self._max_length)

    def texts(self, epoch: int) -> list[str]:
        """Return each text for an epoch."""
        chance = random.Random(f"{self._seed} {epoch}")
        return [self._without(text, chance) for text in self._texts]

    def _without(self, text: str, chance: random.Random) -> str:
        kept = [word for word in text.split() if chance.random() >= self._share]
        return " ".join(kept) or text
