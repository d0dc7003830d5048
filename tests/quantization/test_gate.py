"""The gate: what it refuses to read, and what it lets pass."""

import pytest

from mobile_app.engine.errors import CheckFailedError, UndertoneError
from quantization.gate import Gate, require_passed
from tests.quantization.reports import recipe_report, task_report

RECIPE = "dynamic_wi8_afp32"


def read(tmp_path, text, **known):
    path = tmp_path / "gate.toml"
    path.write_text(text, encoding="utf-8")
    known = {"recipes": [RECIPE], "tasks": ["emotion", "sentiment"], "labelled": ["emotion"]} | known
    return Gate.read(path, **known)


def check(tmp_path, text, **changes):
    # Drop 0.001 (interval to 0.004), agreement 0.99, p95 3 ms, 25 bytes, MSE 1e-4.
    tasks = {"emotion": task_report(), "sentiment": task_report(delta_weighted_f1=None)}
    return read(tmp_path, text).check({RECIPE: recipe_report(**({"tasks": tasks} | changes))})


@pytest.mark.parametrize(
    ("kept", "broken"),
    [
        ("max_p95_ms = 3.0", "max_p95_ms = 2.9"),
        ("max_bytes = 25", "max_bytes = 24"),
        ("max_feature_mse = 1e-4", "max_feature_mse = 9e-5"),
        ("min_agreement = 0.99", "min_agreement = 0.991"),
        ("max_f1_drop = 0.001", "max_f1_drop = 0.0009"),
        ("max_f1_drop = {emotion = 0.002}", "max_f1_drop = {emotion = 0}"),
        ("max_f1_drop = 0.004\nuse_interval = true", "max_f1_drop = 0.003\nuse_interval = true"),
    ],
)
def test_a_rule_is_kept_up_to_its_limit_and_broken_beyond(tmp_path, kept, broken):
    assert check(tmp_path, kept).passed
    assert not check(tmp_path, broken).passed


def test_values_that_are_not_finite_break_their_rule(tmp_path):
    assert check(tmp_path, "no_non_finite = true").passed
    assert not check(tmp_path, "no_non_finite = true", non_finite=1).passed


def test_what_was_not_measured_breaks_its_rule(tmp_path):
    result = check(tmp_path, "max_feature_mse = 1", feature_squared_error=None)
    assert not result.passed
    with pytest.raises(
        CheckFailedError, match=r"mean squared feature error of dynamic_wi8_afp32 .* found not measured"
    ):
        require_passed(result)


def test_the_sentence_names_rule_recipe_task_limit_and_value(tmp_path):
    result = check(tmp_path, "max_f1_drop = 0.0005\nmax_bytes = 1")
    with pytest.raises(CheckFailedError, match=r"size \(bytes\) of .* at most 1 .*found 25 \(and 1 more rule broke\)"):
        require_passed(result)
    assert result.rules[1].sentence == ("drop of weighted F1 of dynamic_wi8_afp32 on emotion is 0.001, at most 0.0005")


def test_a_passed_gate_says_nothing(tmp_path):
    require_passed(check(tmp_path, "max_bytes = 25"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_bytes = ", "expected TOML in the gate file"),
        ("", "expected at least one rule .* found none"),
        ("no_non_finite = false", "at least one rule"),
        ("max_size = 3", "expected rules among max_p95_ms.* found max_size"),
        ("max_bytes = 'big'", "max_bytes to be a number that is not negative .* found big"),
        ("max_bytes = -1", "found -1"),
        ("max_bytes = nan", "found nan"),
        ("no_non_finite = 1", "no_non_finite to be true or false"),
        ("use_interval = 1\nmax_bytes = 1", "use_interval to be true or false"),
        ("max_f1_drop = {sentiment = 0.1}", r"tasks that are measured \(emotion\).* found sentiment"),
        ("recipes = ['fp16']\nmax_bytes = 1", r"recipes among those compared \(dynamic_wi8_afp32\)"),
        ("recipes = []\nmax_bytes = 1", "recipes among those compared"),
    ],
)
def test_a_gate_that_cannot_be_applied_is_refused(tmp_path, text, message):
    with pytest.raises(UndertoneError, match=message):
        read(tmp_path, text)


def test_a_missing_gate_file_is_refused(tmp_path):
    with pytest.raises(UndertoneError, match="No such file"):
        Gate.read(tmp_path / "none.toml", recipes=[RECIPE], tasks=["emotion"], labelled=["emotion"])
