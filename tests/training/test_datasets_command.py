"""``python -m training.datasets`` as a person runs it."""

import json
import subprocess
import sys

from training.datasets import load


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "training.datasets", *map(str, arguments)], capture_output=True, text=True, timeout=60
    )


def test_list_names_every_dataset_with_its_licence(tmp_path):
    done = run("list", "--data-dir", tmp_path, "--json")
    listed = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert listed["sample"]["present"] and not listed["meld"]["present"]
    assert listed["xed"]["licence"] == "CC BY 4.0" and listed["iemocap"]["address"].startswith("https://")


def test_show_counts_splits_and_labels():
    done = run("show", "sample", "--json")
    shown = json.loads(done.stdout)
    assert shown["splits"]["test"]["utterances"] == len(load("sample").split("test"))
    assert sum(shown["splits"]["train"]["labels"]["sentiment"].values()) == shown["splits"]["train"]["utterances"]
    assert "surprise" in run("show", "sample").stdout


def test_export_is_read_back_as_it_was(tmp_path):
    out = tmp_path / "labels.jsonl"
    done = run("export", "sample", "--split", "test", "--speaker", "Nadia", "--out", out)
    assert done.returncode == 0 and done.stdout == ""
    expected = [one for one in load("sample").split("test") if one.speaker == "Nadia"]
    fields = [(one.text, one.labels, one.dialogue, one.position, one.speaker, one.uid) for one in expected]
    again = load(str(out)).utterances
    assert [(one.text, one.labels, one.dialogue, one.position, one.speaker, one.uid) for one in again] == fields


def test_wrong_input_is_one_line_and_exit_code_2(tmp_path):
    done = run("export", "sample", "--speaker", "Nobody", "--out", tmp_path / "x.jsonl")
    assert done.returncode == 2
    assert done.stderr.startswith("python -m training.datasets: expected a speaker of sample (Ines, Kofi,")
    assert done.stderr.count("\n") == 1 and not (tmp_path / "x.jsonl").exists()


def test_loading_data_imports_neither_tensorflow_nor_scikit_learn():
    heavy = {"tensorflow", "sklearn", "transformers"}
    code = f"import sys, training.datasets.__main__; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
