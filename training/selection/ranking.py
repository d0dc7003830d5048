"""From measured criteria to an order: how each is scaled, who is on the Pareto front, and why the winner won."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.selection.candidate import Candidate
from training.selection.choices import CRITERIA

SCALES = (
    "scores: 0 is the majority baseline (the weakest label: 0), 1 the best candidate; costs: 1 is the cheapest, 0 the "
    "dearest candidate, on a logarithmic scale"
)
_UNITS = {"latency": "{:.2f} ms", "size": "{:,.0f} B", "memory": "{:.0f} MB", "time": "{:.0f} s"}


@dataclass(frozen=True)
class Ranked:
    """A candidate with its place.

    :param scaled: per weighted criterion from 0 to 1.
    :param score: their weighted mean.
    :param on_front: whether no other candidate is at least as good in every weighted criterion and better in one.
    """

    candidate: Candidate
    scaled: Mapping[str, float]
    score: float
    on_front: bool


def rank(candidates: Sequence[Candidate], weights: Mapping[str, float], floors: Mapping[str, float]) -> list[Ranked]:
    """Return the candidates, the best first.

    :param floors: per criterion of which more is better, what the majority baseline reaches.
    """
    weighed = {name: weight for name, weight in weights.items() if weight > 0}
    scaled: list[dict[str, float]] = [{} for _ in candidates]
    for name in weighed:
        values = [one.criteria[name] for one in candidates]
        for row, value in zip(scaled, _scaled(values, floors.get(name, 0.0), CRITERIA[name][1]), strict=True):
            row[name] = value
    total = sum(weighed.values())
    ranked = [
        Ranked(
            one,
            row,
            sum(weighed[name] * value for name, value in row.items()) / total,
            not any(_dominates(other, one, weighed) for other in candidates),
        )
        for one, row in zip(candidates, scaled, strict=True)
    ]
    return sorted(ranked, key=lambda one: -one.score)


def why(ranked: Sequence[Ranked], weights: Mapping[str, float]) -> str:
    """Return one sentence about the winner."""
    winner = ranked[0]
    name = winner.candidate.name
    if len(ranked) == 1:
        return f"{name} is the only candidate."
    second = ranked[1]
    leads = {
        criterion: weights[criterion] * (winner.scaled[criterion] - second.scaled[criterion])
        for criterion in winner.scaled
    }
    ahead = [one for one in sorted(leads, key=lambda one: -leads[one]) if leads[one] > 0][:2]
    behind = [one for one in sorted(leads, key=lambda one: leads[one]) if leads[one] < 0][:1]
    if not ahead:
        return f"{name} and {second.candidate.name} are equal ({winner.score:.3f}); the one named first is taken."
    text = f"{name} wins with {winner.score:.3f} against {second.candidate.name}'s {second.score:.3f} for its "
    text += " and ".join(_against(one, winner, second) for one in ahead)
    if behind:
        text += f", although {second.candidate.name} has the better {_against(behind[0], second, winner)}"
    return text + "."


def beside_floor(ranked: Sequence[Ranked], floor: float) -> str:
    """Return a sentence if the winner is no better than the strongest baseline, else nothing.

    :param floor: dev weighted F1 of TF-IDF with logistic regression.
    """
    winner = ranked[0].candidate
    score = winner.criteria["f1"] or 0.0
    if score > floor:
        return ""
    better = [one.candidate.name for one in ranked if (one.candidate.criteria["f1"] or 0.0) > floor]
    text = f" It does not beat TF-IDF ({score:.3f} against {floor:.3f}), which these weights do not ask for; "
    return text + (f"{' and '.join(better)} would." if better else "no candidate does.")


def shown(criterion: str, value: float | None) -> str:
    """Return a value for a reader."""
    return "" if value is None else _UNITS.get(criterion, "{:.3f}").format(value)


def _against(criterion: str, one: Ranked, other: Ranked) -> str:
    values = (shown(criterion, ranked.candidate.criteria[criterion]) for ranked in (one, other))
    return f"{criterion} ({' against '.join(values)})"


def _scaled(values: Sequence[float | None], floor: float, more_is_better: bool) -> list[float]:
    known = [value for value in values if value is not None]
    if more_is_better:
        best = max(known)
        return [max(0.0, (value or 0.0) - floor) / (best - floor) if best > floor else 0.0 for value in values]
    least, most = min(known, default=1.0), max(known, default=1.0)
    if least <= 0 or least == most:
        return [float(value == least) if value is not None else 0.0 for value in values]
    return [0.0 if value is None else 1.0 - math.log(value / least) / math.log(most / least) for value in values]


def _dominates(one: Candidate, other: Candidate, weighed: Mapping[str, float]) -> bool:
    pairs = [
        (a, b) if CRITERIA[name][1] else (b, a)
        for name in weighed
        if (a := one.criteria[name]) is not None and (b := other.criteria[name]) is not None
    ]
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)
