"""The bar at the bottom: one button a page."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui.kv import load_kv

load_kv(__file__)


class NavigationButton(ButtonBehavior, BoxLayout):
    """Leads to a page; underlined and bold while that page is shown."""

    screen = StringProperty()
    icon = StringProperty()
    name = StringProperty()
    is_current = BooleanProperty(False)
