"""From the name that a person gives to a backbone: built in place, shipped, of a run, or pretrained."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine.task import Task
from training import checkpoint
from training.backbone import Backbone, pretrained_backbone, tiny_backbone, zoo_backbone
from training.config import SHIPPED, TINY
from training.shipped import FOLDER, shipped_backbone, shipped_heads
from training.zoo import ARCHITECTURES


@dataclass(frozen=True)
class Choice:
    """A backbone, and the heads that were trained on it.

    :param heads: weights by name if the backbone was trained for the wanted tasks, else None.
    """

    backbone: Backbone
    heads: dict[str, Any] | None = None


def choose_backbone(name: str, texts: Iterable[str], tasks: Sequence[Task], *, max_length: int) -> Choice:
    """Return the backbone of that name.

    :param name: ``tiny``, an architecture of the zoo, one of ``SHIPPED``, a run folder, a hub name or a folder of a hub
        model.
    :param texts: of the train split, for the vocabulary of a backbone that is built in place.
    :param tasks: the tasks whose heads are wanted.
    :raises UndertoneError: if there is no such backbone, or it cannot be used.
    """
    if name == TINY:
        return Choice(tiny_backbone(texts))
    if name in ARCHITECTURES:
        return Choice(zoo_backbone(name, texts))
    if name in SHIPPED:
        return Choice(shipped_backbone(FOLDER / name), shipped_heads(tasks, FOLDER / name))
    path = Path(name)
    if checkpoint.is_run(path):
        return Choice(checkpoint.backbone_of_run(path), checkpoint.heads_of_run(path, tasks))
    return Choice(pretrained_backbone(name, max_length=max_length))
