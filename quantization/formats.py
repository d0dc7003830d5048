"""Numbers as people read them."""

import math

NOT_MEASURED = "–"
# Below this share a size or a latency counts as equal.
EQUAL = 0.05
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(value: float | None) -> str:
    """Return e.g. ``1.7×10⁻⁸``; plain digits between 0.001 and 1000."""
    if value is None:
        return NOT_MEASURED
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e3:
        return f"{value:.3g}"
    exponent = math.floor(math.log10(abs(value)))
    mantissa = f"{value / 10**exponent:.1f}"
    if mantissa.removeprefix("-") == "10.0":
        mantissa, exponent = mantissa.replace("10.0", "1.0"), exponent + 1
    return f"{mantissa}×10{str(exponent).translate(_SUPERSCRIPTS)}"


def points(value: float | None, digits: int = 2) -> str:
    """Return a share as points of 100, with its sign, e.g. ``−0.31``."""
    if value is None:
        return NOT_MEASURED
    text = f"{value * 100:+.{digits}f}"
    return ("0." + "0" * digits if float(text) == 0 else text).replace("-", "−")


def share(value: float | None, digits: int = 1) -> str:
    """Return a share in per cent; never 100 % unless it is all."""
    if value is None:
        return NOT_MEASURED
    text = f"{value:.{digits}%}"
    return f">99.{'9' * digits}%" if value < 1 and float(text[:-1]) == 100 else text


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with fixed digits."""
    return NOT_MEASURED if value is None else f"{value:,.{digits}f}"


def significant(value: float | None) -> str:
    """Return a number with three significant digits and no exponent, for sizes and times."""
    if value is None:
        return NOT_MEASURED
    digits = 0 if not value else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 5)}f}"


def ratio(value: float, more: str, less: str) -> str:
    """Return a ratio in words, e.g. ``3.9x smaller``."""
    if abs(value - 1) < EQUAL:
        return f"not {more}"
    return f"{value:.1f}x {more}" if value > 1 else f"{1 / value:.1f}x {less}"


def clipped(text: str, length: int = 280) -> str:
    """Return the beginning of a long text."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def tail(name: str) -> str:
    """Return the last two parts of a tensor's long name."""
    return "/".join(name.rpartition(";")[2].split("/")[-2:])
