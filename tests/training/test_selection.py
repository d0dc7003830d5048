"""Choosing a model: how criteria are scaled and weighed, and a real choice between small models."""

import json
from pathlib import Path

import pytest

from mobile_app.engine.errors import UndertoneError
from training.datasets import load
from training.selection.candidate import Candidate, part_of
from training.selection.choices import SelectChoices
from training.selection.ranking import beside_floor, rank, why

from .test_cli import call


def candidate(name: str, **criteria: float | None) -> Candidate:
    return Candidate(name, dict(criteria), {}, {}, {}, {})


SLOW = candidate("slow", f1=0.6, latency=10.0, size=8e6)
FAST = candidate("fast", f1=0.5, latency=0.1, size=1e6)
WORSE = candidate("worse", f1=0.45, latency=1.0, size=2e6)
ALL = (SLOW, FAST, WORSE)


def test_scores_are_scaled_from_the_majority_and_costs_by_their_logarithm():
    scaled = {one.candidate.name: one.scaled for one in rank(ALL, {"f1": 1, "latency": 1}, {"f1": 0.4})}
    assert scaled["slow"] == pytest.approx({"f1": 1.0, "latency": 0.0})
    assert scaled["fast"] == pytest.approx({"f1": 0.5, "latency": 1.0})
    assert scaled["worse"] == pytest.approx({"f1": 0.25, "latency": 0.5})


@pytest.mark.parametrize(("weights", "winner"), [({"f1": 3, "latency": 1}, "slow"), ({"f1": 1, "latency": 1}, "fast")])
def test_the_weights_decide(weights, winner):
    ranked = rank(ALL, weights, {"f1": 0.4})
    assert ranked[0].candidate.name == winner
    assert why(ranked, weights).startswith(f"{winner} wins with ")


def test_who_is_beaten_in_everything_is_not_on_the_front():
    front = {one.candidate.name: one.on_front for one in rank(ALL, {"f1": 1, "latency": 1, "size": 1}, {"f1": 0.4})}
    assert front == {"slow": True, "fast": True, "worse": False}


def test_the_sentence_names_gain_and_price_with_their_values():
    ranked = rank((SLOW, FAST), {"f1": 1, "latency": 1.5}, {"f1": 0.4})
    assert why(ranked, {"f1": 1, "latency": 1.5}) == (
        "fast wins with 0.800 against slow's 0.400 for its latency (0.10 ms against 10.00 ms), although slow has the "
        "better f1 (0.600 against 0.500)."
    )


def test_equal_candidates_are_called_equal():
    assert "are equal" in why(rank((SLOW, SLOW), {"f1": 1, "latency": 1}, {}), {"f1": 1, "latency": 1})


def test_a_winner_that_is_no_better_than_tfidf_is_called_so():
    ranked = rank(ALL, {"f1": 1, "latency": 1}, {"f1": 0.4})
    assert beside_floor(ranked, 0.45) == ""
    assert beside_floor(ranked, 0.55) == (
        " It does not beat TF-IDF (0.500 against 0.550), which these weights do not ask for; slow would."
    )
    assert beside_floor(ranked, 0.7).endswith("no candidate does.")


def test_what_the_system_does_not_tell_wins_nothing():
    unknown = candidate("unknown", f1=0.6, latency=None)
    scaled = {one.candidate.name: one.scaled for one in rank((unknown, FAST, WORSE), {"latency": 1}, {})}
    assert scaled["unknown"] == {"latency": 0.0}


def test_the_smaller_part_is_in_the_larger_and_dev_and_test_are_whole():
    dataset = load("sample")
    small, large = (part_of(dataset, share, seed=1) for share in (0.1, 0.3))
    texts = [{(one.text, one.dialogue, one.position) for one in part.split("train")} for part in (small, large)]
    assert texts[0] < texts[1]
    assert len(large.split("train")) == round(0.3 * len(dataset.split("train")))
    assert large.split("dev") == dataset.split("dev")
    assert large.split("test") == dataset.split("test")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": {"speed": 1.0}}, "--weights for criteria among f1, .*; found speed"),
        ({"weights": {"f1": 0.0}}, "--weights of which one is above 0"),
        ({"weights": {"f1": -1.0, "size": 2.0}}, "--weights of 0 or more"),
        ({"models": ("cnn", "cnn@1e-3")}, "--models with different names; found cnn, cnn"),
        ({"models": ("cnn@fast",)}, "a learning rate after the @"),
        ({"epochs": 0}, "--epochs of at least 1"),
    ],
)
def test_choices_that_cannot_be_are_refused(changed, message):
    with pytest.raises(UndertoneError, match=message):
        SelectChoices(**{"models": ("cnn",), "data": "sample", "weights": {"f1": 1.0}, **changed})


def test_a_rate_after_an_at_sign_is_the_candidates_own():
    choices = SelectChoices(("cnn", "tiny@3e-4", "folder/model"), "sample", {"f1": 1.0})
    assert [choices.fit_config(model).learning_rate for model in choices.models] == [1e-3, 3e-4, 5e-5]
    assert choices.fit_config("tiny@3e-4").backbone == "tiny"


def test_a_selection_trains_converts_and_times_and_is_continued(tiny_csv: Path, tmp_path: Path, capsys):
    words = ["select", "--models", "cnn", "--weights", "f1=2,latency=1,size=1,data=1", "--data", tiny_csv]
    words += ["--tasks", "emotion", "--epochs", 2, "--batch-size", 16, "--max-length", 16, "--out", tmp_path / "choice"]
    assert call(*words, "--json") == 0
    results = json.loads(capsys.readouterr().out)
    assert results["winner"] == "cnn"
    (row,) = results["ranking"]
    assert set(row["shares"]) == {"10%", "30%", "100%"}
    assert all(row["criteria"][name] > 0 for name in ("latency", "size", "memory", "time"))
    assert row["criteria"]["size"] == (tmp_path / "choice/cnn/bundle/model.dynamic_wi8_afp32.tflite").stat().st_size
    assert (tmp_path / "choice/selection.png").stat().st_size > 10_000
    assert set(results["baselines"]) == {"majority", "tfidf_lr"}

    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "choice/cnn").rglob("*") if path.is_file()}
    assert call(*words) == 0
    assert "cnn is the only candidate." in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in before} == before
