"""Text as it comes from keyboards and clipboards, made safe to show and to keep."""

import re
import unicodedata

LONGEST = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def tidy(text: str) -> str:
    """Return ``text`` as one line: halves of emoji joined, control characters as spaces, no longer than LONGEST."""
    whole = text[: 2 * LONGEST].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROL.sub(" ", whole)[:LONGEST]


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter with a direction is Hebrew, Arabic or alike."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def shorten(text: str, longest: int = 28) -> str:
    """Return ``text``, cut at a word with an ellipsis where it is longer than ``longest``."""
    if len(text) <= longest:
        return text
    cut = text[:longest].rsplit(" ", 1)[0] or text[:longest]
    return cut.rstrip(" ,.;:") + "…"


def tidy_lines(text: str) -> str:
    """Return ``text`` with its lines kept: halves of emoji joined, other control characters as spaces."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "\n".join(_CONTROL.sub(" ", line) for line in re.split(r"\r\n|[\n\r\u2028\u2029]", whole))
