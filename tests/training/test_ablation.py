"""The ablation: its cells are real runs, finished ones are kept, and the table is their mean."""

import json
from pathlib import Path

import pytest

from mobile_app.engine.errors import UndertoneError
from training.__main__ import build_parser, main
from training.ablation import FULL, VARIANTS, Ablation, ablate
from training.config import FitConfig
from training.datasets import load
from training.efficiency import measure, measure_in_child


def base(path: Path, **changed: object) -> FitConfig:
    choices = {"data": str(path), "epochs": 1, "batch_size": 24, "max_length": 16, **changed}
    return FitConfig(**choices)


@pytest.fixture(scope="module")
def finished(tiny_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ablation") / "out"
    words = [
        "ablate",
        "--data",
        str(tiny_csv),
        "--out",
        str(out),
        "--backbone",
        "tiny",
        "--epochs",
        "1",
        "--seeds",
        "1",
    ]
    words += ["--variants", "plain,without-attention", "--max-length", "16", "--no-efficiency"]
    arguments = build_parser().parse_args(words)
    main(arguments)
    return out


def test_a_row_holds_what_its_cells_measured_and_the_runs_are_gone(finished):
    result = json.loads((finished / "ablation.json").read_text())
    assert [row["variant"] for row in result["rows"]] == ["plain", "without-attention"]
    cell = json.loads((finished / "cells/plain.1.json").read_text())
    row = result["rows"][0]["test"]["emotion"]
    assert row["weighted_f1"] == {"mean": cell["test"]["emotion"]["weighted_f1"], "sd": 0.0}
    assert row["per_label_f1"]["joy"]["mean"] == cell["test"]["emotion"]["per_label"]["joy"]["f1"]
    assert sorted(path.name for path in (finished / "cells").iterdir()) == ["plain.1.json", "without-attention.1.json"]
    assert (finished / "ablation.png").read_bytes()[:4] == b"\x89PNG"


def test_finished_cells_are_kept(finished, tiny_csv, capsys):
    path = finished / "cells/plain.1.json"
    cell = json.loads(path.read_text())
    cell["test"]["emotion"]["weighted_f1"] = 0.125
    path.write_text(json.dumps(cell))
    shared = json.loads((finished / "plan.json").read_text())["base"]
    ablation = Ablation(FitConfig.from_dict(shared), ("plain",), (1,), efficiency=False)
    result = ablate(ablation, load(str(tiny_csv)), finished, resume=True)
    assert result["rows"][0]["test"]["emotion"]["weighted_f1"]["mean"] == 0.125
    assert "epoch" not in capsys.readouterr().err


def test_other_choices_or_a_path_that_is_taken_are_refused(finished, tiny_csv):
    ablation = Ablation(base(tiny_csv, epochs=2), ("full",), (1,))
    with pytest.raises(UndertoneError, match=r"that .* was begun with; found other ones"):
        ablate(ablation, load(str(tiny_csv)), finished, resume=True)
    with pytest.raises(UndertoneError, match="expected a path that is free"):
        ablate(ablation, load(str(tiny_csv)), finished)


def test_unknown_variants_are_refused(tiny_csv):
    with pytest.raises(UndertoneError, match=r"--variants among full, .*; found without-hope"):
        Ablation(base(tiny_csv), ("full", "without-hope"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_is_a_choice_that_can_be_made(variant, tiny_csv):
    dataset = load(str(tiny_csv))
    found = Ablation(base(tiny_csv)).config(variant, 2, dataset)
    assert found.seed == 2
    for name, value in FULL.items():
        assert getattr(found, name) == VARIANTS[variant].get(name, value)
    assert not Ablation(base(tiny_csv)).config(variant, 2, dataset.with_tasks(["emotion"])).cross_attention


def test_costs_are_those_of_the_run(tiny_run):
    texts = ["so happy today", "stop\nit", "bring the keys"]
    here, there = measure(tiny_run, texts), measure_in_child(tiny_run, texts)
    weights = (tiny_run / "weights.safetensors").stat().st_size
    for found in (here, there):
        assert found["bytes"] == weights
        assert 4 * found["parameters"] == pytest.approx(weights, rel=0.05)
        assert 0 < found["latency_ms"]["p50"] <= found["latency_ms"]["p95"]
        assert found["utterances_per_second"] > 0
        assert found["peak_rss_mb"] > 100
        assert found["n"] == 3
