"""A label with a bar as long as it is frequent."""

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui.kv import load_kv

load_kv(__file__)


class BarRow(BoxLayout):
    """Its name and numbers stand beside the bar, which is never the only sign."""

    label = StringProperty()
    name = StringProperty()
    icon = StringProperty()
    words = StringProperty()
    fraction = NumericProperty(0.0)
