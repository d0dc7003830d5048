"""What is Android's own: settings, bars and keyboard, requests to other apps and their answers."""

import queue

import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.java import java_class
from mobile_app.ui.platform import this_platform
from mobile_app.ui.platform.interfaces import Insets

STATUS, NAVIGATION, KEYBOARD, CUTOUT = 1, 2, 8, 128


@pytest.fixture
def delivered():
    return queue.Queue()


@pytest.fixture
def platform(activity, delivered):
    return this_platform(delivered.put, pytest.fail)


def test_theme_size_of_text_and_languages_follow_the_settings(platform, activity):
    configuration = activity.getResources().getConfiguration()
    configuration.set(0x21, 1.3, "tr-TR,de-CH,en-US")
    assert platform.appearance.is_dark()
    assert platform.appearance.font_scale() == pytest.approx(1.3)
    assert platform.appearance.languages() == ("tr-TR", "de-CH", "en-US")
    configuration.set(0x11, 0.85, "en-US")
    assert not platform.appearance.is_dark()


def cover(activity, content, **kinds):
    """Lay bars over a window of 1080 x 2400, in which the content lies at ``content``."""
    insets = java_class("android.view.WindowInsets")()
    for kind, edges in kinds.items():
        insets.set(globals()[kind], *edges)
    window = activity.getWindow().getDecorView()
    window.place(0, 0, 1080, 2400)
    window.cover(insets)
    activity.findViewById(0x01020002).place(*content)


BARS = {"STATUS": (0, 90, 0, 0), "NAVIGATION": (0, 0, 0, 63)}


def test_content_under_the_bars_is_told_how_far_they_reach(platform, activity):
    cover(activity, (0, 0, 1080, 2400), **BARS)
    assert platform.surroundings.insets() == Insets(top=90, bottom=63)


def test_the_keyboard_counts_from_the_edge_of_the_window(platform, activity):
    cover(activity, (0, 0, 1080, 2400), **BARS, KEYBOARD=(0, 0, 0, 900))
    assert platform.surroundings.insets() == Insets(top=90, bottom=63, keyboard=900)


def test_a_cutout_may_reach_further_than_the_bars(platform, activity):
    cover(activity, (0, 0, 1080, 2400), **BARS, CUTOUT=(40, 120, 0, 0))
    assert platform.surroundings.insets() == Insets(left=40, top=120, bottom=63)


def test_content_that_android_moved_aside_is_not_moved_twice(platform, activity):
    cover(activity, (0, 90, 1080, 2400 - 90 - 63), **BARS)
    assert platform.surroundings.insets() == Insets()
    cover(activity, (0, 90, 1080, 2400 - 90 - 900), **BARS, KEYBOARD=(0, 0, 0, 900))
    assert platform.surroundings.insets() == Insets()


def test_nothing_is_said_before_android_11(activity, delivered):
    java_class("android.os.Build$VERSION").set(29)
    platform = this_platform(delivered.put, pytest.fail)
    cover(activity, (0, 0, 1080, 2400), **BARS)
    assert platform.surroundings.insets() == Insets()


def ask_to_open(platform, tmp_path, mime_types, outcomes):
    platform.documents.open(mime_types, tmp_path / "copy", outcomes.append, outcomes.append)


def test_a_request_to_open_names_what_may_be_chosen(platform, activity, tmp_path):
    ask_to_open(platform, tmp_path, ["application/json", "text/plain"], [])
    ask_to_open(platform, tmp_path, ["text/plain"], [])
    both, one = activity.started()
    assert both.getAction() == "android.intent.action.OPEN_DOCUMENT"
    assert (both.getType(), one.getType()) == ("*/*", "text/plain")
    assert list(both.getStringArrayExtra(both.EXTRA_MIME_TYPES)) == ["application/json", "text/plain"]
    assert both.hasCategory("android.intent.category.OPENABLE")


def test_a_request_to_save_proposes_a_name(platform, activity, tmp_path):
    platform.documents.save(tmp_path / "source", "labels.jsonl", "application/json", pytest.fail, pytest.fail)
    (request,) = activity.started()
    assert request.getAction() == "android.intent.action.CREATE_DOCUMENT"
    assert (request.getType(), request.getStringExtra(request.EXTRA_TITLE)) == ("application/json", "labels.jsonl")
    assert request.hasCategory("android.intent.category.OPENABLE")


def test_the_share_sheet_gets_the_text_as_text(platform, activity):
    platform.sharing.share("I am happy.", "Share this")
    (chooser,) = activity.started()
    assert chooser.getAction() == "android.intent.action.CHOOSER"
    assert chooser.getStringExtra(chooser.EXTRA_TITLE) == "Share this"
    sent = chooser.getIntentExtra(chooser.EXTRA_INTENT)
    assert (sent.getAction(), sent.getType()) == ("android.intent.action.SEND", "text/plain")


def test_a_phone_without_a_document_picker_says_so(platform, activity, tmp_path):
    activity.removeOtherApps()
    with pytest.raises(UndertoneError, match=r"document picker of this phone; found .*No Activity found"):
        ask_to_open(platform, tmp_path, ["*/*"], [])
    with pytest.raises(UndertoneError, match=r"share sheet to open; found .*No Activity found"):
        platform.sharing.share("text", "Share")


def test_an_answer_reaches_the_request_that_it_belongs_to(platform, activity, delivered, tmp_path):
    first, second = [], []
    ask_to_open(platform, tmp_path, ["*/*"], first)
    ask_to_open(platform, tmp_path, ["*/*"], second)
    activity.nextCode()
    activity.answer(activity.nextCode(), 0, None)
    delivered.get(timeout=10)()
    assert (first, second) == ([], [False])


def test_answers_to_requests_of_others_are_left_alone(platform, activity, delivered, tmp_path):
    outcomes = []
    ask_to_open(platform, tmp_path, ["*/*"], outcomes)
    code = activity.nextCode()
    activity.answer(7, -1, java_class("android.content.Intent")())
    activity.answer(code, 0, None)
    delivered.get(timeout=10)()
    assert outcomes == [False]
    assert delivered.empty()


def test_a_document_that_its_app_does_not_hand_out_is_one_sentence(platform, activity, delivered, tmp_path):
    outcomes = []
    ask_to_open(platform, tmp_path, ["*/*"], outcomes)
    uri = java_class("android.net.Uri").fromFile(java_class("java.io.File")("/nowhere"))
    activity.answer(activity.nextCode(), -1, java_class("android.content.Intent")("", uri))
    delivered.get(timeout=10)()
    assert "does not hand it out" in str(outcomes[0])
