"""Every choice of a selection, checked once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from mobile_app.engine.errors import UndertoneError
from training.config import SHIPPED, TINY, FitConfig
from training.separator_tables.choices import name_of
from training.zoo import ARCHITECTURES

# Criterion -> what it is, and whether more of it is better.
CRITERIA: Mapping[str, tuple[str, bool]] = {
    "f1": ("weighted F1 on dev, mean over the tasks", True),
    "macro": ("macro F1 on dev, every label counts the same", True),
    "weakest": ("F1 of the label that is recognised worst, on dev", True),
    "data": ("weighted F1 on dev after 10 % and 30 % of the train split, their mean", True),
    "latency": ("milliseconds an utterance through the phone's engine, median", False),
    "size": ("bytes of the model file", False),
    "memory": ("peak memory of a process that opens the model and uses it, MB", False),
    "time": ("seconds of training", False),
}
RECIPES = ("fp32", "dynamic_wi8_afp32")
SHARES = (0.1, 0.3)
# Peak learning rates: weights that start from nothing take larger steps than those that know a language.
FRESH_RATE, SHIPPED_RATE, PRETRAINED_RATE = 1e-3, 2e-4, 5e-5


@dataclass(frozen=True)
class SelectChoices:
    """What is compared, and what matters.

    :param models: backbones as ``training fit --backbone`` takes them, each with ``@RATE`` for a learning rate of
        its own if wanted.
    :param data: name of a dataset, or path of a file.
    :param weights: per criterion how much it matters; they need not add up to 1.
    :param recipe: the file that latency, size and memory are measured of.
    :param epochs: the most epochs of each run.
    :raises UndertoneError: if a value is outside its rule.
    """

    models: tuple[str, ...]
    data: str
    weights: Mapping[str, float]
    tasks: tuple[str, ...] | None = None
    recipe: str = "dynamic_wi8_afp32"
    epochs: int = 5
    batch_size: int = 32
    max_length: int = 32
    optimizer: str = "adam"
    seed: int = 1

    def __post_init__(self) -> None:
        names = [name_of(model_of(model)) for model in self.models]
        unknown = sorted(set(self.weights) - set(CRITERIA))
        values = list(self.weights.values())
        rules = (
            ("models", len(names) == len(set(names)) > 0, "with different names", ", ".join(names)),
            ("weights", not unknown, f"for criteria among {', '.join(CRITERIA)}", ", ".join(unknown)),
            ("weights", all(math.isfinite(w) and w >= 0 for w in values), "of 0 or more", values),
            ("weights", sum(values) > 0, "of which one is above 0", values),
            ("recipe", self.recipe in RECIPES, f"one of {', '.join(RECIPES)}", self.recipe),
        )
        for option, holds, expected, found in rules:
            if not holds:
                raise UndertoneError(f"--{option} {expected}", str(found) or "none", "choose another value")
        for model in self.models:
            self.fit_config(model)  # checks the rest

    def fit_config(self, model: str) -> FitConfig:
        """Return the choices of the run of a model."""
        return FitConfig(
            data=self.data,
            backbone=model_of(model),
            tasks=self.tasks,
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=_rate(model),
            max_length=self.max_length,
            optimizer=self.optimizer,
            seed=self.seed,
        )


def model_of(model: str) -> str:
    """Return the backbone of ``BACKBONE`` or ``BACKBONE@RATE``."""
    return model.rpartition("@")[0] or model


def _rate(model: str) -> float:
    backbone, _, rate = model.rpartition("@")
    if not backbone:
        rates = dict.fromkeys((TINY, *ARCHITECTURES), FRESH_RATE) | dict.fromkeys(SHIPPED, SHIPPED_RATE)
        return rates.get(model, PRETRAINED_RATE)
    try:
        return float(rate)
    except ValueError:
        raise UndertoneError("a learning rate after the @ in --models", repr(rate), "write it as 1e-3") from None
