"""Looks at every widget of the window for what is cut, outside of its place, or too small for a finger."""

from kivy.core.text import Label as TextMeasure
from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.textinput import TextInput

from mobile_app.ui.history_row import HistoryRow

SLACK = 1.5  # pixels


def faults(driver):
    """Return what is wrong, in words."""
    driver.frames(5)
    found = []
    for widget in driver.widgets(Label):
        if widget.text and is_visible(widget):
            found += [*cut(widget), *broken(widget)]
    for widget in driver.widgets(ButtonBehavior):
        if is_visible(widget) and not widget.disabled and min(widget.size) < dp(48) - 0.01:
            found.append(f"{described(widget)} is {widget.size}, too small for a finger")
    for widget in (*driver.widgets(Label), *driver.widgets(ButtonBehavior), *driver.widgets(TextInput)):
        if is_visible(widget):
            found += outside(widget)
    return list(dict.fromkeys(found))


def cut(label):
    width, height = label.texture_size
    if width > label.width + SLACK or height > label.height + SLACK:
        yield f"{described(label)} needs {label.texture_size} and has {label.size}"
    # What a person wrote may be shortened in a list; what the app says never.
    if label.is_shortened and not any(isinstance(parent, HistoryRow) for parent in label.walk_reverse()):
        yield f"{described(label)} is shortened"


def broken(label):
    """Yield a word that is too long for its line and goes on in the next one."""
    if label.text_size[0] is None or label.shorten:
        return
    room = label.width - label.padding[0] - label.padding[2]
    longest = max(label.text.replace("\u00a0", " ").split(), key=len, default="")
    measure = TextMeasure(font_name=label.font_name, font_size=label.font_size, bold=label.bold)
    if longest and measure.get_extents(longest)[0] > room + SLACK:
        yield f"{described(label)} breaks {longest!r}"


def outside(widget):
    """Yield how a widget leaves the box that it is in, and every box around that one."""
    child, parent = widget, widget.parent
    while isinstance(parent, (BoxLayout, GridLayout)):
        across, along = (child.x, child.right, parent.x, parent.right), (child.y, child.top, parent.y, parent.top)
        for start, end, first, last in (across, along):
            if start < first - SLACK or end > last + SLACK:
                yield f"{described(widget)} reaches from {start:.0f} to {end:.0f} in {first:.0f} to {last:.0f}"
        child, parent = parent, parent.parent


def is_visible(widget):
    while widget is not None and hasattr(widget, "opacity"):
        if widget.opacity == 0 or widget.width < 1 or (widget.height < 1 and not isinstance(widget, Label)):
            return False
        if isinstance(widget, ScrollView) and widget.height < 1:
            return False
        widget = widget.parent if widget.parent is not widget else None
    return True


def described(widget):
    words = getattr(widget, "text", "") or next((w.text for w in widget.walk() if getattr(w, "text", "")), "")
    return f"{type(widget).__name__} {words[:40]!r}"
