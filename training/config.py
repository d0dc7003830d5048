"""Every choice of a fine-tuning run, checked once."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mobile_app.engine.errors import UndertoneError

POOLINGS = ("mean", "cls")
TINY = "tiny"
POCKET = "pocket"


@dataclass(frozen=True)
class FitConfig:
    """The choices of a fine-tuning run; ``config.json`` of a run folder is this, as JSON.

    :param data: name of a dataset, or path of a .csv, .tsv or .jsonl file.
    :param backbone: ``tiny``, ``pocket``, a hub name, a folder of a pretrained model, or the folder of another run.
    :param tasks: the tasks to learn, in this order; None for every task of the dataset.
    :param pooling: ``mean`` of the token states under the mask, or ``cls``, the first one.
    :param epochs: the most epochs.
    :param batch_size: utterances in a step.
    :param learning_rate: peak of the schedule.
    :param warmup: share of all steps in which the rate climbs linearly to its peak; it falls linearly to 0 after.
    :param weight_decay: decoupled weight decay (Loshchilov and Hutter 2019); none on biases and layer norms.
    :param clip: largest global norm of the gradient.
    :param patience: epochs without a better dev score before stopping.
    :param max_length: most tokens of an utterance, the special ones included.
    :param dropout: share of the features dropped before the heads.
    :param seed: fixes initial weights, order of the batches and dropout.
    :param freeze_backbone: whether the heads alone are trained.
    :param loss_weights: per task the factor of its loss; 1 where absent.
    :raises UndertoneError: if a value is outside its rule.
    """

    data: str
    backbone: str = TINY
    tasks: tuple[str, ...] | None = None
    pooling: str = "mean"
    epochs: int = 5
    batch_size: int = 32
    learning_rate: float = 5e-5
    warmup: float = 0.1
    weight_decay: float = 0.0
    clip: float = 1.0
    patience: int = 3
    max_length: int = 32
    dropout: float = 0.1
    seed: int = 1
    freeze_backbone: bool = False
    loss_weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for option, holds, expected in self._rules():
            if not holds:
                value = asdict(self)[option]
                raise UndertoneError(f"--{option.replace('_', '-')} {expected}", repr(value), "choose another value")

    def _rules(self) -> tuple[tuple[str, bool, str], ...]:
        weights = self.loss_weights
        return (
            ("data", bool(self.data), "with a dataset's name or a path"),
            ("backbone", bool(self.backbone), "with a name or a folder"),
            ("tasks", self.tasks is None or 0 < len(self.tasks) == len(set(self.tasks)), "with different task names"),
            ("pooling", self.pooling in POOLINGS, f"one of {', '.join(POOLINGS)}"),
            ("epochs", self.epochs >= 1, "of at least 1"),
            ("batch_size", self.batch_size >= 1, "of at least 1"),
            ("learning_rate", math.isfinite(self.learning_rate) and self.learning_rate > 0, "above 0"),
            ("warmup", 0 <= self.warmup < 1, "from 0 to below 1, a share of all steps"),
            ("weight_decay", 0 <= self.weight_decay < 1, "from 0 to below 1"),
            ("clip", self.clip > 0, "above 0"),
            ("patience", self.patience >= 1, "of at least 1"),
            ("max_length", 3 <= self.max_length <= 512, "from 3 to 512 tokens"),
            ("dropout", 0 <= self.dropout < 1, "from 0 to below 1"),
            ("seed", 0 <= self.seed < 2**32, "from 0 to 4294967295"),
            ("loss_weights", all(0 <= w < math.inf for w in weights.values()), "of 0 or more for each task"),
            (
                "loss_weights",
                self.tasks is None or set(weights) <= set(self.tasks),
                f"for the tasks of the run ({', '.join(self.tasks or ())})",
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        values = asdict(self)
        return values | {"tasks": None if self.tasks is None else list(self.tasks)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "FitConfig":
        """Read what :meth:`to_dict` wrote."""
        tasks = values["tasks"]
        return cls(**{**values, "tasks": None if tasks is None else tuple(tasks)})
