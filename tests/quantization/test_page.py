"""The page: one file, no network, nothing that a text can break, a text for every picture."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from quantization import formats
from quantization.page import MOST_FLIPS, render, worst_first
from quantization.report import Baseline, plain
from tests.quantization.reports import EVIL, full_report, recipe_report, reference_recipe, report, task_report

VOID = {"meta", "input", "br", "use"}


class Page(HTMLParser):
    """Collects the elements of a page and checks that they close in order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self._open = [], "", []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text():
    return render([report()])


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_the_page_fetches_nothing(text, page):
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            assert attributes.get(name, "#").startswith("#")
    assert "@import" not in text
    assert "url(http" not in text
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert len(text) < 3_000_000


def test_texts_are_escaped(text, page):
    assert EVIL not in text
    assert EVIL in page.text
    assert len(page.all("script")) == 1


def test_only_the_script_of_the_page_may_run(text, page):
    (policy,) = [one["content"] for one in page.all("meta") if "http-equiv" in one]
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_every_plot_says_what_it_shows(page):
    plots = page.all("svg")
    assert len(plots) == 3
    assert all(plot["role"] == "img" and len(plot["aria-label"]) > 40 for plot in plots)


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [one.get("href") or one.get("xlink:href") for tag in ("a", "use") for one in page.all(tag)]
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_plots_take_their_colours_from_the_page(text):
    drawings = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert "var(--series-2)" in drawings
    assert not re.findall(r"#[0-9a-f]{6}", drawings)


def test_figures_stand_in_the_page(page):
    for words in ("0.8000", "−0.10", "1.0×10⁻⁴", "4.0x smaller", "4.0x faster", "99.00%", "ship it"):
        assert words in page.text, words


def test_everything_that_was_measured_has_its_place_in_order():
    page = Page(render([full_report()]))
    titles = [one["id"] for tag in ("section",) for one in page.all(tag)]
    assert titles == [
        "gate", "previous", "collapse", "table", "trade-off", "features", "layers", "labels", "confidence", "flips",
        "study", "census", "phone", "conditions",
    ]  # fmt: skip
    links = [one["href"] for one in page.all("a")]
    assert links == [f"#{title}" for title in titles]
    for words in (
        "the attention mask's sentinel",
        "mean cosine 0.270",
        "collapsed, features point elsewhere",
        "Chip 8 Gen 1",
        "21.5 (3.20)",
        "99.50%",
        "95.0%",
        "0.6500",
        "size of static_wi8_ai8: 20 -> 22 bytes",
        "python -m quantization compare",
    ):
        assert words in page.text, words


def test_models_side_by_side_share_a_page_without_sharing_ids():
    second = full_report(bundle=type(report().bundle)("other", "2", "medium", "2" * 64))
    page = Page(render([full_report(), second]))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"models", "m1-model", "m2-model", "m1-table", "m2-table"} <= set(ids)
    links = [one.get("href") or one.get("xlink:href") for tag in ("a", "use") for one in page.all(tag)]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert sum("all models" in plot["aria-label"] for plot in page.all("svg")) == 1


def test_what_was_not_measured_is_a_dash_not_zero():
    page = Page(render([report(recipe_report(cosine=None, feature_squared_error=None))]))
    assert "How far the features moved" not in page.text
    assert formats.NOT_MEASURED in page.text


def test_baselines_and_missing_tasks_have_their_rows():
    task = {
        "emotion": task_report(),
        "mood": task_report(weighted_f1=None, delta_weighted_f1=None, flips=None, per_label=None),
    }
    made = report(
        recipe_report(tasks=task),
        baselines=(Baseline("Majority", "emotion", 0.313, "on meld"),),
    )
    made.recipes["fp32"].tasks["mood"] = task_report(
        weighted_f1=None, delta_weighted_f1=None, flips=None, per_label=None, agreement=None, mean_confidence_drift=None
    )
    page = Page(render([made]))
    assert "Majority" in page.text
    assert "0.3130" in page.text
    assert "no labels for mood" in page.text


def test_a_page_without_flips_needs_no_script():
    page = Page(render([report(flips=())]))
    assert page.all("script") == []


def test_the_worst_flips_come_first_and_the_page_stays_small():
    (flip,) = report().flips
    many = tuple(
        type(flip)(**(vars(flip) | {"index": i, "damage": i / 10000, "text": "long " * 300}))
        for i in range(MOST_FLIPS + 500)
    )
    assert worst_first(many)[0].index == MOST_FLIPS + 499
    text = render([report(flips=many)])
    assert len(text) < 3_000_000
    assert f"{MOST_FLIPS:,} worst of {MOST_FLIPS + 500:,}" in text


def test_a_real_page_is_whole(compared):
    text = (compared / "report.html").read_text(encoding="utf-8")
    assert len(Page(text).all("svg")) >= 5
    assert "http" not in re.sub(r"http-equiv|licence.*?</td>", "", text)


def test_json_has_no_place_for_nan():
    with pytest.raises(ValueError, match="cannot stand in a report"):
        plain(recipe_report(bytes_ratio=float("nan")))


def test_json_leaves_out_what_was_not_measured():
    values = json.loads(report(flips=()).to_json())
    assert "gate" not in values
    assert "baselines" not in values
    assert "load_ms" not in values["recipes"]["fp32"]
    assert "feature_squared_error" not in values["recipes"]["fp32"]
    assert reference_recipe().cosine is None


@pytest.mark.parametrize(
    ("function", "value", "shown"),
    [
        (formats.scientific, 1.74e-8, "1.7×10⁻⁸"),
        (formats.scientific, 9.99e-5, "1.0×10⁻⁴"),
        (formats.scientific, 0.25, "0.25"),
        (formats.scientific, 0, "0"),
        (formats.scientific, None, "–"),
        (formats.points, -0.0031, "−0.31"),
        (formats.points, -0.00001, "0.00"),
        (formats.share, 0.9999, ">99.9%"),
        (formats.share, 1.0, "100.0%"),
        (formats.significant, 89.93, "89.9"),
        (formats.significant, 0.0451, "0.0451"),
        (formats.significant, 0, "0"),
        (formats.clipped, "a" * 300, "a" * 279 + "…"),
    ],
)
def test_numbers_as_people_read_them(function, value, shown):
    assert function(value) == shown
