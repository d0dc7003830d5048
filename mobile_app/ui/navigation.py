"""The bar at the bottom: one button a page."""

from kivy.metrics import dp
from kivy.properties import AliasProperty, BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui.kv import load_kv

load_kv(__file__)


class NavigationButton(ButtonBehavior, BoxLayout):
    """Leads to a page; set off and bold while that page is shown."""

    screen = StringProperty()
    icon = StringProperty()
    name = StringProperty()
    is_current = BooleanProperty(False)

    def _plate(self) -> float:
        return float(min(dp(96), max(dp(1), self.width - dp(4))))

    plate = AliasProperty(_plate, bind=["width"])
