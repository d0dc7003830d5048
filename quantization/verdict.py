"""One sentence per recipe, by rules that stand here and nowhere else.

``stop``: an output is not finite, the recipe answers with one label where the reference does not, or it surely loses
more than TOLERANCE. ``check``: the interval reaches below -TOLERANCE, so the data cannot tell. ``ship``: the loss is
below TOLERANCE with 97.5 % confidence, and something is gained in size or speed. ``keep``: nothing is gained.
What never happened in n utterances may still happen in 3 of n (the rule of three), which no bootstrap shows: the lower
end of the interval counts as -3/n at best, so that fewer than about 300 utterances never say ``ship``.
"""

from dataclasses import dataclass, replace

from quantization.collapse import only_label
from quantization.formats import EQUAL, ratio
from quantization.report import RecipeReport

# Weighted F1 that may be lost: one point, about what a change of the random seed does to fine-tuning.
TOLERANCE = 0.01
ENOUGH_AGREEMENT = 0.99

SHIP, CHECK, STOP, KEEP, REFERENCE = "ship", "check", "stop", "keep", "reference"


@dataclass(frozen=True)
class Verdict:
    """What to do, and why in one sentence."""

    decision: str
    sentence: str


def with_verdicts(recipes: dict[str, RecipeReport], reference: str) -> dict[str, RecipeReport]:
    """Return the reports with their verdicts."""
    judged = {}
    for name, recipe in recipes.items():
        verdict = _reference(recipe) if name == reference else judge(recipe, recipes[reference])
        judged[name] = replace(recipe, decision=verdict.decision, verdict=verdict.sentence)
    return judged


def judge(recipe: RecipeReport, reference: RecipeReport) -> Verdict:
    """Judge a recipe against the reference."""
    speed = _speed(recipe, reference)
    gains = f"{ratio(recipe.bytes_ratio, 'smaller', 'larger')}, {ratio(speed, 'faster', 'slower')}"
    if recipe.non_finite:
        return Verdict(STOP, f"{recipe.shown_as}: {recipe.non_finite:,} values are NaN or infinite: do not ship it.")
    for name, task in recipe.tasks.items():
        label = only_label(task)
        if label is not None and only_label(reference.tasks[name]) is None:
            return Verdict(STOP, f"{recipe.shown_as}: collapsed, every {name} is “{label}”: do not ship it.")
    if recipe.collapse:
        return Verdict(STOP, f"{recipe.shown_as}: collapsed, {recipe.collapse.signs[0]}: do not ship it.")
    decision, loss = _loss(recipe)
    if decision == SHIP and max(recipe.bytes_ratio, speed) < 1 + EQUAL:
        return Verdict(KEEP, f"{recipe.shown_as}: {gains}, {loss}: nothing gained, keep {reference.shown_as}.")
    advice = {
        SHIP: "ship it",
        CHECK: "measure on more utterances before shipping it",
        STOP: "do not ship it",
    }[decision]
    return Verdict(decision, f"{recipe.shown_as}: {gains}, {loss}: {advice}.")


def _reference(recipe: RecipeReport) -> Verdict:
    ending = f"; {recipe.non_finite:,} of its own values are NaN or infinite" if recipe.non_finite else ""
    size, p50 = recipe.bytes / 1e6, recipe.latency_ms.p50
    return Verdict(REFERENCE, f"{recipe.shown_as}: the reference, {size:.1f} MB and {p50:.2f} ms an utterance{ending}.")


def _loss(recipe: RecipeReport) -> tuple[str, str]:
    """Return decision and words about the worst task, by the lower end of its interval."""
    measured = {
        name: (task.delta_weighted_f1, task.n_labelled) for name, task in recipe.tasks.items() if task.delta_weighted_f1
    }
    if not measured:
        agreement = min(task.agreement or 0.0 for task in recipe.tasks.values())
        enough = agreement >= ENOUGH_AGREEMENT
        return (SHIP if enough else CHECK), f"{agreement:.1%} of labels as before (no gold labels to score)"
    name, (worst, n) = min(measured.items(), key=lambda item: item[1][0].ci95[0])
    low, high = worst.ci95
    interval = f"95 % interval {low * 100:+.2f} to {high * 100:+.2f} points"
    # To a tenth of a point: the rule of three is no more exact than that.
    excluded = round(min(low, -3 / n), 3) >= -TOLERANCE
    if high < 0:
        words = f"loses {-worst.value * 100:.2f} points of {name} F1 ({interval})"
        if excluded:
            return SHIP, words
        return (STOP if worst.value < -TOLERANCE else CHECK), words
    if excluded:
        return SHIP, "no measurable loss"
    if low >= -TOLERANCE:
        return CHECK, f"no loss shown, but {n:,} utterances cannot exclude a point of {name} F1"
    return CHECK, f"no loss shown, but {name} F1 may move by more than a point ({interval})"


def _speed(recipe: RecipeReport, reference: RecipeReport) -> float:
    return reference.latency_ms.p50 / recipe.latency_ms.p50
