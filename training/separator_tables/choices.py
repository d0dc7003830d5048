"""Every choice of the tables of separators, checked once."""

from dataclasses import dataclass
from pathlib import Path

from mobile_app.engine.errors import UndertoneError

# The grids from which dev chooses.
UNITS = (10, 30, 100, 300, 1000)
HIDDEN_L2 = (0.0, 0.001, 0.01, 0.03)
LINEAR_L2 = (1e-5, 1e-4, 1e-3, 1e-2, 3e-2, 1e-1)
BALANCES = (0.0, 0.25, 0.5)  # a label counts for its frequency to the power of minus this
RANDOM_UNITS = (100, 300, 1000)
RIDGES = (1.0, 10.0, 100.0, 1000.0)
PCA_SHARES = (0.5, 0.25, 0.125)
SPEAKER_SIZES = (None, 500, 200)  # utterances of one speaker; None: all
N_SPEAKERS = 6


@dataclass(frozen=True)
class SeparatorChoices:
    """What is measured, and how.

    :param backbones: names as ``training fit --backbone`` takes them, or ``NAME=BACKBONE`` for a name of one's own.
    :param data: name of a dataset, or path of a file.
    :param task: the task; None: the first of the dataset.
    :param pretrain: the dataset of the task-specific pre-training; None: none.
    :param pretrain_task: its task; None: every one of that dataset.
    :param share: the share of the final dev score at which pre-training stops.
    :param pretrain_epochs: until the final score.
    :param max_length: most tokens of an utterance.
    :param epochs: the most epochs of the layers that take Adam or plain steps.
    :param patience: epochs without a better dev score before these stop.
    :param units: of the hidden layer, to choose from.
    :param seed: of random layers, orders, subsets and pre-training.
    :raises UndertoneError: if a value is outside its rule.
    """

    backbones: tuple[str, ...]
    data: str
    task: str | None = None
    pretrain: str | None = None
    pretrain_task: str | None = None
    share: float = 0.8
    pretrain_epochs: int = 3
    pretrain_rate: float = 5e-5
    max_length: int = 32
    epochs: int = 60
    patience: int = 5
    units: tuple[int, ...] = UNITS
    seed: int = 1

    def __post_init__(self) -> None:
        names = [name_of(backbone) for backbone in self.backbones]
        rules = (
            ("backbone", len(names) == len(set(names)) > 0, "with different names", ", ".join(names)),
            ("share", 0 < self.share < 1, "between 0 and 1", self.share),
            ("pretrain-epochs", self.pretrain_epochs >= 1, "of at least 1", self.pretrain_epochs),
            ("pretrain-rate", self.pretrain_rate > 0, "above 0", self.pretrain_rate),
            ("pretrain", self.pretrain != self.data, "with other data than --data", self.pretrain),
            ("pretrain-task", self.pretrain_task is None or self.pretrain is not None, "only with --pretrain", "none"),
            ("max-length", 3 <= self.max_length <= 512, "from 3 to 512 tokens", self.max_length),
            ("epochs", self.epochs >= 1, "of at least 1", self.epochs),
            ("patience", self.patience >= 1, "of at least 1", self.patience),
            ("units", bool(self.units) and min(self.units, default=0) >= 1, "with numbers of at least 1", self.units),
            ("seed", 0 <= self.seed < 2**32, "from 0 to 4294967295", self.seed),
        )
        for option, holds, expected, found in rules:
            if not holds:
                raise UndertoneError(f"--{option} {expected}", str(found), "choose another value")


def name_of(backbone: str) -> str:
    """Return what a table calls a backbone: the NAME of ``NAME=BACKBONE``, its hub name, or the name of its folder."""
    name, equals, _ = backbone.partition("=")
    path = Path(backbone)
    return name if equals else path.name if path.is_dir() else backbone


def place_of(backbone: str) -> str:
    """Return what ``training fit --backbone`` takes, without the name that a table gives to it."""
    return backbone.partition("=")[2] or backbone
