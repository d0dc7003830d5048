"""Run folders of context models.

A folder holds ``config.json`` (choices, tasks, what made the vectors, provenance), ``weights.safetensors``,
``metrics.json``, ``history.json`` and a picture of the confusions of each task and split.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.numpy

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task
from training.checkpoint import CONFIG_FILE, METRICS_FILE, WEIGHTS_FILE, read_json, read_weights, write_json
from training.context.config import ContextConfig
from training.context.model import ContextModel

FORMAT = 1
KIND = "context"


@dataclass(frozen=True)
class ContextRun:
    """A trained context model with all that belongs to it.

    :param tasks: with the thresholds that were chosen on dev.
    :param vectors_sha256: hash of the weights that made the vectors it was trained on.
    """

    path: Path
    model: ContextModel
    config: ContextConfig
    tasks: tuple[Task, ...]
    vectors_sha256: str
    provenance: dict[str, Any]
    metrics: dict[str, Any]


def save_context_run(
    folder: Path,
    model: ContextModel,
    *,
    tasks: Sequence[Task],
    vectors_sha256: str,
    provenance: Mapping[str, Any],
) -> None:
    """Write what :func:`load_context_run` needs but the metrics."""
    values = {
        "format": FORMAT,
        "kind": KIND,
        "context": model.config.to_dict() | {"run": Path(model.config.run).name},
        "tasks": [task.to_dict() for task in tasks],
        "dimension": model.dimension,
        "vectors_sha256": vectors_sha256,
        "provenance": dict(provenance),
    }
    write_json(folder / CONFIG_FILE, values)
    weights = {name: variable.numpy() for name, variable in model.named_weights().items()}
    (folder / WEIGHTS_FILE).write_bytes(safetensors.numpy.save(weights))


def load_context_run(path: Path) -> ContextRun:
    """Read the run folder of a context model.

    :raises UndertoneError: if it is none, is of a newer format, or a file is missing or damaged.
    """
    values = read_json(path / CONFIG_FILE)
    if not isinstance(values, dict) or values.get("kind") != KIND or not isinstance(values.get("format"), int):
        raise UndertoneError(
            f"the run of a context model in {path}", "another run", "give a folder written by training context"
        )
    if values["format"] > FORMAT:
        raise UndertoneError(
            f"a context run of format {FORMAT}", f"the newer format {values['format']}", "update Undertone to read it"
        )
    config = ContextConfig.from_dict(values["context"])
    tasks = tuple(Task.from_dict(task) for task in values["tasks"])
    model = ContextModel(config, tasks, int(values["dimension"]))
    model.load_weights_by_name(read_weights(path))
    return ContextRun(
        path=path,
        model=model,
        config=config,
        tasks=tasks,
        vectors_sha256=str(values["vectors_sha256"]),
        provenance=values["provenance"],
        metrics=read_json(path / METRICS_FILE),
    )
