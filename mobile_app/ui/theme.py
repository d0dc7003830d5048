"""Theme tokens that widgets bind to: changing one colours the whole app at once."""

from pathlib import Path

from kivy.core.text import LabelBase
from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, ColorProperty
from kivy.utils import get_color_from_hex

from mobile_app.ui.palette import DARK, LIGHT, Palette

FONTS = Path(__file__).parents[1] / "assets" / "fonts"
FONT = "Undertone"


class Theme(EventDispatcher):
    """The colours in force, as Kivy properties named like the tokens of the palette."""

    is_dark = BooleanProperty(False)
    background = ColorProperty(LIGHT.background)
    surface = ColorProperty(LIGHT.surface)
    raised = ColorProperty(LIGHT.raised)
    ink = ColorProperty(LIGHT.ink)
    muted = ColorProperty(LIGHT.muted)
    line = ColorProperty(LIGHT.line)
    accent = ColorProperty(LIGHT.accent)
    accent_ink = ColorProperty(LIGHT.accent_ink)
    danger = ColorProperty(LIGHT.danger)

    @property
    def palette(self) -> Palette:
        """The palette in force."""
        return DARK if self.is_dark else LIGHT

    def on_is_dark(self, _theme: "Theme", _dark: bool) -> None:
        """Take over the colours of the other palette."""
        for token in Palette.tokens():
            self.property(token).set(self, vars(self.palette)[token])

    def colour(self, name: str, _is_dark: bool) -> list[float]:
        """Return the colour of a token, or else of a label.

        :param _is_dark: passed by kv so that it asks again when the theme changes.
        """
        palette = self.palette
        colour: list[float] = get_color_from_hex(vars(palette)[name] if name in palette.tokens() else palette.hue(name))
        return colour


def register_font() -> None:
    """Make the app's font known to Kivy: text in many scripts and emoji in one file, since Kivy has no fallback."""
    LabelBase.register(
        FONT,
        fn_regular=str(FONTS / "UndertoneText-Regular.ttf"),
        fn_bold=str(FONTS / "UndertoneText-Bold.ttf"),
    )


theme = Theme()
