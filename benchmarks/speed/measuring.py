"""The run itself: contestants take turns on blocks of utterances, and answer the same utterances untimed before."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from benchmarks.speed.agreement import Agreement, agreement
from benchmarks.speed.child import Child, ChildError, seconds_to_first_label
from benchmarks.speed.contestants import EXACT, OURS, Contestant
from benchmarks.speed.environments import python_of
from benchmarks.speed.ratios import Spread, paired_ratios
from mobile_app.engine.command_line import note
from mobile_app.engine.errors import CheckFailedError
from quantization.progress import progress

BLOCK = 20
WARM_UP = 40
COMPARED = 100
# Float32 against float32: other sums in another order, not another model.
TOLERANCE = 1e-3
_FIXED = 32


@dataclass(frozen=True)
class Result:
    """What one contestant took.

    :param seconds: of every utterance it was timed on, by the utterance's place.
    :param about: the reply to ``about``.
    """

    contestant: Contestant
    seconds: dict[int, float]
    agreement: Agreement
    about: dict[str, Any]

    def row(self, model: str, threads: int, ours: "Result") -> dict[str, Any]:
        """Return the line of the results."""
        took = Spread.of(1e3 * value for value in self.seconds.values())
        ratio = paired_ratios(self.seconds, ours.seconds)
        return {
            "model": model,
            "threads": threads,
            "contestant": self.contestant.name,
            "shown_as": self.contestant.shown_as,
            "ms": round(took.median, 4),
            "ms_quartiles": [round(took.lower, 4), round(took.upper, 4)],
            "times_ours": round(ratio.median, 3),
            "times_ours_quartiles": [round(ratio.lower, 3), round(ratio.upper, 3)],
            "n": ratio.n,
            "peak_rss_mb": round(self.about["peak_rss_mb"] or 0.0, 1),
            "model_bytes": self.contestant.bytes,
            "package_bytes": sum(self.about["packages"].values()),
            "max_difference": float(f"{self.agreement.max_difference:.3g}"),
            "same_labels": round(self.agreement.same_labels, 4),
            "versions": self.about["versions"],
            "note": self.about["notes"],
        }


def measure(known: Sequence[Contestant], texts: Sequence[str], tokens: Sequence[int]) -> list[Result]:
    """Time everyone on the texts, block by block in turns.

    One that does not start or breaks off is left out, with a note.

    :param known: contestants; the exact one and ours among them.
    :param tokens: of each text.
    :raises CheckFailedError: if a float32 contestant gives other answers: it runs another model.
    """
    with ExitStack() as stack:
        children, agreements = {}, {}
        warm, compared = texts[:WARM_UP], texts[:COMPARED]
        exact: list[dict[str, Any]] = []
        for one in sorted(known, key=lambda contestant: contestant.name != EXACT):
            child = stack.enter_context(_opened(one))
            try:
                answers = child.answers(compared)
                child.time(warm)
            except ChildError as error:
                note(f"without {one.shown_as}: {error}")
                continue
            exact = exact or answers
            longest = _FIXED if one.adapter in ("reference_way", "mediapipe") else 1 << 30
            agreements[one] = agreement(answers, exact, tokens[: len(compared)], longest)
            _require_same_model(one, agreements[one])
            children[one] = child
        seconds = _in_turns(children, texts)
        return [Result(one, seconds[one], agreements[one], children[one].ask({"do": "about"})) for one in children]


class _opened(Child):  # noqa: N801 - a verb in a with statement
    def __init__(self, contestant: Contestant) -> None:
        super().__init__(python_of(contestant.environment), contestant.adapter, contestant.options)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _require_same_model(one: Contestant, found: Agreement) -> None:
    # MediaPipe normalises text in its own way before the tokens: other tokens are not another model.
    if one.name.endswith("_int8") or one.name.endswith("_fp16") or one.adapter == "mediapipe":
        return
    if not found.max_difference <= TOLERANCE:
        raise CheckFailedError(
            f"{one.shown_as} within {TOLERANCE:g} of our FP32",
            f"{found.max_difference:.3g}",
            "it runs another model: make its files again with --again",
        )


def _in_turns(children: dict[Contestant, Child], texts: Sequence[str]) -> dict[Contestant, dict[int, float]]:
    """Time everyone; who begins rotates, and every second turn goes backwards."""
    seconds: dict[Contestant, dict[int, float]] = {one: {} for one in children}
    everyone = list(children)
    with progress("utterances", len(texts), "utterances") as advance:
        for turn, start in enumerate(range(0, len(texts), BLOCK)):
            block = texts[start : start + BLOCK]
            first = turn % len(everyone)
            order = everyone[first:] + everyone[:first]
            for one in order if turn % 2 else order[::-1]:
                if turn % one.every == 0:
                    seconds[one] |= dict(enumerate(children[one].time(block), start))
            advance(len(block))
    return seconds


def cold_starts(known: Sequence[Contestant], text: str, rounds: int) -> dict[str, dict[int, float]]:
    """Return by contestant the seconds from the start of a process to its first label, round by round in turns."""
    seconds: dict[str, dict[int, float]] = {}
    starters = [one for one in known if one.starts_cold]
    with progress("cold starts", rounds * len(starters), "starts") as advance:
        for number in range(rounds + 1):  # the first round brings the files into the page cache and is not counted
            for one in starters if number % 2 else starters[::-1]:
                try:
                    took = seconds_to_first_label(python_of(one.environment), one.adapter, one.options, text)
                except ChildError as error:
                    note(f"cold start without {one.shown_as}: {error}")
                    continue
                if number:
                    seconds.setdefault(one.name, {})[number] = took
                advance(1)
    return seconds


def ours(results: Sequence[Result]) -> Result:
    """Return the result that the others are compared with."""
    return next(one for one in results if one.contestant.name == OURS)
