"""Every choice of a fine-tuning run, checked once."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from training.architecture import LINEAR, NONE, SQUARED, TEMPERATURE, Architecture
from training.method_rules import CROSS_ENTROPY, FOCAL, method_rules
from training.rules import Rule, check, training_rules

POOLINGS = ("mean", "cls")
FOCAL_GAMMA = 2.0
SOFT = 0.5
OPTIMIZERS = ("adam", "adamw", "radam")
ALONE, MIRRORED, WORKERS = "none", "mirrored", "workers"
DISTRIBUTIONS = (ALONE, MIRRORED, WORKERS)
FLOAT32, BFLOAT16 = "float32", "bfloat16"
PRECISIONS = (FLOAT32, BFLOAT16)
TINY = "tiny"
POCKET, POCKET_PLUS, PICO = "pocket", "pocket-plus", "pico"
SHIPPED = (POCKET, POCKET_PLUS, PICO)


@dataclass(frozen=True)
class FitConfig:
    """The choices of a fine-tuning run; ``config.json`` of a run folder is this, as JSON.

    :param data: name of a dataset, or path of a .csv, .tsv or .jsonl file; several with commas are learned at once.
    :param backbone: ``tiny``, ``pocket``, ``pocket-plus``, ``pico``, a hub name, a folder of a pretrained model, or the
        folder of another run.
    :param tasks: the tasks to learn, in this order; None for every task of the dataset.
    :param pooling: ``mean`` of the token states under the mask, or ``cls``, the first one.
    :param epochs: the most epochs.
    :param batch_size: utterances in a step.
    :param learning_rate: peak of the schedule.
    :param warmup: share of all steps in which the rate climbs linearly to its peak; it falls linearly to 0 after.
    :param optimizer: ``adam``; ``adamw``, the same with a weight decay of 0.01 unless another is given; or ``radam``
        (Liu et al. 2020).
    :param weight_decay: decoupled weight decay (Loshchilov and Hutter 2019); none on biases and layer norms.
    :param clip: largest global norm of the gradient.
    :param patience: epochs without a better dev score before stopping.
    :param max_length: most tokens of an utterance, the special ones included.
    :param dropout: share of the features dropped before the heads.
    :param seed: fixes initial weights, order of the batches and dropout.
    :param freeze_backbone: whether the heads alone are trained.
    :param loss_weights: per task the factor of its loss; 1 where absent.
    :param average: decay of the exponential moving average of the weights, which is then what is scored on dev and
        kept (Polyak and Juditsky 1992); 0: the weights themselves.
    :param precision: of the matrix products of training: ``float32`` or ``bfloat16``.
    :param self_attention: whether the token states pass a self-attention that all tasks share.
    :param cross_attention: whether the token states of each task attend to those of the others.
    :param branch: what each task does with the pooled states: ``none``, ``dense`` or ``leaky``.
    :param branch_units: width of the branch; None: the backbone's for ``dense``, 1024 for ``leaky``.
    :param head: ``linear`` or ``prototypes``.
    :param distance: to the prototypes: ``squared`` (None) or ``euclidean``.
    :param temperature: of the prototypes; None: 0.1.
    :param loss: ``cross-entropy`` or ``focal``.
    :param focal_gamma: of the focal loss; None: 2.
    :param focal_gamma_end: in the last epoch, reached linearly; None: the same.
    :param class_weights: ``none``, ``static`` (by frequency) or ``adaptive`` (also by the errors of the epoch before).
    :param prototypical_loss: factor of the prototypical loss beside the focal one; None: without.
    :param word_deletion: the chance of each word of an utterance to be left out, anew in each epoch.
    :param teacher: run folders with commas whose mean probabilities are part of the targets of training.
    :param soft: their share of the targets; None: a half.
    :param oversample: whether utterances with rare labels of the first task are repeated.
    :raises UndertoneError: if a value is outside its rule, or contradicts another.
    """

    data: str
    backbone: str = TINY
    tasks: tuple[str, ...] | None = None
    pooling: str = "mean"
    epochs: int = 5
    batch_size: int = 32
    learning_rate: float = 5e-5
    warmup: float = 0.1
    optimizer: str = "adam"
    weight_decay: float = 0.0
    clip: float = 1.0
    patience: int = 3
    max_length: int = 32
    dropout: float = 0.1
    seed: int = 1
    freeze_backbone: bool = False
    loss_weights: Mapping[str, float] = field(default_factory=dict)
    average: float = 0.0
    precision: str = FLOAT32
    self_attention: bool = False
    cross_attention: bool = False
    branch: str = NONE
    branch_units: int | None = None
    head: str = LINEAR
    distance: str | None = None
    temperature: float | None = None
    loss: str = CROSS_ENTROPY
    focal_gamma: float | None = None
    focal_gamma_end: float | None = None
    class_weights: str = NONE
    prototypical_loss: float | None = None
    word_deletion: float = 0.0
    oversample: bool = False
    teacher: str | None = None
    soft: float | None = None

    def __post_init__(self) -> None:
        check(self, (*training_rules(self), *self._rules(), *method_rules(self)))

    @property
    def architecture(self) -> Architecture:
        """What stands between backbone and probabilities."""
        return Architecture(
            self_attention=self.self_attention,
            cross_attention=self.cross_attention,
            branch=self.branch,
            branch_units=self.branch_units,
            head=self.head,
            distance=self.distance or SQUARED,
            temperature=self.temperature or TEMPERATURE,
        )

    @property
    def is_focal(self) -> bool:
        """Whether the loss is the focal one."""
        return self.loss == FOCAL

    @property
    def gamma(self) -> float:
        """Of the focal loss in the first epoch."""
        return FOCAL_GAMMA if self.focal_gamma is None else self.focal_gamma

    @property
    def soft_share(self) -> float:
        """The teachers' share of the targets."""
        return SOFT if self.soft is None else self.soft

    def _rules(self) -> tuple[Rule, ...]:
        weights = self.loss_weights
        return (
            ("backbone", bool(self.backbone), "with a name or a folder"),
            ("pooling", self.pooling in POOLINGS, f"one of {', '.join(POOLINGS)}"),
            ("warmup", 0 <= self.warmup < 1, "from 0 to below 1, a share of all steps"),
            ("optimizer", self.optimizer in OPTIMIZERS, f"one of {', '.join(OPTIMIZERS)}"),
            ("clip", self.clip > 0, "above 0"),
            ("average", 0 <= self.average < 1, "from 0 to below 1, such as 0.999"),
            ("precision", self.precision in PRECISIONS, f"one of {', '.join(PRECISIONS)}"),
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
