"""Length buckets beside padding everything to 32 tokens: same recipe, same process, same utterances.

``python -m benchmarks.buckets BUNDLE --data meld --split test``
"""

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.record import Figure, record
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.encoder import Encoder
from quantization.progress import progress
from training.datasets import Dataset
from training.datasets.arguments import add_data_arguments, load_from

FIXED = (32,)
BLOCK = 20
ROUNDS = 3
WARM_UP = 40


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.buckets", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", metavar="BUNDLE", type=Path)
    parser.add_argument("--recipe", help="recipe to run (default the bundle's)")
    parser.add_argument("--split", default="test")
    add_data_arguments(parser, default="meld")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    bundle = Bundle.open(arguments.bundle)
    dataset = load_from(arguments, known=bundle.manifest.tasks)
    texts = [utterance.text for utterance in dataset.split(arguments.split)]
    with (
        closing(Encoder(bundle, arguments.recipe)) as bucketed,
        closing(Encoder(bundle, arguments.recipe, lengths=FIXED)) as fixed,
    ):
        lengths = Counter(bucketed.encode(text).length_bucket for text in texts)
        rounds = _rounds(bucketed, fixed, texts)
    _record(bundle, bucketed.recipe, dataset, arguments.split, lengths, rounds)
    return 0


def _rounds(bucketed: Encoder, fixed: Encoder, texts: Sequence[str]) -> list[tuple[list[float], list[float]]]:
    """Time both encoders on every text, block by block in turns; return seconds per text for each round."""
    for text in texts[:WARM_UP]:
        bucketed.encode(text)
        fixed.encode(text)
    rounds = []
    with progress("rounds", ROUNDS * len(texts), "utterances") as advance:
        for number in range(ROUNDS):
            seconds: tuple[list[float], list[float]] = ([], [])
            for turn, start in enumerate(range(0, len(texts), BLOCK)):
                block = texts[start : start + BLOCK]
                pair = ((bucketed, seconds[0]), (fixed, seconds[1]))
                for encoder, kept in pair if (turn + number) % 2 else pair[::-1]:
                    kept += _time(encoder, block)
                advance(len(block))
            rounds.append(seconds)
    return rounds


def _time(encoder: Encoder, texts: Sequence[str]) -> list[float]:
    encoder.encode(texts[0])  # brings the weights back into the caches after the other one ran
    seconds = []
    for text in texts:
        start = time.perf_counter()
        encoder.encode(text)
        seconds.append(time.perf_counter() - start)
    return seconds


def _record(
    bundle: Bundle,
    recipe: str,
    dataset: Dataset,
    split: str,
    lengths: Counter[int],
    rounds: Sequence[tuple[list[float], list[float]]],
) -> None:
    n = lengths.total()
    # The fastest of the rounds for each text: what the machine did beside it is not the encoder's.
    best = [[min(values) for values in zip(*(one[side] for one in rounds), strict=True)] for side in (0, 1)]
    total = sum(best[1]) / sum(best[0])
    paired = statistics.median(fixed / bucketed for bucketed, fixed in zip(*best, strict=True))
    spread = statistics.stdev(sum(fixed) / sum(bucketed) for bucketed, fixed in rounds)
    figures = {
        f"bucket_speedup_{dataset.name}": Figure(
            paired,
            sd=spread,
            n=n,
            note="median of paired ratios over utterances; sd: ratio of totals over rounds",
        ),
        f"bucket_speedup_{dataset.name}_total": Figure(total, n=n, note="ratio of the total times"),
        "fixed_32_ms": Figure(1e3 * statistics.fmean(best[1]), n=n, note="mean, tokenization included"),
        "bucketed_ms": Figure(1e3 * statistics.fmean(best[0]), n=n, note="mean, tokenization included"),
    }
    for name, figure in figures.items():
        say(f"{name:<34}{figure.value:>10.3f}")
    data = {
        "dataset": dataset.name,
        "split": split,
        "sha256": dataset.split_sha256(split),
        "bundle": bundle.manifest.name,
        "recipe": recipe,
        "model_sha256": bundle.model_hash(recipe),
        "utterances_per_bucket": {str(length): lengths[length] for length in sorted(lengths)},
    }
    say(str(record("buckets", figures, data=data)))


if __name__ == "__main__":
    sys.exit(main())
