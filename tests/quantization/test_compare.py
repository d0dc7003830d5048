"""The whole way on a real tiny bundle: what is written, what is refused, and that the figures are the engine's own."""

import csv
import json
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.files import sha256_of
from training.datasets import load

RECIPE_FIELDS = {
    "shown_as", "bytes", "bytes_ratio", "load_ms", "latency_ms", "peak_rss_mb", "non_finite", "tasks", "census",
    "verdict", "decision", "xnnpack_share",
}  # fmt: skip
TARGET_FIELDS = {
    "feature_squared_error", "feature_squared_error_by_length", "feature_squared_error_by_feature", "cosine", "layers"
}  # fmt: skip
SCORE_FIELDS = {
    "n", "n_labelled", "n_undecided", "predicted", "weighted_f1", "macro_f1", "accuracy", "per_label", "calibration"
}  # fmt: skip
CHANGE_FIELDS = {"delta_weighted_f1", "agreement", "mean_confidence_drift", "flips"}


def test_the_report_holds_what_format_1_promises(report_json):
    assert set(report_json) == {
        "format", "measured_at", "command", "bundle", "dataset", "machine", "reference", "lengths", "truncated",
        "utterances_per_second", "bootstrap", "recipes", "flips", "layer_conditions",
    }  # fmt: skip
    assert (report_json["format"], report_json["reference"], report_json["dataset"]["n"]) == (1, "fp32", 108)
    assert list(report_json["recipes"]) == ["fp32", "fp16", "dynamic_wi8_afp32"]
    for name, recipe in report_json["recipes"].items():
        is_target = name != "fp32"
        assert set(recipe) == RECIPE_FIELDS | (TARGET_FIELDS if is_target else set())
        assert recipe["latency_ms"]["includes_tokenizer"] is True
        assert 0 < recipe["latency_ms"]["p50"] <= recipe["latency_ms"]["p95"]
        assert set(recipe["tasks"]) == {"emotion", "sentiment"}
        for task in recipe["tasks"].values():
            assert set(task) == SCORE_FIELDS | (CHANGE_FIELDS if is_target else set())


def test_weighted_f1_is_that_of_the_engine_and_scikit_learn(report_json, tiny_bundle, tiny_csv):
    utterances = load(str(tiny_csv)).split("all")
    bundle = Bundle.open(tiny_bundle)
    labels = bundle.manifest.task("emotion").labels
    encoder = Encoder(bundle, "dynamic_wi8_afp32")
    said = [labels[int(np.argmax(encoder.encode(one.text).probabilities["emotion"]))] for one in utterances]
    gold = [one.labels["emotion"][0] for one in utterances]
    found = report_json["recipes"]["dynamic_wi8_afp32"]["tasks"]["emotion"]["weighted_f1"]
    assert found == pytest.approx(f1_score(gold, said, average="weighted"), abs=1e-9)


def test_squared_errors_are_those_of_the_features(report_json, tiny_bundle, tiny_csv):
    bundle = Bundle.open(tiny_bundle)
    one, other = Encoder(bundle, "fp32"), Encoder(bundle, "dynamic_wi8_afp32")
    texts = [utterance.text for utterance in load(str(tiny_csv)).split("all")]
    errors = [(one.encode(t).features.astype(float) - other.encode(t).features.astype(float)) ** 2 for t in texts]
    found = report_json["recipes"]["dynamic_wi8_afp32"]["feature_squared_error"]
    assert found["mean"] == pytest.approx(np.mean(errors))
    assert found["max"] == pytest.approx(np.max(errors))
    assert sum(found["histogram"]["counts"]) == np.size(errors)


def test_flips_add_up(report_json):
    for name, recipe in report_json["recipes"].items():
        for task, found in recipe["tasks"].items():
            listed = [one for one in report_json["flips"] if (one["recipe"], one["task"]) == (name, task)]
            assert sum(found.get("flips", {}).values()) == len(listed)
            if name != "fp32":
                assert found["agreement"] == pytest.approx(1 - len(listed) / 108)


def test_worker_processes_give_the_same_figures(report_json, run_compare, tmp_path):
    assert run_compare("--split", "all", "--workers", "2") == 0
    again = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    for name, recipe in report_json["recipes"].items():
        assert again["recipes"][name]["tasks"] == recipe["tasks"]
        assert again["recipes"][name].get("cosine") == recipe.get("cosine")
    assert again["flips"] == report_json["flips"]


def test_json_alone_on_stdout(run_compare, capfd, tmp_path):
    assert run_compare("--json", "--recipes", "fp16", "--limit", "5", "--split", "all") == 0
    printed = json.loads(capfd.readouterr().out)
    assert list(printed["recipes"]) == ["fp32", "fp16"]
    assert (printed["dataset"]["n"], printed["dataset"]["of"]) == (5, 108)
    assert printed == json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))


def test_the_summary_names_the_recipes_and_the_files(run_compare, capfd):
    assert run_compare() == 0
    out, err = capfd.readouterr()
    assert "INT8 (dynamic range)" in out
    assert "emotion wF1" in out
    assert "report.html" in out
    assert "%|" not in err  # no progress bar where stderr is no terminal


