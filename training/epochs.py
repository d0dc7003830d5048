"""Epoch after epoch: train, score on dev, save the state, stop when dev no longer improves."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from mobile_app.engine.command_line import note
from training.loop import NonFiniteLossError
from training.partial import Arrays, PartialRun, Progress, State


class Loop(Protocol):
    """What can be trained epoch by epoch; see :class:`~training.loop.TrainingLoop`."""

    model: Any
    examples: Any
    config: Any

    @property
    def is_chief(self) -> bool:
        """Whether this process writes."""

    def run_epoch(self, epoch: int) -> dict[str, float]:
        """Train for an epoch and return the losses."""

    def averaged(self) -> AbstractContextManager[None]:
        """Give the model the weights to be scored for a while."""

    def weights(self) -> Arrays:
        """Return copies of the weights by name."""

    def optimizer_state(self) -> Arrays:
        """Return what else the next epoch needs."""

    def restore(self, weights: Arrays, optimizer: Arrays) -> None:
        """Continue from what the two returned."""


@dataclass(frozen=True)
class Outcome:
    """How training ended; the model holds the weights of the best epoch.

    :param failure: the loss that was no number, if that is why it ended.
    """

    progress: Progress
    failure: NonFiniteLossError | None = None


def train_epochs(
    loop: Loop, score: Callable[[], tuple[float, dict[str, Any]]], partial: PartialRun, *, resume: bool
) -> Outcome:
    """Train until the last epoch, or until ``patience`` epochs brought nothing better.

    :param score: returns the dev score of the model as it is, and the figures behind it for the history.
    :param partial: where the state is kept.
    :param resume: whether to continue from the state that is there.
    :raises NonFiniteLossError: if the loss is no number before any epoch was finished.
    """
    progress, best = Progress(), loop.weights()
    if resume and partial.exists():
        state = partial.load()
        progress, best = state.progress, state.best_weights
        loop.restore(state.weights, state.optimizer)
        note(f"continuing after epoch {len(progress.history)} of {loop.config.epochs}")
    failure = None
    while not _finished(loop, progress):
        epoch = len(progress.history) + 1
        try:
            losses, seconds = _run_epoch(loop, epoch)
        except NonFiniteLossError as error:
            if not progress.best_epoch:
                raise
            failure = error
            break
        with loop.averaged():
            progress.history.append(_scored(loop, score, epoch, losses, seconds))
            best = _keep_best(loop, progress, best)
        if loop.is_chief:
            partial.save(State(progress, loop.weights(), best, loop.optimizer_state()))
    loop.model.load_weights_by_name(best)
    return Outcome(progress, failure)


def _run_epoch(loop: Loop, epoch: int) -> tuple[dict[str, float], float]:
    """Return the losses of an epoch and the seconds it took."""
    start = time.perf_counter()
    losses = loop.run_epoch(epoch)
    return losses, time.perf_counter() - start


def _scored(
    loop: Loop,
    score: Callable[[], tuple[float, dict[str, Any]]],
    epoch: int,
    losses: dict[str, float],
    trained: float,
) -> dict[str, Any]:
    """Return the entry of the history for an epoch that trained for so many seconds."""
    start = time.perf_counter()
    dev_score, dev = score()
    entry = {
        "epoch": epoch,
        "loss": losses,
        "dev_score": dev_score,
        "dev": dev,
        "seconds": round(trained + time.perf_counter() - start, 2),
        "utterances_per_second": round(len(loop.examples) / trained, 1),
    }
    note(
        f"epoch {epoch}/{loop.config.epochs}: loss {losses['total']:.4f}, dev {dev_score:.4f}, "
        f"{entry['seconds']:.0f} s ({entry['utterances_per_second']:.0f} utterances/s)"
    )
    return entry


def _keep_best(loop: Loop, progress: Progress, best: Arrays) -> Arrays:
    newest = progress.history[-1]
    if newest["dev_score"] <= progress.best_score:
        return best
    progress.best_epoch = newest["epoch"]
    return loop.weights()


def _finished(loop: Loop, progress: Progress) -> bool:
    done = len(progress.history)
    return done >= loop.config.epochs or (done > 0 and done - progress.best_epoch >= loop.config.patience)
