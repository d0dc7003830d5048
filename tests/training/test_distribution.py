"""One training over several replicas learns what a training over one learns."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from mobile_app.engine.errors import UndertoneError
from training.config import FitConfig
from training.distribution import Distribution
from training.fit import fit

MIRRORED = """
import sys
from pathlib import Path
from training.tensorflow import tf
processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from training.config import FitConfig
from training.distribution import Distribution
from training.fit import fit
distribution = Distribution("mirrored", devices=["CPU:0", "CPU:1"])
assert distribution.n_replicas == 2
config = FitConfig(data=sys.argv[1], backbone=sys.argv[2], epochs=2, batch_size=7, dropout=0.0, max_length=16)
fit(config, Path(sys.argv[3]), baselines=False, distribution=distribution)
"""


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path) -> Path:
    """Return a run whose backbone drops nothing, so that replicas differ by rounding alone."""
    path = tmp_path_factory.mktemp("calm") / "run"
    shutil.copytree(tiny_run, path)
    config = path / "backbone" / "config.json"
    values = json.loads(config.read_text())
    assert values["hidden_dropout_prob"] and values["attention_probs_dropout_prob"]
    config.write_text(json.dumps({**values, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}))
    return path


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, calm: Path, tiny_csv: Path) -> Path:
    path = tmp_path_factory.mktemp("alone") / "run"
    # Batches of 7, so that the parts of two replicas are never of one size.
    fit(
        FitConfig(data=str(tiny_csv), backbone=str(calm), epochs=2, batch_size=7, dropout=0.0, max_length=16),
        path,
        baselines=False,
    )
    return path


def assert_same(run: Path, other: Path) -> None:
    found, expected = (json.loads((path / "history.json").read_text()) for path in (run, other))
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-3)
    ours, theirs = (safetensors.numpy.load_file(path / "weights.safetensors") for path in (run, other))
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, atol=2e-3, err_msg=name)
    scores = [json.loads((path / "metrics.json").read_text())["test"] for path in (run, other)]
    assert scores[0]["emotion"]["weighted_f1"] == pytest.approx(scores[1]["emotion"]["weighted_f1"], abs=0.05)


def free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def workers(ports: list[int], *arguments: str) -> list[subprocess.Popen[str]]:
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    command = [sys.executable, "-m", "training", "fit", "--distribute", "workers", "--no-baselines", *arguments]
    return [
        subprocess.Popen(
            command,
            env=os.environ
            | {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(len(ports))
    ]


def choices(data: Path, backbone: Path, out: Path) -> list[str]:
    small = {"--epochs": 2, "--batch-size": 7, "--dropout": 0.0, "--max-length": 16}
    given = {"--data": data, "--backbone": backbone, "--out": out, **small}
    return [str(part) for pair in given.items() for part in pair]


def test_two_worker_processes_learn_what_one_learns(tmp_path, calm, alone, tiny_csv):
    started = workers(free_ports(2), *choices(tiny_csv, calm, tmp_path / "two"))
    told = [process.communicate(timeout=240) for process in started]
    assert [process.returncode for process in started] == [0, 0], told
    assert_same(tmp_path / "two", alone)
    assert "fine-tuned" in told[0][0]
    assert told[1][0] == ""
    assert "the first worker writes the run folder" in told[1][1]


def test_two_mirrors_learn_what_one_learns(tmp_path, calm, alone, tiny_csv):
    command = [sys.executable, "-c", MIRRORED, str(tiny_csv), str(calm), str(tmp_path / "mirrored")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "mirrored", alone)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "[]",
        '{"cluster": {"worker": ["a:1"]}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
    ],
)
def test_a_worker_must_know_which_one_it_is(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(UndertoneError, match="TF_CONFIG for --distribute workers"):
        Distribution("workers")


@pytest.mark.parametrize("changed", [{"head": "prototypes"}, {"loss": "focal", "class_weights": "adaptive"}])
def test_losses_over_a_whole_batch_are_refused(tmp_path, tiny_csv, changed):
    with pytest.raises(UndertoneError, match="a loss that is a sum over utterances with --distribute mirrored"):
        fit(FitConfig(data=str(tiny_csv), **changed), tmp_path / "no", distribution=Distribution("mirrored"))
    assert not (tmp_path / "no").exists()
