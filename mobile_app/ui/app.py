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
from kivy.metrics import Metrics, dp  # noqa: E402

from mobile_app.engine.java import prepare_interpreter  # noqa: E402
from mobile_app.ui import screens, strings  # noqa: E402
from mobile_app.ui.card import Card  # noqa: E402
from mobile_app.ui.chosen_copy import remove_left  # noqa: E402
from mobile_app.ui.controller import Controller  # noqa: E402
from mobile_app.ui.labelling import Labelling  # noqa: E402
from mobile_app.ui.platform import this_platform  # noqa: E402
from mobile_app.ui.platform.interfaces import Platform  # noqa: E402
from mobile_app.ui.root import Root  # noqa: E402
from mobile_app.ui.saved_state import DARK, LIGHT, SavedState, StateFile  # noqa: E402
from mobile_app.ui.theme import register_font, theme  # noqa: E402

if TYPE_CHECKING:
    from mobile_app.ui.session import Session

ICON = Path(__file__).parents[1] / "assets" / "icons" / "undertone.png"
BACK = 27  # also Escape
LARGEST_TEXT = 1.6  # of the usual size; beyond it a phone's width holds no word any more
LOOK_AROUND = 0.5  # seconds between two looks at what lies over the edges of the window


class UndertoneApp(App):
    """Wires pages, engine and saved state together.

    :param open_session: opens the engine with a recipe, on the worker thread; empty for the usual one.
    :param state_file: where card, theme and page survive the end of the process.
    :param store: the person's database.
    :param platform: the system around the app; None for the one that this process runs on.
    """

    title = strings.text("app")
    icon = str(ICON)

    def __init__(
        self,
        open_session: Callable[[str], Session],
        state_file: StateFile,
        store: Path,
        platform: Platform | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._open_session, self._state_file = open_session, state_file
        self._store, self._given_platform = store, platform
        self._state = state_file.load()
        self._watch: Any = None
        self.platform: Platform
        self.controller: Controller
        self.labelling: Labelling
        self.root: Root

    @property
    def state(self) -> SavedState:
        """What is remembered between two starts."""
        return self._state

    def build(self) -> Root:
        """Make the frame and the first page, with the card as it was left."""
        register_font()
        # Java classes are looked up here: the worker's thread would not find LiteRT's on a phone.
        prepare_interpreter()
        self.platform = self._given_platform or this_platform(_deliver, Clipboard.copy)
        remove_left(self.platform.folders.cache())
        self._take_appearance()
        self.controller = Controller(lambda: self._open_session(self._state.recipe), _deliver, self._show_problem)
        self.labelling = Labelling(
            self.controller, self._remember, self._refresh_say, self._state.card, self._state.talk
        )
        self.root = self._frame()
        return self.root

    def _frame(self) -> Root:
        around = screens.Surroundings(
            self.controller,
            self.platform,
            self._store,
            lambda: self._state,
            self._save,
            lambda name: self.root.show(name),
            self._appearance_chosen,
            self._emptied,
        )
        root = Root(lambda name: screens.make(name, around))
        root.bind(screen=self._turned, on_theme=self._change_theme)
        root.say.bind(on_intro_seen=lambda _page: self._save(intro=True))
        root.fit(self.platform.surroundings.insets())
        root.say.attach(self.labelling)
        if not self._state.intro:
            root.say.introduce()
        return root

    def on_start(self) -> None:
        """Listen to the back key, and open the engine once the first frame is on the screen."""
        Window.softinput_mode = "below_target"
        Window.bind(on_keyboard=self._key)
        Window.bind(on_flip=self._first_frame)
        self._watch = Clock.schedule_interval(self._look_around, LOOK_AROUND)

    def _first_frame(self, *_arguments: Any) -> None:
        Window.unbind(on_flip=self._first_frame)
        self.controller.open(self._opened)

    def _opened(self) -> None:
        self.labelling.refresh()
        self.root.say.refresh()
        self.root.show(self._state.screen if self._state.screen in screens.HOME else "say")

    def on_pause(self) -> bool:
        """Stay alive in the background; everything is saved already."""
        return True

    def on_resume(self) -> None:
        """Take over what the person may have set for all apps meanwhile."""
        before = (theme.is_dark, strings.language(), Metrics.fontscale)
        self._take_appearance()
        if (strings.language(), Metrics.fontscale) != before[1:]:
            self._rebuild()

    def on_stop(self) -> None:
        """Let go of the engine."""
        Window.unbind(on_keyboard=self._key)
        Window.unbind(on_flip=self._first_frame)
        if self._watch is not None:
            self._watch.cancel()
        self.controller.close()

    def _key(self, _window: Any, key: int, *_rest: Any) -> bool:
        return key == BACK and self.root.go_back()

    def _look_around(self, _seconds: float) -> None:
        self.root.fit(self.platform.surroundings.insets())

    def _turned(self, _root: Root, screen: str) -> None:
        self._save(screen=screen)

    def _take_appearance(self) -> None:
        appearance, state = self.platform.appearance, self._state
        theme.is_dark = state.theme == DARK or (state.theme != LIGHT and appearance.is_dark())
        chosen = state.language in strings.LANGUAGES
        strings.use(state.language if chosen else strings.best_of(appearance.languages()))
        if Metrics.fontscale > LARGEST_TEXT:
            Metrics.fontscale = LARGEST_TEXT

    def _appearance_chosen(self) -> None:
        before = strings.language()
        self._take_appearance()
        if strings.language() != before:
            self._rebuild()

    def _rebuild(self) -> None:
        """Make every page anew, in another language or size of text; nothing that was typed or answered is lost."""
        old, screen = self.root, self.root.screen
        self.root = self._frame()
        Window.remove_widget(old)
        Window.add_widget(self.root)
        if self.controller.is_open:
            self.root.show(screen)

    def _emptied(self) -> None:
        """Begin anew after everything was forgotten or replaced."""
        self.labelling.start_talk(is_on=False)
        self.labelling.next()
        self.root.say.ids.speech.text = ""
        inbox = self.root.page("inbox")
        if inbox is not None:
            inbox.flow.clear()
        self._save(inbox="")

    def _change_theme(self, _root: Root) -> None:
        theme.is_dark = not theme.is_dark
        self._save(theme=DARK if theme.is_dark else LIGHT)

    def _remember(self, card: Card) -> None:
        self._save(card=card, talk=self.labelling.talk)

    def _refresh_say(self) -> None:
        self.root.say.refresh()

    def _save(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        self._state_file.save(self._state)

    def _show_problem(self, sentence: str) -> None:
        self.root.pages.current_screen.show_problem(sentence)


def _deliver(job: Callable[[], None]) -> None:
    Clock.schedule_once(lambda _seconds: job())


def make_app(bundle: Path, store: Path, recipe: str | None, platform: Platform | None = None) -> UndertoneApp:
    """Return the app on a bundle and a store; neither is touched before the first frame.

    :param recipe: which model file to run; None for the one that was chosen in the app, or the bundle's default.
    :param platform: the system around the app; None for the one that this process runs on.
    """

    def open_session(chosen: str) -> Session:
        from mobile_app.ui.session import Session  # numpy and the interpreter load here, on the worker thread

        return Session.opened(bundle, store, recipe, chosen)

    return UndertoneApp(open_session, StateFile.beside(store), store, platform)


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
