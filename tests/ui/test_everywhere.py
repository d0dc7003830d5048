"""Every page in every language, size of text and orientation, light and dark: nothing is cut or out of place."""

import pytest
from kivy.metrics import Metrics

from mobile_app.ui import strings
from tests.ui.layout import faults, is_visible
from tools.scenes import NAMES, fill, scenes, speak

PORTRAIT, LANDSCAPE, SMALL = (360, 720), (720, 360), (320, 534)


@pytest.fixture
def large_text():
    yield
    Metrics.fontscale = 1.0
    strings.use("en")


@pytest.mark.parametrize("language", list(strings.LANGUAGES))
def test_nothing_is_cut_anywhere(driver, large_text, language):
    fill(driver)
    found = []
    driver.draws = False
    for scale, size in ((1.0, PORTRAIT), (1.6, SMALL), (1.6, LANDSCAPE)):
        if Metrics.fontscale != scale or strings.language() != language:
            Metrics.fontscale = scale
            speak(driver, "en" if language != "en" else "de", is_dark=False)
            speak(driver, language, is_dark=language in ("de", "ru"))  # pages are made anew with this size of text
        driver.resize(*size)
        driver.settle()
        seen = []
        for name in scenes(driver):
            seen.append(name)
            found += [f"{name}, {scale}, {size}: {fault}" for fault in faults(driver)]
        assert tuple(seen) == NAMES
    assert not found, "\n".join(found)


def test_the_check_finds_what_is_cut_and_small(driver):
    from kivy.uix.behaviors import ButtonBehavior

    assert faults(driver) == []
    button = next(button for button in driver.widgets(ButtonBehavior) if is_visible(button) and not button.disabled)
    button.size_hint, button.size = (None, None), (10, 10)
    words = faults(driver)
    assert any("too small" in fault for fault in words)
