"""What stands between the backbone and the probabilities: each part is one choice, all off by default."""

from dataclasses import asdict, dataclass
from typing import Any

NONE, DENSE, LEAKY = "none", "dense", "leaky"
BRANCHES = (NONE, DENSE, LEAKY)
LEAKY_UNITS = 1024
LINEAR, PROTOTYPES = "linear", "prototypes"
HEADS = (LINEAR, PROTOTYPES)
SQUARED, EUCLIDEAN = "squared", "euclidean"
DISTANCES = (SQUARED, EUCLIDEAN)
TEMPERATURE = 0.1


@dataclass(frozen=True)
class Architecture:
    """Backbone -> token-level block -> pooling -> branch of each task -> head of each task.

    :param self_attention: whether the token states pass a self-attention layer that all tasks share.
    :param cross_attention: whether each task has token states of its own, which attend to those of the other tasks.
    :param branch: what each task does with the pooled states: ``none``, ``dense`` (tanh) or ``leaky`` (Leaky ReLU).
    :param branch_units: width of the branch; None: that of the backbone for ``dense``, 1024 for ``leaky``.
    :param head: ``linear``, or ``prototypes``: logits are minus the distance to the mean of each label.
    :param distance: to the prototypes, ``squared`` (Snell et al. 2017) or ``euclidean``.
    :param temperature: that the distances are divided by.
    """

    self_attention: bool = False
    cross_attention: bool = False
    branch: str = NONE
    branch_units: int | None = None
    head: str = LINEAR
    distance: str = SQUARED
    temperature: float = TEMPERATURE

    def units(self, width: int) -> int:
        """Return the width of a branch over features that are ``width`` wide."""
        if self.branch == NONE:
            return width
        return self.branch_units or (LEAKY_UNITS if self.branch == LEAKY else width)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


PLAIN = Architecture()
