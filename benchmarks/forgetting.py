"""What a person's labels cost everybody else's language, with and without the guard.

Each of MELD's six speakers labels 500 utterances, once as they are annotated, once with two labels swapped and one
added, once at random, as a child playing with the phone would. The base is the one that never heard the speaker; it is
scored on the test utterances of all the other speakers before and after. With the guard, every label that it asks about
is discarded.

``python -m benchmarks.forgetting --bundle BUNDLE --data meld --data-dir DIR``
"""

import argparse
import copy
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from benchmarks.features import phone_features
from benchmarks.personalisation.strange import as_strange
from benchmarks.personalisation.users import User, users
from benchmarks.record import Figure, record
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.guard import MAX_COST, Replay, price
from mobile_app.engine.separators import EnsembleSeparator, Separator, SoftmaxSeparator
from mobile_app.engine.task import Task
from quantization.progress import progress
from training.datasets.arguments import add_data_arguments, load_from

N_USERS, N_LABELS, N_REPLAY = 6, 500, 200
RULES: Mapping[str, Callable[[SoftmaxSeparator], Separator]] = {
    "ensemble": EnsembleSeparator.over,
    "softmax": lambda base: SoftmaxSeparator.from_weights(base.labels, base.weights, base.bias, learning_rate=0.2),
}


@dataclass(frozen=True)
class Outcome:
    """What 500 labels did.

    :param others: weighted F1 on the other speakers' test utterances.
    :param own: weighted F1 on the person's own test utterances, labelled the person's way.
    :param discarded: how many labels the guard kept from being learned.
    """

    others: float
    own: float
    discarded: int


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forgetting", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", metavar="BUNDLE", type=Path, required=True, help="its backbone computes features")
    parser.add_argument("--task", default="emotion")
    parser.add_argument("--seed", type=int, default=0, help="of the order of the labels and of the random ones")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keeps computed features between runs")
    add_data_arguments(parser, default="meld")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    bundle, dataset = Bundle.open(arguments.bundle), load_from(arguments)
    recipe = bundle.manifest.default_recipe
    features = phone_features(bundle, recipe, dataset, cache=arguments.cache)
    people = users(dataset, features, arguments.task, N_USERS)
    test = [(one.speaker, one.labels[arguments.task][0]) for one in dataset.split("test")]
    kinds: dict[str, Callable[[User], User]] = {
        "as annotated": lambda user: user,
        "two labels swapped, one added": lambda user: as_strange(user, arguments.task),
        "random labels": lambda user: _at_random(user, arguments.seed),
    }
    rows, figures = [], {}
    with progress("people", len(kinds) * len(RULES) * 2 * N_USERS, "people") as advance:
        for kind, as_kind in kinds.items():
            for rule in RULES:
                for guarded in (False, True):
                    outcomes, bases = [], []
                    for user in people:
                        mask = np.array([speaker != user.name for speaker, _ in test])
                        others = features["test"][mask], [label for speaker, label in test if speaker != user.name]
                        bases.append(_score(user.base, *others))
                        outcomes.append(_after(as_kind(user), rule, others, guarded=guarded, seed=arguments.seed))
                        advance(1)
                    rows.append(_row(kind, rule, guarded, bases, outcomes))
                    say("  ".join(f"{name} {value}" for name, value in rows[-1].items()))
                    name = f"forgetting_{'_'.join(kind.replace(',', '').split()[:2])}_{rule}" + "_guarded" * guarded
                    change = [one.others - base for one, base in zip(outcomes, bases, strict=True)]
                    figures[name] = Figure(
                        float(np.mean(change)),
                        sd=float(np.std(change, ddof=1)),
                        n=len(people),
                        note=f"weighted F1 on the other speakers' test utterances after {N_LABELS} labels, minus "
                        "before; mean and sd over people",
                    )
    data = {
        "dataset": dataset.name,
        "sha256": dataset.sha256,
        "task": arguments.task,
        "labels": N_LABELS,
        "replay_set": N_REPLAY,
        "guard_max_cost": MAX_COST,
        "bundle": bundle.manifest.name,
        "recipe": recipe,
        "model_sha256": bundle.model_hash(recipe),
    }
    say(str(record("forgetting", figures, data=data, seeds=[arguments.seed], rows=rows, packages=["scikit-learn"])))
    return 0


def _after(
    user: User, rule: str, others: tuple[NDArray[np.float32], Sequence[str]], *, guarded: bool, seed: int
) -> Outcome:
    separator, replay = RULES[rule](copy.copy(user.base)), _replay(user, seed)
    order = np.random.default_rng(seed).permutation(len(user.x["train"]))[:N_LABELS]
    base = score = replay.score(separator)
    discarded = 0
    for row in order:
        taught = copy.copy(separator)
        taught.learn_one(user.x["train"][row], user.y["train"][row])
        if guarded:
            new = replay.score(taught)
            if price(base, score, new):
                discarded += 1
                continue
            score = new
        separator = taught
    return Outcome(_score(separator, *others), _score(separator, user.x["test"], user.y["test"]), discarded)


def _replay(user: User, seed: int) -> Replay:
    """Return utterances that the base learned from, as a bundle freezes them."""
    x, y = user.others
    rows = np.random.default_rng(seed).permutation(len(x))[:N_REPLAY]
    labels = np.array(user.base.labels)
    return Replay(Task("replayed", tuple(user.base.labels)), x[rows], np.array(y)[rows, None] == labels)


def _at_random(user: User, seed: int) -> User:
    random = np.random.default_rng(seed)
    drawn = {split: random.choice(user.base.labels, len(y)).tolist() for split, y in user.y.items()}
    return User(user.name, user.base, user.others, user.said, user.x, drawn)


def _score(separator: Separator, x: NDArray[np.float32], y: Sequence[str]) -> float:
    said = np.array(separator.labels)[separator.predict_proba_many(x).argmax(axis=1)]
    return float(f1_score(y, said.tolist(), average="weighted", zero_division=0.0))


def _row(kind: str, rule: str, guarded: bool, bases: Sequence[float], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "labels": kind,
        "rule": rule,
        "guard": "yes" if guarded else "no",
        "others_before": round(float(np.mean(bases)), 4),
        "others_after": round(float(np.mean([one.others for one in outcomes])), 4),
        "own_after": round(float(np.mean([one.own for one in outcomes])), 4),
        "discarded": sum(one.discarded for one in outcomes),
    }


if __name__ == "__main__":
    sys.exit(main())
