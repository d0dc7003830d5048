"""How much a person's labels help, rule by rule: speakers as users whom the base never heard.

``python -m benchmarks.personalisation --bundle BUNDLE --data meld --data-dir DIR``
"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.features import phone_features
from benchmarks.personalisation.plot import plot_curves
from benchmarks.personalisation.rules import BASE, CHOICES, DEFAULT, EVERYWHERE, Settings, starts
from benchmarks.personalisation.strange import as_strange, labels_needed
from benchmarks.personalisation.stream import Stream, follow
from benchmarks.personalisation.users import User, users
from benchmarks.record import ROOT, Figure, record
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.recipe import recipe_named
from quantization.progress import progress
from training.datasets.arguments import add_data_arguments, load_from

POINTS = (0, 5, 20, 50, 200, 500, -1)
STRANGE_POINTS = (0, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 750, 1000, -1)
N_USERS = 6
CHOOSING = 999  # seed of the order in which settings are chosen; none of those that are reported
Curves = dict[str, np.ndarray]  # rule to [user, order, point]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.personalisation", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", metavar="BUNDLE", type=Path, required=True, help="its backbone computes features")
    parser.add_argument("--task", default="emotion")
    parser.add_argument("--recipes", default="dynamic_wi8_afp32,fp32,fp16", help="settings are chosen on the first")
    parser.add_argument("--orders", type=int, default=5, help="random orders of each user's labels")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keeps computed features between runs")
    add_data_arguments(parser, default="meld")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    bundle, dataset = Bundle.open(arguments.bundle), load_from(arguments)
    figures: dict[str, Figure] = {}
    rows: list[dict[str, Any]] = []
    panels: dict[str, Any] = {}
    chosen: dict[str, Settings] = {}
    recipes = arguments.recipes.split(",")
    first = recipes[0]
    for recipe in recipes:
        features = phone_features(bundle, recipe, dataset, cache=arguments.cache)
        people = users(dataset, features, arguments.task, N_USERS)
        if not chosen:
            strange = [as_strange(user, arguments.task) for user in people]
            chosen = {rule: _best(rule, [*people, *strange]) for rule in CHOICES}
            panels["two labels swapped, one added"] = _strange(strange, chosen, figures, rows)
        followed = {rule: chosen[rule] for rule in (CHOICES if recipe == first else EVERYWHERE)}
        curves = _curves(people, followed, arguments.orders, POINTS, rows, recipe)
        panels[recipe_named(recipe).shown_as] = _means(curves, POINTS)
        suffix = "" if recipe == first else f"_{recipe}"
        figures |= _figures(curves, suffix)
    say("\n".join(f"{name:<52}{figure.value:>9.4f}" for name, figure in figures.items()))
    last = max(len(user.x["train"]) for user in people)
    plot_curves(panels, ROOT / "docs" / "images" / "personalisation.png", last=last, emphasised=DEFAULT)
    data = {
        "dataset": dataset.name,
        "sha256": dataset.sha256,
        "task": arguments.task,
        "users": {user.name: {split: len(items) for split, items in user.said.items()} for user in people},
        "bundle": bundle.manifest.name,
        "recipes": {recipe: bundle.model_hash(recipe) for recipe in recipes},
        "settings": {rule: dict(settings) for rule, settings in chosen.items()},
        "settings_chosen_by": "mean prequential weighted F1 of the train streams of all users, as they are and as the "
        "made-up person, in an order that is not reported",
    }
    seeds = range(arguments.orders)
    say(str(record("personalisation", figures, data=data, seeds=seeds, rows=rows, packages=["scikit-learn"])))
    return 0


def _best(rule: str, people: Sequence[User]) -> Settings:
    """Choose settings by test-then-train on the train streams; what is held out is not looked at."""
    choices = CHOICES[rule]
    if len(choices) == 1:
        return choices[0]
    scores = []
    with progress(f"choosing {rule}", len(choices) * len(people), "streams") as advance:
        for settings in choices:
            streams = [_follow(rule, settings, user, CHOOSING, ()) for user in people]
            advance(len(people))
            scores.append(float(np.mean([stream.prequential for stream in streams])))
            loss = float(np.mean([stream.log_loss for stream in streams]))
            say(f"{rule:<16}{settings!s:<52} prequential wF1 {scores[-1]:.4f}  log-loss {loss:.4f}")
    return choices[int(np.argmax(scores))]


def _follow(rule: str, settings: Settings, user: User, seed: int, points: Sequence[int]) -> Stream:
    order = np.random.default_rng(seed).permutation(len(user.x["train"]))
    y = [user.y["train"][row] for row in order]
    held_out = user.x["test"], user.y["test"]
    separator = starts(rule, user, settings)
    return follow(separator, user.x["train"][order], y, held_out, points=points, learns=rule != BASE)


def _curves(
    people: Sequence[User],
    chosen: Mapping[str, Settings],
    orders: int,
    points: Sequence[int],
    rows: list[dict[str, Any]],
    conditions: str,
) -> Curves:
    curves = {}
    with progress(conditions, len(chosen) * len(people) * orders, "streams") as advance:
        for rule, settings in chosen.items():
            streams = []
            for user in people:
                streams.append([_follow(rule, settings, user, seed, points) for seed in range(orders)])
                advance(orders)
            curves[rule] = np.array([[[one.curve[n] for n in points] for one in many] for many in streams])
            rows.append(_row(conditions, rule, streams, points))
            say(" ".join(f"{value:.4f}" if isinstance(value, float) else str(value) for value in rows[-1].values()))
    return curves


def _rounded(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


def _row(conditions: str, rule: str, streams: Sequence[Sequence[Stream]], points: Sequence[int]) -> dict[str, Any]:
    flat = [one for many in streams for one in many]
    scores = {"all" if n < 0 else str(n): _rounded([one.curve[n] for one in flat]) for n in points}
    prequential = {
        "prequential_wf1": _rounded([one.prequential for one in flat]),
        "log_loss": _rounded([one.log_loss for one in flat]),
    }
    return {"conditions": conditions, "rule": rule} | scores | prequential


def _means(curves: Curves, points: Sequence[int]) -> dict[str, dict[int, float]]:
    return {
        rule: dict(zip(points, values.mean(axis=(0, 1)).tolist(), strict=True))
        for rule, values in curves.items()
        if rule != "personal only" or values.mean() > 0.3
    }


def _figures(curves: Curves, suffix: str) -> dict[str, Figure]:
    gains = curves[DEFAULT] - curves[BASE]
    by_user = gains[:, :, -1].mean(axis=1)
    low, high = _interval(by_user)
    dips = gains.mean(axis=(0, 1))
    n_users, n_orders, _ = gains.shape
    how = f"mean over {n_users} users and {n_orders} orders"
    spread = f"95 % bootstrap interval over users [{low:.4f}, {high:.4f}]; sd over users"
    figures = {
        f"personalisation_gain_wf1{suffix}": Figure(
            float(by_user.mean()), sd=float(by_user.std(ddof=1)), n=n_users, note=f"all labels, {how}; {spread}"
        ),
        f"personalisation_worst_dip_wf1{suffix}": Figure(
            float(dips.min()), n=len(dips), note=f"lowest of the points of the curve against base, {how}"
        ),
        f"personalisation_worst_user_dip_wf1{suffix}": Figure(
            float(gains.mean(axis=1).min()), n=n_users, note="the same for the user with the lowest point"
        ),
    }
    for rule in curves.keys() - {BASE, DEFAULT}:
        other = (curves[rule] - curves[BASE])[:, :, -1].mean(axis=1)
        note = f"all labels, {how}; sd over users"
        figures[f"gain_wf1_{rule.replace(' ', '_')}{suffix}"] = Figure(
            float(other.mean()), sd=float(other.std(ddof=1)), n=n_users, note=note
        )
    return figures


def _strange(
    people: Sequence[User], chosen: Mapping[str, Settings], figures: dict[str, Figure], rows: list[dict[str, Any]]
) -> dict[str, dict[int, float]]:
    curves = _means(_curves(people, chosen, 1, STRANGE_POINTS, rows, "two labels swapped, one added"), STRANGE_POINTS)
    achievable = max(curve[-1] for curve in curves.values())
    figures["swapped_achievable_wf1"] = Figure(achievable, note="the best rule after all labels")
    for rule, curve in curves.items():
        needed = labels_needed(curve, achievable=achievable)
        if needed is not None and needed >= 0:
            name = f"swapped_labels_needed_{rule.replace(' ', '_')}"
            figures[name] = Figure(needed, n=len(people), note="until 90 % of the achievable, mean curve of the users")
    return curves


def _interval(values: Iterable[float], *, draws: int = 10_000) -> tuple[float, float]:
    sample = np.array(list(values))
    means = np.random.default_rng(0).choice(sample, (draws, len(sample))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


if __name__ == "__main__":
    sys.exit(main())
