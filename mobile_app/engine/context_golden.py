"""Golden vectors of a context model: a conversation with the answers that every machine must give."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.context import Conversation
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import BundleError

if TYPE_CHECKING:
    from mobile_app.engine.bundle import Bundle

FILE_NAME = "golden.context.json"
Answers = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class ContextGolden:
    """The content of ``golden.context.json``.

    :param turns: speaker and text, in their order.
    :param answers: per recipe and task the probabilities ``[n_turns, n_labels]`` on the machine that built the bundle.
    :param tolerances: per recipe the largest absolute difference of a probability on another machine.
    """

    turns: tuple[tuple[str, str], ...]
    answers: Mapping[str, Answers]
    tolerances: Mapping[str, float]

    @classmethod
    def from_json(cls, text: str) -> "ContextGolden":
        """Read the text of ``golden.context.json``.

        :raises BundleError: if it is no JSON of this layout, or has another number of answers than of turns.
        """
        try:
            values = json.loads(text)
            golden = cls(
                turns=tuple((str(speaker), str(said)) for speaker, said in values["turns"]),
                answers={
                    recipe: {task: np.asarray(rows, np.float32) for task, rows in found["probabilities"].items()}
                    for recipe, found in values["recipes"].items()
                },
                tolerances={recipe: float(found["tolerance"]) for recipe, found in values["recipes"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _unusable(repr(error)) from None
        counts = {len(rows) for found in golden.answers.values() for rows in found.values()}
        if not golden.turns or counts != {len(golden.turns)}:
            raise _unusable(f"{len(golden.turns)} turns with {sorted(counts)} answers")
        return golden

    def to_json(self) -> str:
        """Return the text of ``golden.context.json``, rounded to six significant digits."""
        recipes = {
            recipe: {
                "probabilities": {
                    task: [[float(f"{value:.6g}") for value in row] for row in rows] for task, rows in found.items()
                },
                "tolerance": self.tolerances[recipe],
            }
            for recipe, found in self.answers.items()
        }
        return json.dumps({"turns": self.turns, "recipes": recipes}, ensure_ascii=False)


@dataclass(frozen=True)
class ContextResult:
    """What the check of a recipe's context model found.

    :param difference: largest absolute difference of a probability; infinite where one is no number.
    """

    recipe: str
    n_turns: int
    difference: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether every probability is within the tolerance."""
        return self.difference <= self.tolerance

    @property
    def summary(self) -> str:
        """The measured figure beside its limit."""
        return (
            f"conversation of {self.n_turns} turns, largest difference of a probability {self.difference:.2g} "
            f"(at most {self.tolerance:g})"
        )


def answers_of(bundle: "Bundle", recipe: str, turns: tuple[tuple[str, str], ...]) -> Answers:
    """Hold a conversation on this machine, as the phone does."""
    with closing(Encoder(bundle, recipe)) as encoder, closing(Conversation(bundle, recipe)) as conversation:
        rows = [conversation.add(encoder.encode(text).features, speaker) for speaker, text in turns]
        return {task.name: np.stack([row[task.name] for row in rows]) for task in conversation.entry.tasks}


def context_self_check(bundle: "Bundle", recipe: str) -> ContextResult:
    """Hold the golden conversation on this machine and compare with the answers in the bundle.

    :param recipe: of the model that makes the features.
    :raises BundleError: if the bundle has no context model or no answers for this recipe.
    """
    golden = read_context_golden(bundle)
    if recipe not in golden.answers:
        raise _unusable(f"no answers of recipe {recipe}")
    found, expected = answers_of(bundle, recipe, golden.turns), golden.answers[recipe]
    if {task: rows.shape for task, rows in found.items()} != {task: rows.shape for task, rows in expected.items()}:
        raise _unusable("answers for other tasks or labels")
    finite = all(np.isfinite(rows).all() for rows in found.values())
    difference = max(float(np.abs(found[task] - expected[task]).max()) for task in found) if finite else float("inf")
    return ContextResult(recipe, len(golden.turns), difference, golden.tolerances[recipe])


def read_context_golden(bundle: "Bundle") -> ContextGolden:
    """Read the golden conversation of a bundle.

    :raises BundleError: if it has none, or it cannot be read.
    """
    if FILE_NAME not in bundle.manifest.files:
        raise _unusable("no such file in the manifest")
    return ContextGolden.from_json((bundle.path / FILE_NAME).read_text(encoding="utf-8"))


def _unusable(found: str) -> BundleError:
    return BundleError(f"a conversation with its answers in {FILE_NAME}", found, "build the bundle again")
