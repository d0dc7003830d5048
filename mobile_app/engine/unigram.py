"""Unigram: text to token ids, in pure Python, exactly as XLM-RoBERTa's tokenizer (Kudo 2018, section 3.2)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mobile_app.engine import unicode_tables
from mobile_app.engine.errors import BundleError
from mobile_app.engine.normalisation import steps_of
from mobile_app.engine.pieces_file import SpecialIds
from mobile_app.engine.subword import Subword

META = "▁"  # stands for a blank in pieces
# What the reference takes off the lowest score for a character that no piece has.
_UNKNOWN_PENALTY = 10.0
_SPLIT_SPACES = re.compile(f"[{unicode_tables.characters(unicode_tables.WHITE_SPACE)}]+").split
_WORDS = re.compile(f"{META}[^{META}]*|[^{META}]+").findall


class Unigram(Subword):
    """The most probable pieces of each word, after SentencePiece's normalisation.

    Gives the same ids as the Rust tokenizer behind transformers' ``XLMRobertaTokenizerFast``, special pieces written in
    the text included. Lone surrogates, which that one refuses, are dropped.

    :param pieces: the vocabulary, ▁ for a blank; a piece's position is its id.
    :param scores: their log probabilities; there may be fewer than pieces, whose rest is only found as added pieces.
    :param added: the pieces that are looked for in the text itself.
    :param special: the ids of the pieces with a role.
    :param steps: of the normalisation, as in ``pieces.json``.
    :param split_spaces: whether text is split at white space, which is dropped, before ▁ is put in front of words.
    :param prefix: whether ▁ is put in front of text that does not begin with it.
    :raises BundleError: if there are more scores than pieces, or a step is unknown.
    """

    kind = "unigram"

    def __init__(
        self,
        pieces: Sequence[str],
        scores: Sequence[float],
        added: Iterable[Mapping[str, Any]],
        special: SpecialIds,
        *,
        steps: Sequence[Mapping[str, Any]] = (),
        split_spaces: bool = False,
        prefix: bool = True,
    ) -> None:
        if not 0 < len(scores) <= len(pieces):
            raise BundleError(f"a score for each of {len(pieces)} pieces", str(len(scores)), "build the bundle again")
        self._steps, self._normalisation = list(steps), steps_of(steps)  # which added pieces need
        super().__init__(pieces, added, special)
        self._scores = list(scores)
        self._ids = {piece: index for index, piece in enumerate(self.pieces[: len(scores)])}
        self._longest = max(map(len, self._ids))
        self._unknown_score = min(scores) - _UNKNOWN_PENALTY
        self._split_spaces, self._prefix = split_spaces, prefix

    @classmethod
    def from_values(cls, values: Mapping[str, Any], special_ids: Mapping[str, int]) -> "Unigram":
        """Make the tokenizer of the values of ``pieces.json``.

        :raises BundleError: if one is missing or wrong.
        """
        try:
            return cls(
                values["pieces"],
                values["scores"],
                values["added"],
                SpecialIds.of(special_ids, len(values["pieces"])),
                steps=values["steps"],
                split_spaces=values["split_spaces"],
                prefix=values["prefix"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                "pieces, scores, added pieces, steps, split_spaces and prefix in a unigram vocabulary",
                repr(error),
                "build or copy the bundle again",
            ) from None

    def to_values(self) -> dict[str, Any]:
        """Return the values of ``pieces.json``."""
        return {
            "type": self.kind,
            "pieces": self.pieces,
            "scores": self._scores,
            "added": self._added,
            "steps": self._steps,
            "split_spaces": self._split_spaces,
            "prefix": self._prefix,
        }

    def _normalise(self, text: str) -> str:
        for step in self._normalisation:
            text = step(text)
        return text

    def _words(self, text: str) -> Iterator[str]:
        for stretch in filter(None, _SPLIT_SPACES(text)) if self._split_spaces else (text,):
            marked = stretch.replace(" ", META)
            yield from _WORDS(META + marked if self._prefix and not marked.startswith(META) else marked)

    def _ids_of(self, word: str) -> tuple[int, ...]:
        """Return the pieces with the largest sum of scores (Viterbi); of equal sums the one found first stays."""
        end = len(word)
        # Per place the best way to get there: sum of scores, where its last piece begins, and that piece.
        best: list[tuple[float, int, int] | None] = [(0.0, 0, -1), *[None] * end]
        for start in range(end):
            here = best[start]
            if here is None:
                continue
            single = False
            for stop in range(start + 1, min(end, start + self._longest) + 1):
                piece = self._ids.get(word[start:stop])
                if piece is not None:
                    single = single or stop == start + 1
                    _offer(best, stop, (self._scores[piece] + here[0], start, piece))
            if not single:
                _offer(best, start + 1, (self._unknown_score + here[0], start, self.unk_id))
        return self._read_back(word, best)

    def _read_back(self, word: str, best: Sequence[tuple[float, int, int] | None]) -> tuple[int, ...]:
        """Return the ids along the best way; neighbours without a piece become one unknown."""
        ids: list[int] = []
        stop, unknown_until = len(word), 0
        while stop > 0:
            _, start, piece = best[stop] or (0.0, stop - 1, self.unk_id)
            if piece == self.unk_id:
                unknown_until = unknown_until or stop
            else:
                if unknown_until:
                    ids.append(self._ids.get(word[stop:unknown_until], self.unk_id))
                    unknown_until = 0
                ids.append(piece)
            stop = start
        if unknown_until:
            ids.append(self._ids.get(word[:unknown_until], self.unk_id))
        return tuple(reversed(ids))


def _offer(best: list[tuple[float, int, int] | None], place: int, way: tuple[float, int, int]) -> None:
    known = best[place]
    if known is None or way[0] > known[0]:
        best[place] = way
