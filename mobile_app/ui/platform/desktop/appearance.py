"""What a person has set for all apps of a desktop."""

import os

# In the order in which the C library looks at them.
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class DesktopAppearance:
    """Reads the languages from the environment. Desktops have no common place for theme and size of text."""

    def is_dark(self) -> bool:
        """Return False: the app has a switch of its own."""
        return False

    def font_scale(self) -> float:
        """Return 1: the density of the screen is Kivy's business."""
        return 1.0

    def languages(self) -> tuple[str, ...]:
        """Return the languages of the environment as BCP 47 tags, en where it says nothing."""
        names = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
        tags = [_tag(name) for name in names.split(":")]
        return tuple(dict.fromkeys(tag for tag in tags if tag)) or ("en",)


def _tag(name: str) -> str:
    """Return ``de-CH`` for ``de_CH.UTF-8@euro``, nothing for the C locale."""
    language = name.partition(".")[0].partition("@")[0]
    return "" if language in ("C", "POSIX") else language.replace("_", "-")
