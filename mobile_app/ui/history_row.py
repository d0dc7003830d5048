"""A saved utterance in the list."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.recycleview.views import RecycleDataViewBehavior

from mobile_app.ui.kv import load_kv

load_kv(__file__)


class HistoryRow(RecycleDataViewBehavior, ButtonBehavior, BoxLayout):
    """Shows one entry; the list reuses a handful of these for thousands of utterances."""

    text = StringProperty()
    labels = StringProperty()
    when = StringProperty()
    is_narrow = BooleanProperty(False)
    is_right_to_left = BooleanProperty(False)
