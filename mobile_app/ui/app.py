"""The app: one window, the pages, and the engine that arrives after the first frame."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobile_app.ui import environment

environment.prepare()

from kivy.app import App  # noqa: E402  Kivy reads the environment on import
from kivy.clock import Clock  # noqa: E402
from kivy.config import Config  # noqa: E402
from kivy.core.clipboard import Clipboard  # noqa: E402
from kivy.core.window import Window  # noqa: E402
from kivy.metrics import dp  # noqa: E402

from mobile_app.engine.java import prepare_interpreter  # noqa: E402
from mobile_app.ui import strings  # noqa: E402
from mobile_app.ui.card import Card  # noqa: E402
from mobile_app.ui.controller import Controller  # noqa: E402
from mobile_app.ui.labelling import Labelling  # noqa: E402
from mobile_app.ui.platform import this_platform  # noqa: E402
from mobile_app.ui.root import Root  # noqa: E402
from mobile_app.ui.saved_state import DARK, LIGHT, StateFile  # noqa: E402
from mobile_app.ui.theme import register_font, theme  # noqa: E402

if TYPE_CHECKING:
    from mobile_app.ui.session import Session

ICON = Path(__file__).parents[1] / "assets" / "icons" / "undertone.png"
BACK = 27  # also Escape


class UndertoneApp(App):
    """Wires pages, engine and saved state together.

    :param open_session: opens the engine, on the worker thread.
    :param state_file: where card, theme and page survive the end of the process.
    """

    title = strings.text("app")
    icon = str(ICON)

    def __init__(self, open_session: Callable[[], Session], state_file: StateFile, **options: Any) -> None:
        super().__init__(**options)
        self._open_session, self._state_file = open_session, state_file
        self._state = state_file.load()
        self.controller: Controller
        self.labelling: Labelling
        self.root: Root

    def build(self) -> Root:
        """Make the frame and the first page, with the card as it was left."""
        register_font()
        # Java classes are looked up here: the worker's thread would not find LiteRT's on a phone.
        prepare_interpreter()
        appearance = this_platform(_deliver, Clipboard.copy).appearance
        theme.is_dark = self._state.theme == DARK or (self._state.theme != LIGHT and appearance.is_dark())
        self.controller = Controller(self._open_session, _deliver, self._show_problem)
        root = Root(self.controller)
        root.bind(screen=self._turned, on_theme=self._change_theme)
        self.labelling = Labelling(self.controller, self._remember, root.say.refresh, self._state.card)
        root.say.attach(self.labelling)
        self.root = root
        return root

    def on_start(self) -> None:
        """Listen to the back key, and open the engine once the first frame is on the screen."""
        Window.softinput_mode = "below_target"
        Window.bind(on_keyboard=self._key)
        Window.bind(on_flip=self._first_frame)

    def _first_frame(self, *_arguments: Any) -> None:
        Window.unbind(on_flip=self._first_frame)
        self.controller.open(self._opened)

    def _opened(self) -> None:
        self.labelling.refresh()
        self.root.say.refresh()
        self.root.show(self._state.screen if self._state.screen in ("say", "history") else "say")

    def on_pause(self) -> bool:
        """Stay alive in the background; everything is saved already."""
        return True

    def on_stop(self) -> None:
        """Let go of the engine."""
        Window.unbind(on_keyboard=self._key)
        Window.unbind(on_flip=self._first_frame)
        self.controller.close()

    def _key(self, _window: Any, key: int, *_rest: Any) -> bool:
        return key == BACK and self.root.go_back()

    def _turned(self, _root: Root, screen: str) -> None:
        self._save(screen=screen)

    def _change_theme(self, _root: Root) -> None:
        theme.is_dark = not theme.is_dark
        self._save(theme=DARK if theme.is_dark else LIGHT)

    def _remember(self, card: Card) -> None:
        self._save(card=card)

    def _save(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        self._state_file.save(self._state)

    def _show_problem(self, sentence: str) -> None:
        self.root.pages.current_screen.show_problem(sentence)


def _deliver(job: Callable[[], None]) -> None:
    Clock.schedule_once(lambda _seconds: job())


def make_app(bundle: Path, store: Path, recipe: str | None) -> UndertoneApp:
    """Return the app on a bundle and a store; neither is touched before the first frame."""

    def open_session() -> Session:
        from mobile_app.ui.session import Session  # numpy and the interpreter load here, on the worker thread

        return Session(bundle, store, recipe)

    return UndertoneApp(open_session, StateFile.beside(store))


def run(bundle: Path, store: Path, recipe: str | None) -> None:
    """Open the window and stay until it is closed.

    :param bundle: folder of the bundle.
    :param store: file of the learner's store.
    :param recipe: model file of the bundle to run; None for its default.
    :raises UndertoneError: if this machine cannot draw.
    """
    if Window is None:
        raise environment.cannot_draw("no window could be opened")
    logging.getLogger("kivy").setLevel(logging.ERROR)
    Config.set("kivy", "exit_on_escape", "0")  # Escape goes back, as the back key does
    Window.minimum_width, Window.minimum_height = dp(320), dp(320)
    if not _is_phone():
        Window.size = (420, 820)
    make_app(bundle, store, recipe).run()


def _is_phone() -> bool:
    from kivy.utils import platform

    return platform in ("android", "ios")
