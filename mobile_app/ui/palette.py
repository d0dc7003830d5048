"""The colours of the app, as plain numbers: readable in light and dark, and checked by a test without a window."""

import zlib
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Palette:
    """One look. Text colours reach a contrast of 4.5:1 on every ground they are used on, graphics 3:1.

    :param background: behind everything.
    :param surface: cards.
    :param raised: choices on a card.
    :param ink: text.
    :param muted: text of lesser weight.
    :param line: borders and the track of a bar.
    :param accent: what to press next.
    :param accent_ink: text on it.
    :param danger: words of warning.
    """

    background: str
    surface: str
    raised: str
    ink: str
    muted: str
    line: str
    accent: str
    accent_ink: str
    danger: str
    hues: dict[str, str]

    def hue(self, label: str) -> str:
        """Return the colour of a label: its own, or for labels that a person added always the same one of these."""
        if label in self.hues:
            return self.hues[label]
        names = sorted(self.hues)
        return self.hues[names[zlib.crc32(label.encode("utf-8", "replace")) % len(names)]]

    @classmethod
    def tokens(cls) -> tuple[str, ...]:
        """Return the names of the plain colours."""
        return tuple(field.name for field in fields(cls) if field.name != "hues")


LIGHT = Palette(
    background="#f6efe7",
    surface="#fffdfa",
    raised="#f5ede4",
    ink="#2a2230",
    muted="#655a69",
    line="#d9cdc6",
    accent="#7b3f63",
    accent_ink="#ffffff",
    danger="#9d2b25",
    hues={
        "anger": "#b3362b",
        "disgust": "#5b741f",
        "fear": "#6b4bb8",
        "joy": "#a86400",
        "sadness": "#2f62b5",
        "surprise": "#00757a",
        "neutral": "#6e6672",
        "positive": "#2b7a4b",
        "negative": "#b03a5b",
    },
)

DARK = Palette(
    background="#16121a",
    surface="#221c27",
    raised="#2f2835",
    ink="#f5eef3",
    muted="#bdb1c2",
    line="#4a4151",
    accent="#e9afcd",
    accent_ink="#35122b",
    danger="#ffa399",
    hues={
        "anger": "#ff8a7a",
        "disgust": "#b5cf6b",
        "fear": "#b7a0ff",
        "joy": "#ffc35c",
        "sadness": "#8fb8ff",
        "surprise": "#5fd6d3",
        "neutral": "#b9afbd",
        "positive": "#7fd6a0",
        "negative": "#ff93b0",
    },
)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2: (L1 + 0.05) / (L2 + 0.05))."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
