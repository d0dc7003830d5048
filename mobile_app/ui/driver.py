"""Drives the real app offscreen: frames, real touches and keys, screenshots. Shared by the demo and the tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent
from kivy.lang import Builder
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from mobile_app.ui.app import UndertoneApp
from mobile_app.ui.choice_chip import ChoiceChip
from mobile_app.ui.task_card import TaskCard

FRAME = 1 / 60  # seconds of Kivy's clock


class Finger(MotionEvent):
    """A touch that goes through Kivy's input system like that of a screen."""

    def __init__(self, x: float, y: float) -> None:
        place = {"x": x / (Window.width - 1.0), "y": y / (Window.height - 1.0)}
        super().__init__("driver", 1, place, is_touch=True, type_id="touch")

    def depack(self, args: dict[str, float]) -> None:
        """Take over a place, from 0 to 1 in both directions."""
        self.sx, self.sy, self.profile = args["x"], args["y"], ["pos"]
        super().depack(args)


class Driver:
    """Runs an app frame by frame, for the time of a ``with`` block.

    :param patience: seconds until :meth:`wait` gives up.
    """

    # Kivy's clock runs by frames, however slow the machine is. It is one for all drivers: it must never run backwards.
    _now = time.perf_counter()

    def __init__(self, app: UndertoneApp, *, patience: float = 60.0) -> None:
        self.app, self._patience = app, patience
        self.draws = True  # the layout of a frame that is not drawn is the same, and is there sooner

    def __enter__(self) -> Driver:
        """Start the app; the first frame is drawn."""
        EventLoop.ensure_window()
        Clock.time = lambda: Driver._now
        root = self.app.build()
        Window.add_widget(root)
        EventLoop.start()
        self.app.dispatch("on_start")
        self.frames(2)
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: Any, _trace: TracebackType | None) -> None:
        """Stop the app and leave an empty window."""
        self.app.dispatch("on_stop")
        for child in list(Window.children):
            Window.remove_widget(child)

    @property
    def root(self) -> Any:
        """The frame around the pages."""
        return self.app.root

    def frames(self, number: int = 3) -> None:
        """Let a number of frames pass."""
        for _ in range(number):
            if self.draws:
                Driver._now += FRAME
                EventLoop.idle()
            else:
                self.think()

    def think(self, seconds: float = FRAME) -> None:
        """Let a frame pass in which the app does all it does but draw."""
        Driver._now += seconds
        Clock.tick()
        EventLoop.dispatch_input()
        Builder.sync()
        Clock.tick_draw()
        Builder.sync()

    def wait(self, condition: Callable[[], object], what: str = "the app") -> None:
        """Let frames pass until ``condition`` holds.

        :raises TimeoutError: if it does not within the driver's patience.
        """
        end = time.monotonic() + self._patience
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {self._patience:.0f} s for {what}")
            self.frames(1)
            time.sleep(0.002)

    def skip(self, seconds: float) -> None:
        """Let time pass for Kivy's clock, without waiting for it."""
        Driver._now += seconds
        self.frames(2)

    def settle(self) -> None:
        """Let everything under way arrive on the screen: the pause after typing, the engine, the bars."""
        for _ in range(3):  # a tap asks the engine, its answer may ask again, and then the bars glide
            self.skip(0.5)
            self.wait(lambda: self.app.controller.is_idle, "the engine")
        self.skip(0.5)
        self.frames(5)  # a late answer may still be moving the layout

    def tap(self, widget: Widget) -> None:
        """Touch the middle of a widget and let go."""
        self.tap_at(*widget.to_window(*widget.center))

    def tap_at(self, x: float, y: float) -> None:
        """Touch a place of the window, in pixels from the lower left corner, and let go."""
        finger = Finger(x, y)
        EventLoop.post_dispatch_input("begin", finger)
        self.frames(2)
        EventLoop.post_dispatch_input("end", finger)
        self.frames(3)

    def reveal(self, widget: Widget) -> None:
        """Scroll until a widget is in sight."""
        above = widget.parent
        while above is not None and above is not Window and not isinstance(above, ScrollView):
            above = above.parent
        self.skip(0.3)  # a scroll view passes a tap on after a moment,
        self.skip(0.5)  # and the tap may have set it scrolling
        if isinstance(above, ScrollView) and above.children[0].height > above.height:
            above.scroll_to(widget, padding=8, animate=False)
            self.frames(3)

    def write(self, text: str) -> None:
        """Type into what has the keyboard, one character after the other."""
        for character in text:
            Window.dispatch("on_textinput", character)
        self.frames(2)

    def paste(self, text: str) -> None:
        """Hand over a text in one piece, as keyboards with suggestions and clipboards do."""
        Window.dispatch("on_textinput", text)
        self.frames(2)

    def key(self, code: int, text: str = "") -> None:
        """Press and release a key.

        :param text: what it writes.
        """
        Window.dispatch("on_key_down", code, 0, text, [])
        Window.dispatch("on_key_up", code, 0, "", [])
        self.frames(2)

    def back(self) -> bool:
        """Press the back key; return whether the app took it."""
        taken = bool(Window.dispatch("on_keyboard", 27, 0, "", []))
        self.frames(3)
        return taken

    def widgets(self, kind: type, root: Widget | None = None) -> Iterator[Any]:
        """Walk over the widgets of a class that are in the window."""
        for top in [root] if root is not None else list(Window.children):
            for widget in top.walk():
                if isinstance(widget, kind):
                    yield widget

    def labels(self) -> Iterator[Label]:
        """Walk over the words that are in the window."""
        return self.widgets(Label)

    @property
    def width(self) -> int:
        """Pixels of the window from left to right."""
        return int(Window.width)

    @property
    def height(self) -> int:
        """Pixels of the window from below to above."""
        return int(Window.height)

    def card(self, task: str) -> TaskCard:
        """Return the uppermost card of a task."""
        return next(card for card in self.widgets(TaskCard) if card.task.name == task)

    def chip(self, task: str, label: str | None = None) -> ChoiceChip:
        """Return the chip of a label, or the suggested one."""
        chips = list(self.widgets(ChoiceChip, self.card(task)))
        if label is None:
            return next(chip for chip in chips if chip.is_suggested)
        return next(chip for chip in chips if chip.label == label)

    def button(self, text: str) -> Widget:
        """Return the button with these words.

        :raises LookupError: if there is none.
        """
        for words in self.widgets(Label):
            widget = words
            while words.text == text and isinstance(widget, Widget):  # the words may be a part of the button
                if isinstance(widget, ButtonBehavior):
                    return widget
                widget = widget.parent
        raise LookupError(f"no button with the words {text!r}")

    def screenshot(self, path: Path) -> Path:
        """Save what the window shows as a PNG file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.frames(2)
        written = Path(Window.screenshot(name=str(path)))
        written.replace(path)
        return path

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, as turning a phone does."""
        Window.size = (width, height)
        self.frames(4)
