"""Byte-level byte-pair encoding: text to token ids, in pure Python, exactly as RoBERTa's tokenizer.

Sennrich et al. 2016 (algorithm 1) on the bytes of UTF-8, words split as in GPT-2 (Radford et al. 2019, section 2.2).
"""

import heapq
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from mobile_app.engine import letter_tables, unicode_tables
from mobile_app.engine.errors import BundleError
from mobile_app.engine.pieces_file import SpecialIds
from mobile_app.engine.subword import Subword


class BytePair(Subword):
    """Byte-level BPE after GPT-2's splitting into words.

    Gives the same ids as the Rust tokenizer behind transformers' ``RobertaTokenizerFast``, special pieces written in
    the text included. Lone surrogates, which that one refuses, are dropped.

    :param pieces: the vocabulary, its bytes written as GPT-2's 256 printable characters; a piece's position is its id.
    :param merges: pairs of pieces, the first ones to be merged first.
    :param added: the pieces that are looked for in the text itself.
    :param special: the ids of the pieces with a role.
    :param prefix_space: whether text that begins with no blank is treated as if it did.
    :raises BundleError: if a byte has no piece, or a merge has a piece that is not in the vocabulary.
    """

    kind = "bytepair"

    def __init__(
        self,
        pieces: Sequence[str],
        merges: Iterable[Sequence[str]],
        added: Iterable[Mapping[str, Any]],
        special: SpecialIds,
        *,
        prefix_space: bool = False,
    ) -> None:
        super().__init__(pieces, added, special)
        ids = {piece: index for index, piece in enumerate(self.pieces)}
        try:
            self._ids_of_bytes = [ids[character] for character in byte_characters()]
            # (left, right) -> (rank, merged): the lowest rank is merged first.
            self._merges = {
                (ids[left], ids[right]): (rank, ids[left + right]) for rank, (left, right) in enumerate(merges)
            }
        except KeyError as error:
            raise BundleError(
                "a byte-level vocabulary with a piece for every byte and every merge",
                f"{len(self.pieces)} pieces without {error.args[0]!r}",
                "take the vocabulary that came with the backbone",
            ) from None
        self._prefix_space = prefix_space

    @classmethod
    def from_values(cls, values: Mapping[str, Any], special_ids: Mapping[str, int]) -> "BytePair":
        """Make the tokenizer of the values of ``pieces.json``.

        :raises BundleError: if one is missing or wrong.
        """
        try:
            special = SpecialIds.of(special_ids, len(values["pieces"]))
            merges, added, prefix = values["merges"], values["added"], values["prefix_space"]
            return cls(values["pieces"], merges, added, special, prefix_space=prefix)
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                "pieces, merges, added pieces and prefix_space in a byte-pair vocabulary",
                repr(error),
                "build or copy the bundle again",
            ) from None

    def to_values(self) -> dict[str, Any]:
        """Return the values of ``pieces.json``."""
        return {
            "type": self.kind,
            "pieces": self.pieces,
            "merges": [(self.pieces[left], self.pieces[right]) for left, right in self._merges],
            "added": self._added,
            "prefix_space": self._prefix_space,
        }

    def _words(self, text: str) -> list[str]:
        return words(f" {text}" if self._prefix_space and not text.startswith(" ") else text)

    def _ids_of(self, word: str) -> tuple[int, ...]:
        return self._merged([self._ids_of_bytes[byte] for byte in word.encode("utf-8")])

    def _merged(self, ids: list[int]) -> tuple[int, ...]:
        """Return the ids after all merges: lowest rank first, and of equal ranks the leftmost.

        What the heap holds may be out of date; then it is passed over, unless its place has meanwhile become another
        pair that gives the same piece, which the reference merges as well.
        """
        merge_of = self._merges.get
        waiting = [
            (merge[0], place, merge[1])
            for place, pair in enumerate(itertools.pairwise(ids))
            if (merge := merge_of(pair)) is not None
        ]
        if not waiting:
            return tuple(ids)
        heapq.heapify(waiting)
        end = len(ids)
        gone = [False] * end
        before, after = list(range(-1, end - 1)), list(range(1, end + 1))
        while waiting:
            _, place, merged = heapq.heappop(waiting)
            right = after[place]
            if gone[place] or right == end:
                continue
            merge = merge_of((ids[place], ids[right]))
            if merge is None or merge[1] != merged:
                continue
            ids[place], gone[right], after[place] = merged, True, after[right]
            if after[place] < end:
                before[after[place]] = place
            for left in (before[place], place):
                if left >= 0 and after[left] < end:
                    merge = merge_of((ids[left], ids[after[left]]))
                    if merge is not None:
                        heapq.heappush(waiting, (merge[0], left, merge[1]))
        return tuple(one for one, dropped in zip(ids, gone, strict=True) if not dropped)


def words(text: str) -> list[str]:
    """Return the words of a text: English contractions, runs of letters, numbers or other signs with a blank before."""
    return (_ascii_words() if text.isascii() else _words())(text)


@cache
def byte_characters() -> tuple[str, ...]:
    """Return the printable character that stands for each byte in a vocabulary.

    Printable characters of Latin-1 stand for themselves, and the other bytes, in order, for U+0100 and what follows.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in printable else next(others)) for byte in range(256))


@cache
def _ascii_words() -> Callable[[str], list[str]]:
    return _expression("A-Za-z", "0-9", r"\t-\r ")


@cache
def _words() -> Callable[[str], list[str]]:
    tables = (letter_tables.LETTERS, letter_tables.NUMBERS, unicode_tables.WHITE_SPACE)
    return _expression(*map(unicode_tables.characters, tables))


def _expression(letters: str, numbers: str, spaces: str) -> Callable[[str], list[str]]:
    return re.compile(
        rf"'s|'t|'re|'ve|'m|'ll|'d| ?[{letters}]+| ?[{numbers}]+| ?[^{spaces}{letters}{numbers}]+"
        rf"|[{spaces}]+(?![^{spaces}])|[{spaces}]+"
    ).findall
