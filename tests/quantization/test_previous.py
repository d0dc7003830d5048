"""The comparison with an earlier report, and the summary for a pull request."""

import json

import pytest

from mobile_app.engine.errors import CheckFailedError, DataError
from quantization.gate import Gate, require_passed
from quantization.latency import Latency
from quantization.markdown import markdown
from quantization.page import render
from quantization.previous import compare_with, read_previous
from tests.quantization.reports import EVIL, recipe_report, report, task_report

RECIPE = "dynamic_wi8_afp32"
CPU = "a processor"


def changes(now, cpu=CPU, before=None):
    values = json.loads((before or report()).to_json())
    return compare_with(values, {RECIPE: now}, cpu).changes


def test_nothing_changed_is_no_change():
    assert changes(recipe_report()) == ()


@pytest.mark.parametrize(
    ("now", "sentence", "worse"),
    [
        ({"bytes": 26}, f"size of {RECIPE}: 25 -> 26 bytes", True),
        ({"bytes": 20}, f"size of {RECIPE}: 25 -> 20 bytes", False),
        ({"latency_ms": Latency(2, 4.0, 2, 0, 9, 1)}, f"p95 latency of {RECIPE}: 3 -> 4 ms", True),
        ({"non_finite": 1}, f"non-finite values of {RECIPE}: 0 -> 1", True),
        (
            {"tasks": {"emotion": task_report(weighted_f1=0.79)}},
            f"weighted F1 of {RECIPE} on emotion: 0.8 -> 0.79",
            True,
        ),
        (
            {"tasks": {"emotion": task_report(agreement=0.995)}},
            f"agreement of {RECIPE} on emotion: 0.99 -> 0.995",
            False,
        ),
    ],
)
def test_a_change_beyond_the_noise_is_named_with_both_values(now, sentence, worse):
    (change,) = changes(recipe_report(**now))
    assert (change.sentence, change.is_regression) == (sentence, worse)


def test_times_of_another_machine_are_not_compared():
    assert changes(recipe_report(latency_ms=Latency(9, 9, 9, 0, 9, 1)), cpu="another") == ()


def write(tmp_path, made, **replaced):
    path = tmp_path / "previous.json"
    path.write_text(json.dumps(json.loads(made.to_json()) | replaced), encoding="utf-8")
    return path


def test_a_report_of_other_data_is_refused_naming_both(tmp_path):
    path = write(tmp_path, report())
    other = type(report().dataset)("own.csv", "test", 1000, 1000, "2" * 64, "")
    with pytest.raises(DataError, match=r"1000 of own.csv test, sha256 222222222222.* found 1000 of own.csv .*1111"):
        read_previous(path, other, "tiny")
    assert read_previous(path, report().dataset, "tiny")["bundle"]["name"] == "tiny"


@pytest.mark.parametrize("text", ["{}", "no json", '{"format": 2}', "[]"])
def test_what_is_no_report_is_refused(tmp_path, text):
    path = tmp_path / "previous.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"expected a report.json of format 1"):
        read_previous(path, report().dataset, "tiny")


def test_in_a_report_of_several_bundles_the_right_one_is_taken(tmp_path):
    one = json.loads(report().to_json())
    two = one | {"bundle": one["bundle"] | {"name": "other", "version": "7"}}
    path = tmp_path / "previous.json"
    path.write_text(json.dumps({"format": 1, "bundles": [one, two]}), encoding="utf-8")
    assert read_previous(path, report().dataset, "other")["bundle"]["version"] == "7"


def gate(tmp_path, text):
    (tmp_path / "gate.toml").write_text(text, encoding="utf-8")
    return Gate.read(tmp_path / "gate.toml", recipes=[RECIPE], tasks=["emotion"], labelled=["emotion"])


def test_the_gate_breaks_on_regressions_and_without_a_previous_report(tmp_path):
    rules = gate(tmp_path, "no_regressions = true")
    now = {RECIPE: recipe_report(bytes=26)}
    before = json.loads(report().to_json())
    assert rules.check({RECIPE: recipe_report()}, compare_with(before, {RECIPE: recipe_report()}, CPU)).passed
    with pytest.raises(CheckFailedError, match=r"number of regressions since the previous report .* found 1"):
        require_passed(rules.check(now, compare_with(before, now, CPU)))
    with pytest.raises(CheckFailedError, match="found not measured"):
        require_passed(rules.check(now))


def test_the_gate_breaks_on_a_changed_label_in_the_golden_list(tmp_path):
    (tmp_path / "golden.txt").write_text("we won\n\nstop it\n", encoding="utf-8")
    rules = gate(tmp_path, "golden = 'golden.txt'")
    assert rules.golden == ("we won", "stop it")
    assert rules.check({RECIPE: recipe_report(golden_flips=[])}).passed
    broken = rules.check({RECIPE: recipe_report(golden_flips=["we won"])})
    assert (
        "changed labels in the golden list of dynamic_wi8_afp32 is 1, at most 0: “we won”" in broken.rules[0].sentence
    )
    assert not rules.check({RECIPE: recipe_report()}).passed


def test_the_summary_for_a_pull_request_names_everything_and_escapes_texts(tmp_path):
    before = json.loads(report().to_json())
    now = recipe_report(bytes=26)
    rules = gate(tmp_path, "max_bytes = 10")
    made = report(
        now,
        gate=rules.check({RECIPE: now}),
        previous=compare_with(before, {RECIPE: now}, CPU),
        bundle=type(report().bundle)(EVIL, "1", "tiny", "0" * 64),
    )
    text = markdown([made])
    for words in ("ship it", "| INT8 (dynamic range) | 0.00003", "**Gate gate.toml: broken**", "**1 regression since"):
        assert words in text, words
    assert "<script>" not in text
    page = render([made])
    assert "1 regression" in page
    assert f"size of {RECIPE}: 25 -&gt; 26 bytes" in page
