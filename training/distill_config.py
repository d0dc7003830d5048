"""Every choice of a distillation, checked once."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.config import FLOAT32, FitConfig
from training.rules import Rule, check

FEATURES = "features"  # also the name of its loss
RELATIONS = "relations"  # the name of a loss


@dataclass(frozen=True)
class DistillConfig:
    """The choices of a distillation: the student's architecture, what it learns, and how.

    :param teacher: run folder of a fine-tuned BERT.
    :param data: names of datasets with commas.
    :param layers: the teacher's layers that the student starts from, counted from 1; as many layers has the student.
    :param vocabulary: number of pieces.
    :param embedding: width of the word embeddings; 0 for that of the teacher.
    :param width: of the student's states; 0 for that of the teacher. Layers of another width begin at random.
    :param intermediate: neurons between the two dense layers of a layer; 0 for as many as the teacher has. The
        strongest of the teacher's are kept.
    :param features: width of the features.
    :param positions: most tokens of an utterance that the student can take.
    :param soft: share of the teacher's probabilities in the targets; the rest is the labels.
    :param feature_weight: factor of the loss of the features.
    :param relation_weight: factor of the loss of the similarities within a batch; 0: it is left out.
    :param fine_weight: factor of the loss of sigmoid tasks, which is a mean over their labels.
    :param repeats: how often utterances with a rare label of a sigmoid task are learned again, altered a little.
    :param precision: of the matrix products, as in :class:`~training.config.FitConfig`.
    :raises UndertoneError: if a value is outside its rule.
    """

    teacher: str
    data: str = "goemotions,sample"
    layers: tuple[int, ...] = (1, 6)
    vocabulary: int = 5200
    embedding: int = 0
    width: int = 0
    intermediate: int = 0
    features: int = 256
    positions: int = 64
    soft: float = 0.5
    feature_weight: float = 2.0
    relation_weight: float = 0.0
    fine_weight: float = 20.0
    repeats: int = 3
    epochs: int = 4
    batch_size: int = 64
    learning_rate: float = 3e-4
    warmup: float = 0.05
    weight_decay: float = 0.0
    max_length: int = 32
    precision: str = FLOAT32
    seed: int = 1

    def __post_init__(self) -> None:
        check(self, self._rules())
        self.fit_config()  # checks the rest

    def _rules(self) -> tuple[Rule, ...]:
        return (
            ("teacher", bool(self.teacher), "with a run folder"),
            ("layers", bool(self.layers) and min(self.layers, default=0) >= 1, "with numbers of layers from 1"),
            ("layers", list(self.layers) == sorted(set(self.layers)), "in ascending order"),
            ("vocabulary", self.vocabulary >= 8, "of at least 8 pieces"),
            ("embedding", self.embedding >= 0, "of at least 0"),
            ("width", self.width >= 0, "of at least 0"),
            ("intermediate", self.intermediate >= 0, "of at least 0"),
            ("features", self.features >= 1, "of at least 1"),
            ("positions", self.max_length <= self.positions <= 512, "from --max-length to 512"),
            ("soft", 0 <= self.soft <= 1, "from 0 to 1"),
            ("feature_weight", 0 <= self.feature_weight < math.inf, "of at least 0"),
            ("relation_weight", 0 <= self.relation_weight < math.inf, "of at least 0"),
            ("fine_weight", 0 < self.fine_weight < math.inf, "above 0"),
            ("repeats", 0 <= self.repeats <= 10, "from 0 to 10"),
        )

    def fit_config(self, loss_weights: Mapping[str, float] | None = None) -> FitConfig:
        """Return the choices that a distillation shares with fine-tuning."""
        return FitConfig(
            data=self.data,
            backbone=self.teacher,
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            warmup=self.warmup,
            weight_decay=self.weight_decay,
            max_length=self.max_length,
            precision=self.precision,
            seed=self.seed,
            patience=self.epochs,
            loss_weights=dict(loss_weights or {}),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self) | {"layers": list(self.layers)}
