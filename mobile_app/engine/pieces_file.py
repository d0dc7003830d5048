"""``pieces.json``: the vocabulary of a tokenizer that one piece per line cannot describe.

One JSON object: ``type``, ``pieces`` (a piece's position is its id), ``added`` (pieces found in text before anything
else is done to it), and what the type needs: ``merges`` and ``prefix_space``, or ``scores`` and the normalisation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import BundleError

PIECES_FILE = "pieces.json"
_REMEDY = "build or copy the bundle again"


def read_pieces_file(path: Path, kind: str) -> Mapping[str, Any]:
    """Return the values of a file of pieces.

    :param kind: the type that it must be of.
    :raises BundleError: if it cannot be read, is no JSON object with a list of pieces, or is of another type.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"a vocabulary in {path}", str(error), _REMEDY) from None
    if not isinstance(values, dict) or values.get("type") != kind or not isinstance(values.get("pieces"), list):
        raise BundleError(f"a vocabulary of type {kind} in {path}", "another file", _REMEDY)
    return values


def write_pieces_file(values: Mapping[str, Any]) -> bytes:
    """Return the bytes of a file of pieces; the same values give the same bytes."""
    return (json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")


@dataclass(frozen=True)
class SpecialIds:
    """The ids of the pieces with a role: padding, unknown, before and after every text."""

    pad: int
    unk: int
    cls: int
    sep: int

    @classmethod
    def of(cls, found: Mapping[str, int], n_pieces: int) -> "SpecialIds":
        """Pick them from the special ids of a manifest.

        :raises BundleError: if one is missing or is no id of the vocabulary.
        """
        ids = {name: found.get(name, -1) for name in ("pad", "unk", "cls", "sep")}
        if not all(0 <= one < n_pieces for one in ids.values()):
            raise BundleError(f"special ids pad, unk, cls and sep among {n_pieces} pieces", str(dict(found)), _REMEDY)
        return cls(**ids)
