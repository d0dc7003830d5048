"""Every choice of a context run, checked once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.rules import Rule, check, training_rules

OPINIONS = "opinions"
LAYOUTS = ("cnn-lstm", "lstm", "attention", OPINIONS)
VECTORS = ("features", "cls4", "both")
# What a phone runs while a conversation is going on is small; the other defaults are the paper's sizes. Chosen on
# MELD's dev split with the pocket backbone.
CAUSAL_DEFAULTS: Mapping[str, Any] = {
    "layout": OPINIONS,
    "width": 128,
    "units": 32,
    "epochs": 15,
    "batch_size": 256,
    "learning_rate": 5e-3,
    "vector_dropout": 0.1,
}


@dataclass(frozen=True)
class ContextConfig:
    """The choices of a context run; they stand in its ``config.json``.

    :param run: what makes the vectors: a run folder, ``pocket``, a hub name or a folder of a pretrained model.
    :param data: name of a dataset, or path of a file, whose utterances belong to dialogues.
    :param tasks: the tasks to learn; None for every task of the dataset.
    :param vectors: ``features`` (what a phone's bundle gives), ``cls4`` (the first token's states in the last four
        layers, concatenated: what the CNN-LSTM paper takes), or ``both``.
    :param causal: whether an utterance sees the past alone; else the whole dialogue.
    :param window: utterances that the causal model sees, the newest included; 1: no context.
    :param layout: ``cnn-lstm`` (the paper's: two stacked bidirectional LSTMs beside a convolution with one), ``lstm``
        (one, from old to new), ``attention`` (from the newest utterance to the window) or ``opinions`` (a hidden layer
        over what the heads say of each utterance).
    :param width: of the fully connected layers.
    :param units: of each LSTM and of the convolution, or of all attention heads together, or of the hidden layer.
    :param speakers: whether the model is told which utterances are by the speaker of the newest one.
    :param epochs: the most epochs.
    :param batch_size: utterances in a step (causal), or dialogues.
    :param learning_rate: peak of the schedule.
    :param weight_decay: decoupled weight decay.
    :param patience: epochs without a better dev score before stopping.
    :param dropout: share dropped of every hidden layer.
    :param vector_dropout: share dropped of the vectors.
    :param forget: share of the earlier utterances that a step does not see.
    :param max_length: most tokens of an utterance.
    :param seed: fixes initial weights, order of the batches and dropout.
    :raises UndertoneError: if a value is outside its rule, or two contradict each other.
    """

    run: str
    data: str
    tasks: tuple[str, ...] | None = None
    vectors: str = "features"
    causal: bool = False
    window: int = 8
    layout: str = "cnn-lstm"
    width: int = 1024
    units: int = 256
    speakers: bool = False
    epochs: int = 30
    batch_size: int = 16
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    patience: int = 6
    dropout: float = 0.3
    vector_dropout: float = 0.2
    forget: float = 0.1
    max_length: int = 64
    seed: int = 1

    def __post_init__(self) -> None:
        check(self, (*training_rules(self), *self._rules()))

    def _rules(self) -> tuple[Rule, ...]:
        return (
            ("vectors", self.vectors in VECTORS, f"one of {', '.join(VECTORS)}"),
            ("layout", self.layout in LAYOUTS, f"one of {', '.join(LAYOUTS)}"),
            ("layout", self.causal or self.layout == "cnn-lstm", "cnn-lstm, or --causal beside it"),
            ("window", 1 <= self.window <= 64, "from 1 to 64 utterances"),
            ("width", self.width >= 1, "of at least 1"),
            ("units", self.units >= 1 and (self.layout != "attention" or self.units % 4 == 0), "above 0, times 4"),
            ("vector_dropout", 0 <= self.vector_dropout < 1, "from 0 to below 1"),
            ("forget", 0 <= self.forget < 1, "from 0 to below 1"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self) | {"tasks": None if self.tasks is None else list(self.tasks)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ContextConfig":
        """Read what :meth:`to_dict` wrote."""
        tasks = values["tasks"]
        return cls(**{**values, "tasks": None if tasks is None else tuple(tasks)})
