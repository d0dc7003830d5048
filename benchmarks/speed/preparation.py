"""What the contestants run, made from one run folder so that all of them have the same weights."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.record import ROOT
from benchmarks.speed.environments import PEERS, python_of
from mobile_app.engine.command_line import note
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import sha256_of

FOLDER = ROOT / "build" / "speed"
LENGTHS = (8, 12, 16, 24, 32, 64)  # what the converter builds unless told otherwise
RECIPES = ("fp32", "fp16", "dynamic_wi8_afp32")


@dataclass(frozen=True)
class Prepared:
    """Files of one model.

    :param run: the run folder that everything was made from.
    :param bundle: with the recipes and length buckets of :data:`RECIPES` and :data:`LENGTHS`.
    :param onnx: folder of the exported files; None without the peers' environment.
    :param task_library: folder of the single-task files; None if the model has no such task or tokenizer.
    """

    name: str
    run: Path
    bundle: Path
    onnx: Path | None
    task_library: Path | None


def prepare(
    name: str,
    run: Path | None,
    *,
    peers: bool,
    again: bool = False,
    library: bool = True,
    lengths: Sequence[int] = LENGTHS,
) -> Prepared:
    """Return the files of a model; what was made before from the same weights is kept.

    :param name: of the model; without ``run`` one of :mod:`benchmarks.speed.runs`.
    :param run: a run folder.
    :param peers: whether the peers' environment is there.
    :param again: whether everything is made anew.
    :param library: whether files for MediaPipe are made too.
    :param lengths: length buckets of the bundle.
    :raises UndertoneError: if one of the steps fails.
    """
    folder = FOLDER / name
    if run is None:
        run = folder / "run"
        if not run.exists():
            note(f"{name}: writing the run folder")
            _do([sys.executable, "-m", "benchmarks.speed.runs", name, str(FOLDER)])
    stamp, made_of = folder / ".made", f"{weights_of(run)} {RECIPES} {tuple(lengths)}"
    fresh = again or not stamp.exists() or stamp.read_text(encoding="utf-8") != made_of
    if fresh or not (folder / "bundle").exists():
        note(f"{name}: building the bundle")
        _build(name, run, folder, lengths, library)
    if peers and (fresh or not (folder / "onnx" / "fused_int8.onnx").exists()):
        note(f"{name}: exporting to ONNX")
        _do([str(python_of(PEERS)), "-m", "benchmarks.speed.export_onnx", str(run), str(folder / "onnx")])
    stamp.write_text(made_of, encoding="utf-8")
    single = folder / "bundle.task-library"
    return Prepared(
        name, run, folder / "bundle", folder / "onnx" if peers else None, single if single.exists() else None
    )


def weights_of(run: Path) -> str:
    """Return the SHA-256 of a run's weights."""
    return sha256_of(run / "weights.safetensors")


def task_of(run: Path) -> str:
    """Return the task of the files for MediaPipe, which have one: the run's first."""
    tasks = json.loads((run / "config.json").read_text(encoding="utf-8"))["tasks"]
    return str(tasks[0]["name"])


def _build(name: str, run: Path, folder: Path, lengths: Sequence[int], library: bool) -> None:
    """Build the bundle, with the files for MediaPipe where they are wanted and it can run the model."""
    command = [sys.executable, "-m", "converter", "build", str(run), "--out", str(folder / "bundle"), "--overwrite"]
    command += ["--recipes", ",".join(RECIPES), "--lengths", ",".join(map(str, lengths))]
    if library:
        try:
            return _do([*command, "--task-library", task_of(run)])
        except UndertoneError as error:
            note(f"{name}: without files for MediaPipe, since {error}")
    return _do(command)


def _do(command: Sequence[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        words = (done.stderr.strip() or "nothing on stderr").splitlines()[-1]
        raise UndertoneError(f"{' '.join(command[1:4])} to succeed", words, "run it by hand")
