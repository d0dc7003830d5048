"""Run folders: what a fine-tuning run leaves, written once and read back.

A run folder holds ``config.json`` (choices, tasks, provenance), ``weights.safetensors``, ``backbone/config.json``,
``tokenizer/`` (vocabulary and description), ``metrics.json``, ``history.json``, ``separators.npz`` and a picture of the
confusions of each task and split.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import safetensors.numpy
from safetensors import SafetensorError

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.manifest import TokenizerSpec
from mobile_app.engine.task import Task
from mobile_app.engine.tokenizer import Tokenizer as EngineTokenizer
from training import backbone as backbones
from training.backbone import Backbone
from training.config import FitConfig
from training.model import MultitaskModel
from training.tokenizer import Tokenizer

FORMAT = 1
CONFIG_FILE, WEIGHTS_FILE, METRICS_FILE, HISTORY_FILE = (
    "config.json",
    "weights.safetensors",
    "metrics.json",
    "history.json",
)
SEPARATORS_FILE = "separators.npz"
BACKBONE_FOLDER, TOKENIZER_FOLDER = "backbone", "tokenizer"


@dataclass(frozen=True)
class Run:
    """A fine-tuned model with all that belongs to it.

    :param path: the run folder.
    :param tasks: with the thresholds that were chosen on dev.
    :param backbone_source: ``name`` and ``kind`` of the backbone that the run started from.
    :param provenance: data, hashes, versions, commit, command.
    :param metrics: the content of ``metrics.json``.
    """

    path: Path
    model: MultitaskModel
    tokenizer: EngineTokenizer
    tokenizer_spec: TokenizerSpec
    tasks: tuple[Task, ...]
    config: FitConfig
    backbone_source: dict[str, str]
    provenance: dict[str, Any]
    metrics: dict[str, Any]

    @property
    def feature_dimension(self) -> int:
        """The width of the features."""
        return self.model.feature_dimension


def save_run(
    folder: Path,
    model: MultitaskModel,
    tokenizer: Tokenizer,
    *,
    tasks: Sequence[Task],
    config: FitConfig,
    backbone_source: Mapping[str, str],
    provenance: Mapping[str, Any],
) -> None:
    """Write what :func:`load_run` needs but the metrics."""
    values = {
        "format": FORMAT,
        "fit": config.to_dict(),
        "tasks": [task.to_dict() for task in tasks],
        "backbone": dict(backbone_source),
        "feature_dimension": model.feature_dimension,
        "provenance": dict(provenance),
    }
    write_json(folder / CONFIG_FILE, values)
    weights = {name: variable.numpy() for name, variable in model.named_weights().items()}
    (folder / WEIGHTS_FILE).write_bytes(safetensors.numpy.save(weights))
    backbones.save_config(model.backbone, folder / BACKBONE_FOLDER)
    tokenizer.save(folder / TOKENIZER_FOLDER)


def load_run(path: Path) -> Run:
    """Read a run folder.

    :raises UndertoneError: if it is none, is of a newer format, or a file is missing or damaged.
    """
    path = Path(path)
    values = _read_config(path)
    tokenizer = Tokenizer.load(path / TOKENIZER_FOLDER)
    config = FitConfig.from_dict(values["fit"])
    tasks = tuple(Task.from_dict(task) for task in values["tasks"])
    model = MultitaskModel(
        backbones.load_architecture(path / BACKBONE_FOLDER),
        tasks,
        pooling=config.pooling,
        dropout=config.dropout,
        architecture=config.architecture,
    )
    model.load_weights_by_name(read_weights(path))
    return Run(
        path=path,
        model=model,
        tokenizer=tokenizer.engine,
        tokenizer_spec=tokenizer.spec,
        tasks=tasks,
        config=config,
        backbone_source=values["backbone"],
        provenance=values["provenance"],
        metrics=read_json(path / METRICS_FILE),
    )


def is_run(path: Path) -> bool:
    """Return whether a path looks like a run folder."""
    return (path / WEIGHTS_FILE).is_file() and (path / BACKBONE_FOLDER / "config.json").is_file()


def backbone_of_run(path: Path) -> Backbone:
    """Return the fine-tuned backbone of a run, to continue from it."""
    run = load_run(path)
    source = {"name": path.name, "kind": "run", "started_from": run.backbone_source["name"]}
    return Backbone(run.model.backbone, Tokenizer(run.tokenizer, run.tokenizer_spec), source)


def heads_of_run(path: Path, tasks: Sequence[Task]) -> dict[str, Any]:
    """Return the weights of a run by name that lie above its backbone and are of use for these tasks.

    Those of the token-level block always are, branches and heads only if the run has the same tasks.
    """
    found = [replace(Task.from_dict(task), thresholds=None) for task in _read_config(path)["tasks"]]
    same = found == [replace(task, thresholds=None) for task in tasks]
    useful = ("block/", "branches/", "heads/") if same else ("block/",)
    return {name: array for name, array in read_weights(path).items() if name.startswith(useful)}


def read_weights(path: Path) -> dict[str, Any]:
    """Read the weights of a run by name."""
    try:
        return dict(safetensors.numpy.load_file(path / WEIGHTS_FILE))
    except (OSError, SafetensorError) as error:
        raise UndertoneError(f"weights in {path / WEIGHTS_FILE}", str(error), "fit the run again") from None


def write_json(path: Path, values: Any) -> None:
    """Write JSON for people and programs; floats must be finite."""
    path.write_text(json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file of a run.

    :raises UndertoneError: if it is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UndertoneError(
            f"a run folder with {path.name} in {path.parent}",
            str(error),
            "give a folder written by training fit or distill",
        ) from None


def _read_config(path: Path) -> dict[str, Any]:
    values = read_json(path / CONFIG_FILE)
    if not isinstance(values, dict) or not isinstance(values.get("format"), int) or "fit" not in values:
        raise UndertoneError(
            f"a run of format {FORMAT} in {path}", "another config.json", "give a folder written by training fit"
        )
    if values["format"] > FORMAT:
        raise UndertoneError(
            f"a run of format {FORMAT}", f"the newer format {values['format']}", "update Undertone to read this run"
        )
    return values
