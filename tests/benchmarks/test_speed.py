"""The side-by-side benchmark: real contestants in child processes, on the bundle that ships."""

import json
import time
from pathlib import Path

import pytest

from benchmarks.record import ROOT
from benchmarks.speed.agreement import agreement
from benchmarks.speed.child import Child, ChildError
from benchmarks.speed.contestants import EXACT, OURS, Contestant
from benchmarks.speed.environments import HERE, python_of
from benchmarks.speed.figures import speed_figures
from benchmarks.speed.measuring import BLOCK, cold_starts, measure, ours
from benchmarks.speed.page import speed_tables, write_part
from benchmarks.speed.plot import draw_speed
from benchmarks.speed.ratios import Spread, paired_ratios
from mobile_app.engine.errors import UndertoneError

SHIPPED = ROOT / "mobile_app" / "assets" / "bundle"
RECIPE = "dynamic_wi8_afp32"
TEXTS = [f"{text} {number}" for number in range(BLOCK) for text in ("Oh no!", "I am so happy for you.", "What?")]


@pytest.fixture(scope="module")
def options():
    tasks = json.loads((SHIPPED / "manifest.json").read_text(encoding="utf-8"))["tasks"]
    return {"bundle": str(SHIPPED), "recipe": RECIPE, "threads": 1, "tasks": tasks}


@pytest.fixture(scope="module")
def results(options):
    file = SHIPPED / f"model.{RECIPE}.tflite"
    known = [
        # The bundle that ships has no exact recipe: the same one takes its place.
        Contestant(EXACT, "exact", HERE, "engine", options, (file,)),
        Contestant(OURS, "ours", HERE, "engine", options, (file,)),
        Contestant("reference_int8", "fixed", HERE, "reference_way", options, (file,), every=2),
        Contestant("onnxruntime_int8", "absent", HERE, "onnx", {**options, "model": "none"}),
    ]
    return measure(known, TEXTS, [9] * len(TEXTS))


def test_everyone_is_timed_on_the_same_utterances_and_one_that_fails_is_left_out(results):
    by_name = {result.contestant.name: result for result in results}
    assert set(by_name) == {EXACT, OURS, "reference_int8"}
    assert sorted(by_name[OURS].seconds) == list(range(len(TEXTS)))
    every_second = [place for place in range(len(TEXTS)) if place // BLOCK % 2 == 0]
    assert sorted(by_name["reference_int8"].seconds) == every_second
    assert all(value > 0 for result in results for value in result.seconds.values())


def test_the_same_model_gives_the_same_labels_at_a_fixed_length(results):
    found = next(one for one in results if one.contestant.name == "reference_int8").agreement
    assert found.same_labels == 1
    assert found.max_difference < 0.02, "rounding on the fly, not another model"


def test_rows_become_figures_tables_and_a_picture(results, tmp_path):
    rows = [{"kind": "warm", **result.row("pocket", 1, ours(results))} for result in results]
    rows.append({"kind": "cold", "contestant": OURS, "shown_as": "ours", "s": 0.2, "s_quartiles": [0.1, 0.3]})
    rows[-1] |= {"times_ours": 1.0, "n": 3}
    figures = speed_figures(rows, ["pocket"])
    assert figures["vs_reference_way_int8"].value == figures["vs_reference_way_int8_pocket"].value > 0
    assert figures["cold_start_first_label_s"].value == 0.2
    assert "vs_pytorch_eager" not in figures, "it did not run"
    draw_speed(rows, tmp_path / "speed.svg")
    assert (tmp_path / "speed.svg").read_bytes().startswith(b"<?xml")
    values = {"rows": rows, "machine": {"cpu": "a", "cores": 2, "system": "b"}, "measured_at": "2026-11-21T00:00"}
    text = speed_tables(
        {**values, "data": {"dataset": "meld", "split": "test", "utterances": len(TEXTS), "lengths": [8, 32]}}
    )
    assert "| ours | " in text and "first label" in text


def _state(child):
    return Path(f"/proc/{child._process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_an_idle_contestant_is_stopped(options):
    child = Child(python_of(HERE), "engine", options)
    try:
        child.time(TEXTS[:2])
        patience = time.monotonic() + 10  # a signal takes its time to arrive
        while (state := _state(child)) not in "Tt" and time.monotonic() < patience:
            time.sleep(0.01)
        assert state in "Tt"
        assert len(child.answers(TEXTS[:2])) == 2
    finally:
        child.close()


def test_a_contestant_that_cannot_load_says_why(options):
    child = Child(python_of(HERE), "engine", {**options, "recipe": "none"})
    try:
        with pytest.raises(ChildError, match=r"engine to answer; found exit code 1: .*'none'"):
            child.time(TEXTS[:1])
    finally:
        child.close()


def test_a_cold_start_counts_from_the_start_of_the_process(options):
    known = [Contestant(OURS, "ours", HERE, "engine", options, starts_cold=True)]
    assert 0.02 < cold_starts(known, "Oh no!", 1)[OURS][1] < 60


def test_ratios_are_taken_utterance_by_utterance():
    assert paired_ratios({0: 2.0, 1: 30.0, 2: 8.0, 9: 1.0}, {0: 1.0, 1: 10.0, 2: 2.0}) == Spread(3.0, 2.5, 3.5, 3)


def test_agreement_sees_one_other_number_and_one_other_label():
    one = {"labels": {"a": "x"}, "probabilities": {"a": [0.5, 0.5]}, "features": [1.0, 2.0]}
    other = {"labels": {"a": "y"}, "probabilities": {"a": [0.5, 0.5]}, "features": [1.0, 2.25]}
    found = agreement([one, one, one], [one, other, other], [5, 5, 40], longest=32)
    assert (found.max_difference, found.same_labels, found.n) == (0.25, 0.5, 2)


def test_a_part_of_a_page_is_replaced_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n")
    write_part("x", "new", page)
    assert page.read_text() == "a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb\n"
    with pytest.raises(UndertoneError, match="y:begin"):
        write_part("y", "new", page)
