"""Normalisation steps of SentencePiece models, as the reference takes them: characters by a map, blanks by rules."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mobile_app.engine import unicode_tables
from mobile_app.engine.errors import BundleError
from mobile_app.engine.grapheme_tables import clusters

# Longer clusters are mapped character by character, in bytes of UTF-8.
LONGEST_CLUSTER = 5
MAP, STRIP, REPLACE, REPLACE_RUNS = "map", "strip", "replace", "replace_runs"
Step = Callable[[str], str]
_SPACES = "".join(unicode_tables.members(unicode_tables.WHITE_SPACE))


def steps_of(values: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Return the steps of ``pieces.json`` as functions.

    :raises BundleError: if one is unknown.
    """
    return [_step(value) for value in values]


def _step(values: Mapping[str, Any]) -> Step:
    kind = values.get("step")
    if kind == MAP:
        return CharacterMap(values["map"])
    if kind == STRIP:
        left, right = _SPACES if values["left"] else "", _SPACES if values["right"] else ""
        return lambda text: text.lstrip(left).rstrip(right) if left and right else (
            text.lstrip(left) if left else text.rstrip(right) if right else text
        )  # fmt: skip
    if kind == REPLACE:
        return lambda text: text.replace(values["old"], values["new"])
    if kind == REPLACE_RUNS:
        runs = re.compile(f"(?:{re.escape(values['old'])}){{{int(values['least'])},}}")
        return lambda text: runs.sub(lambda _: str(values["new"]), text)
    raise BundleError("a known step of normalisation", repr(kind), "update Undertone to open this bundle")


class CharacterMap:
    """Replaces characters, and clusters of at most five bytes, by a map.

    Of a cluster the shortest beginning that the map knows is replaced, and the rest of the cluster is dropped: that is
    what the reference does, and what models were trained with.

    :param replacements: what replaces a key; keys are one character or more.
    """

    def __init__(self, replacements: Mapping[str, str]) -> None:
        self._replacements = dict(replacements)
        self._longest = max(map(len, replacements), default=0)
        self._plain = not any(" " <= key[0] <= "~" for key in replacements)
        self._cache: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return the text with everything replaced."""
        if self._plain and text.isascii() and text.isprintable():
            return text
        known = self._cache
        parts = []
        for cluster in clusters().findall(text):
            found = known.get(cluster)
            if found is None:
                found = self._replaced(cluster)
                if len(known) < 1 << 14:
                    known[cluster] = found
            parts.append(found)
        return "".join(parts)

    def _replaced(self, cluster: str) -> str:
        if len(cluster.encode("utf-8")) <= LONGEST_CLUSTER:
            found = self._beginning(cluster)
            if found is not None:
                return found
        return "".join(self._replacements.get(character, character) for character in cluster)

    def _beginning(self, cluster: str) -> str | None:
        for end in range(1, min(len(cluster), self._longest) + 1):
            found = self._replacements.get(cluster[:end])
            if found is not None:
                return found
        return None