def test_a_task_that_the_data_does_not_label_is_compared_without_f1(run_compare, tmp_path, tiny_csv):
    assert run_compare("--tasks", "emotion", "--recipes", "fp16") == 0
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    sentiment = report["recipes"]["fp16"]["tasks"]["sentiment"]
    assert "agreement" in sentiment
    assert not {"weighted_f1", "delta_weighted_f1", "flips"} & set(sentiment)
    assert "no labels for sentiment" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_a_broken_gate_is_one_sentence_and_exit_code_1(run_compare, tmp_path, capfd):
    path = tmp_path / "gate.toml"
    path.write_text("max_bytes = 10", encoding="utf-8")
    assert run_compare("--gate", str(path), "--recipes", "fp16") == 1
    (line,) = [line for line in capfd.readouterr().err.splitlines() if "expected" in line]
    assert "expected size (bytes) of fp16 at most 10 (gate.toml); found" in line
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["gate"]["passed"] is False
    assert "Gate: " in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def refused(capfd):
    """Return the one line that refuses."""
    err = capfd.readouterr().err
    assert "Traceback" not in err
    (line,) = [line for line in err.splitlines() if line.startswith("python -m quantization")]
    return line


def test_a_bundle_without_fp32_is_refused(run_compare, tiny_bundle, tmp_path, capfd):
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    del manifest["recipes"]["fp32"]
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert run_compare(bundle=bundle) == 2
    assert "expected a bundle with the reference recipe fp32; found only fp16, dynamic_wi8_afp32" in refused(capfd)
    assert not (tmp_path / "report").exists()


def test_labels_that_differ_are_named_from_both_sides(run_compare, capfd, monkeypatch):
    monkeypatch.delenv("UNDERTONE_DATA", raising=False)
    assert run_compare(data="sample") == 2
    line = refused(capfd)
    assert "emotion with the labels of the bundle (" in line
    assert "in sample: neutral, joy, surprise, anger" in line


@pytest.mark.parametrize(
    ("rows", "arguments", "message"),
    [
        (["text,mood,split", "hello,good,test", "bye,bad,test"], [], "with labels for emotion, sentiment in"),
        (["text,emotion,split", "hello,joy,train"], [], "found none"),
        (["text,emotion,split", "hello,envy,test"], [], "envy"),
        (["text,emotion,split", "hello,joy,test"], ["--split", "exam"], "expected a split"),
        (["text,emotion,split", "hello,joy,test"], ["--recipes", "int8"], "expected a recipe of this bundle"),
        (["text,emotion,split", "hello,joy,test"], ["--limit", "0"], "expected --limit of at least 1; found 0"),
        (["text,emotion,split", "hello,joy,test"], ["--gate", "no.toml"], "expected TOML in the gate file no.toml"),
    ],
)
def test_unfit_input_is_refused_in_one_line(run_compare, tmp_path, capfd, rows, arguments, message):
    path = tmp_path / "own.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run_compare(*arguments, data=path) == 2
    assert message in refused(capfd)
    assert not (tmp_path / "report").exists()


def test_a_split_without_labels_for_a_task_is_refused(run_compare, tmp_path, capfd):
    path = tmp_path / "own.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerows(
            [("text", "emotion", "sentiment", "split"), ("hi", "joy", "", "test"), ("no", "", "negative", "train")]
        )
    assert run_compare(data=path) == 2
    assert "labels for task sentiment in split test of own.csv" in refused(capfd)


def test_an_existing_folder_is_kept_unless_overwriting_is_asked_for(run_compare, tmp_path, capfd):
    out = tmp_path / "report"
    out.mkdir()
    (out / "precious").touch()
    assert run_compare() == 2
    assert "--overwrite" in refused(capfd)
    assert (out / "precious").exists()
    assert run_compare("--overwrite", "--recipes", "fp16") == 0
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "report.json"]


def test_stopping_leaves_nothing_half_written(tiny_bundle, tiny_csv, tmp_path):
    header, *rows = tiny_csv.read_text(encoding="utf-8").splitlines()
    data = tmp_path / "much.csv"  # enough to be at work still when the signal comes
    data.write_text("\n".join([header, *rows * 200]), encoding="utf-8")
    out = tmp_path / "reports" / "stopped"
    command = [sys.executable, "-m", "quantization", "compare", str(tiny_bundle), "--data", str(data)]
    running = subprocess.Popen(
        [*command, "--split", "all", "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have told them to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while running.poll() is None and not (out.parent.exists() and any(out.parent.iterdir())):
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "nothing half-written" in err
    assert list(out.parent.iterdir()) == []


def test_the_report_needs_no_tensorflow(tiny_bundle, tiny_csv, tmp_path):
    blocked = "import sys; sys.modules.update(dict.fromkeys(('tensorflow', 'tf_keras', 'transformers', 'sklearn')));"
    arguments = ["compare", str(tiny_bundle), "--data", str(tiny_csv), "--out", str(tmp_path / "report")]
    code = f"{blocked} from quantization.__main__ import main; sys.exit(main({arguments!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_hashes_say_what_was_measured(report_json, tiny_bundle, tiny_csv):
    assert report_json["bundle"]["manifest_sha256"] == sha256_of(tiny_bundle / "manifest.json")
    assert report_json["dataset"]["sha256"] == load(str(tiny_csv)).split_sha256("all")
