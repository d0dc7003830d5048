"""The page in a real browser, opened from the disk without a network. Where there is no Chromium, this is skipped."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from quantization.page import render
from tests.quantization.reports import report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# A folder with axe-core and playwright-core (npm install axe-core playwright-core).
NODE_MODULES = os.environ.get("UNDERTONE_NODE_MODULES", "")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    (flip,) = report().flips
    flips = tuple(type(flip)(**(vars(flip) | {"index": i, "text": f"text {i}"})) for i in range(3))
    path.write_text(render([report(flips=flips)]), encoding="utf-8")
    return path


def opened(page, tmp_path):
    """Return the page's elements after its script ran."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=3000", "--dump-dom"]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def test_the_script_runs_under_its_policy_and_offers_search_and_sorting(page, tmp_path):
    text = opened(page, tmp_path)
    assert "3 of 3 shown" in text
    assert '<button type="button">Utterance</button>' in text
    assert 'class="tools"' in text
    assert 'class="tools" hidden' not in text


def test_without_javascript_everything_but_search_is_there(page):
    text = page.read_text(encoding="utf-8")
    assert '<div class="tools" hidden>' in text
    assert text.count("text 0") == 1
    assert "ship it" in text


@pytest.mark.skipif(not NODE_MODULES, reason="UNDERTONE_NODE_MODULES names no folder with axe-core")
def test_axe_finds_nothing_in_light_and_dark(page, compared):
    script = Path(__file__).with_name("axe.mjs")
    for path in (page, compared / "report.html"):
        command = ["node", str(script), str(path), NODE_MODULES, str(CHROMIUM)]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout)
        assert found["findings"] == found["errors"] == found["requests"] == []
        assert set(found["shown"]) <= {"0 of 3 shown", "0 of 1 shown"}
