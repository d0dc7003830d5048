"""Every verdict follows from its rule, and says so in one sentence."""

import pytest

from quantization.latency import Latency
from quantization.report import Difference
from quantization.verdict import judge, with_verdicts
from tests.quantization.reports import recipe_report, reference_recipe, task_report


def verdict(n=1000, delta=None, reference=None, **changes):
    task = task_report(n=n, n_labelled=n, **({"delta_weighted_f1": Difference(*delta)} if delta else {}))
    return judge(recipe_report(**({"tasks": {"emotion": task}} | changes)), reference or reference_recipe())


@pytest.mark.parametrize(
    ("changes", "decision", "words"),
    [
        ({}, "ship", "INT8 (dynamic range): 4.0x smaller, 4.0x faster, no measurable loss: ship it."),
        ({"delta": (-0.004, (-0.008, -0.001))}, "ship", "loses 0.40 points of emotion F1"),
        ({"delta": (-0.03, (-0.05, -0.01))}, "stop", "loses 3.00 points of emotion F1"),
        ({"delta": (-0.008, (-0.02, -0.001))}, "check", "measure on more utterances"),
        ({"delta": (-0.002, (-0.03, 0.02))}, "check", "may move by more than a point"),
        ({"delta": (0.0, (0.0, 0.0)), "n": 30}, "check", "30 utterances cannot exclude a point of emotion F1"),
        ({"non_finite": 7}, "stop", "7 values are NaN or infinite"),
        ({"bytes_ratio": 1.0, "latency_ms": Latency(9.0, 9.0, 9.0, 0, 1, 1)}, "keep", "nothing gained, keep FP32"),
    ],
)
def test_the_rules(changes, decision, words):
    found = verdict(**changes)
    assert found.decision == decision
    assert words in found.sentence


def test_one_label_for_everything_is_a_collapse_unless_the_reference_does_it_too():
    collapsed = task_report(predicted={"joy": 1000, "anger": 0})
    found = verdict(tasks={"emotion": collapsed})
    assert found.decision == "stop"
    assert "collapsed, every emotion is “joy”" in found.sentence
    same = reference_recipe(tasks={"emotion": collapsed})
    assert verdict(tasks={"emotion": collapsed}, reference=same).decision == "ship"


@pytest.mark.parametrize(("agreement", "decision"), [(0.995, "ship"), (0.98, "check")])
def test_without_gold_labels_agreement_decides(agreement, decision):
    task = task_report(delta_weighted_f1=None, weighted_f1=None, agreement=agreement)
    found = verdict(tasks={"emotion": task})
    assert found.decision == decision
    assert "no gold labels" in found.sentence


def test_slower_and_larger_is_said():
    found = verdict(bytes_ratio=0.5, latency_ms=Latency(16.0, 16.0, 16.0, 0, 1, 1))
    assert "2.0x larger, 2.0x slower" in found.sentence


def test_the_reference_is_described_not_judged():
    judged = with_verdicts({"fp32": reference_recipe(), "dynamic_wi8_afp32": recipe_report()}, "fp32")
    assert judged["fp32"].decision == "reference"
    assert judged["fp32"].verdict == "FP32: the reference, 0.0 MB and 8.00 ms an utterance."
    assert judged["dynamic_wi8_afp32"].decision == "ship"
