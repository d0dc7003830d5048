"""What a person has set for all apps of a phone."""

from typing import Any

_NIGHT_MASK, _NIGHT_YES = 0x30, 0x20  # android.content.res.Configuration.UI_MODE_NIGHT_*


class AndroidAppearance:
    """Reads the configuration in force.

    :param activity: the running ``android.app.Activity``.
    """

    def __init__(self, activity: Any) -> None:
        self._activity = activity

    def is_dark(self) -> bool:
        """Return whether the phone is set to a dark theme."""
        return bool(self._configuration().uiMode & _NIGHT_MASK == _NIGHT_YES)

    def font_scale(self) -> float:
        """Return by how much text is to be larger than usual. Kivy's ``sp`` follows it by itself."""
        return float(self._configuration().fontScale)

    def languages(self) -> tuple[str, ...]:
        """Return the languages of the phone as BCP 47 tags, the preferred one first."""
        return tuple(self._configuration().getLocales().toLanguageTags().split(","))

    def _configuration(self) -> Any:
        return self._activity.getResources().getConfiguration()
