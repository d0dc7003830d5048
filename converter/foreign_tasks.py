"""``tasks.json``: what a model that Undertone did not train recognises, and which of its tensors say so."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task

_REMEDY = "see docs/readers.md for the format"
PROBABILITIES, LOGITS = "probabilities", "logits"


@dataclass(frozen=True)
class ForeignTask:
    """A task and the model's output for it.

    :param output: name of the output.
    :param gives: what the output holds, ``probabilities`` or ``logits``.
    """

    task: Task
    output: str
    gives: str


@dataclass(frozen=True)
class Declaration:
    """The content of ``tasks.json``.

    :param features: name of the output, or in a Keras model of the layer, that gives the features ``[1, d]``.
    :param lowercase: whether the tokenizer lower-cases; only said for a ``vocab.txt``, which does not say itself.
    """

    tasks: tuple[ForeignTask, ...]
    features: str
    lowercase: bool

    @classmethod
    def read(cls, path: Path) -> "Declaration":
        """Read the file.

        :raises UndertoneError: if it cannot be read, or a field is missing or wrong.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                tasks=tuple(_task(task) for task in values["tasks"]),
                features=str(values["features"]),
                lowercase=bool(values.get("lowercase", True)),
            )
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise UndertoneError(f"the tasks of the model in {path}", str(error), _REMEDY) from None
        except KeyError as error:
            raise UndertoneError(f"a field {error.args[0]!r} in {path}", "none", _REMEDY) from None
        except (TypeError, AttributeError) as error:
            raise UndertoneError(f"an object with features and tasks in {path}", str(error), _REMEDY) from None

    def __post_init__(self) -> None:
        names = [one.task.name for one in self.tasks]
        if not names or len(set(names)) < len(names):
            raise UndertoneError("at least one task, each with a name of its own", ", ".join(names) or "none", _REMEDY)


def _task(values: dict[str, Any]) -> ForeignTask:
    task = Task.from_dict({"activation": "softmax", **values})
    gives = values.get("gives", PROBABILITIES)
    if gives not in (PROBABILITIES, LOGITS):
        raise UndertoneError(f"gives of {task.name} to be {PROBABILITIES} or {LOGITS}", repr(gives), _REMEDY)
    return ForeignTask(task, str(values.get("output", task.name)), gives)
