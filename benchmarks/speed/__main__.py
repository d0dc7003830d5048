"""Speed, side by side: MELD test one by one, text in and labels out, ours and what one would use instead.

``python -m benchmarks.speed`` measures the pocket model and writes ``results/speed.json`` and the tables and picture of
docs/performance.md; ``--run NAME=RUN`` adds a training run, ``--shapes minilm-l6`` a shape with random weights. Peers
are installed once into environments of their own below ``build/``. ``--quick`` tries everything on few utterances and
leaves ``results/`` and ``docs/`` alone.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT, record
from benchmarks.speed.contestants import EXACT, OURS, Contestant, contestants
from benchmarks.speed.environments import HERE, MEDIAPIPE, PEERS, is_ready, set_up
from benchmarks.speed.figures import speed_figures
from benchmarks.speed.measuring import cold_starts, measure, ours
from benchmarks.speed.page import speed_tables, write_part
from benchmarks.speed.plot import draw_speed
from benchmarks.speed.preparation import FOLDER, LENGTHS, Prepared, prepare, weights_of
from benchmarks.speed.ratios import Spread, paired_ratios
from benchmarks.speed.runs import MOBILEBERT, POCKET, SHAPES
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import note, run, say
from training.datasets.arguments import add_data_arguments, load_from

QUICK_UTTERANCES, QUICK_ROUNDS = 40, 1


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.splitlines()[0])
    runs = "a training run as well, under the name of its folder or another one"
    parser.add_argument("--run", type=_named, action="append", default=[], metavar="[NAME=]RUN", help=runs)
    shapes = ", ".join([*SHAPES, MOBILEBERT])
    parser.add_argument("--shapes", default="", help=f"random weights, speed alone, with commas: {shapes}")
    lengths = "length buckets, 32 among them (default %(default)s)"
    parser.add_argument("--lengths", default=",".join(map(str, LENGTHS)), metavar="N,M", help=lengths)
    parser.add_argument("--only", default="", metavar="A,B", help="contestants whose names begin so, beside our own")
    parser.add_argument("--threads", default="1,2", metavar="N,M")
    parser.add_argument("--utterances", type=int, metavar="N", help="evenly spaced ones (default all)")
    parser.add_argument("--cold-rounds", type=int, default=5, metavar="N")
    parser.add_argument("--split", default="test")
    parser.add_argument("--quick", action="store_true", help="few utterances, to try it")
    parser.add_argument("--prepare", action="store_true", help="make environments and files, measure nothing")
    parser.add_argument("--again", action="store_true", help="make every file anew")
    add_data_arguments(parser, default="meld")
    return run(_main, parser, sys.argv[1:])


def _named(word: str) -> tuple[str, Path]:
    name, equals, path = word.rpartition("=")
    return (name if equals else Path(path).name), Path(path)


def _main(arguments: argparse.Namespace) -> int:
    only = tuple(name for name in arguments.only.split(",") if name)
    for environment in (PEERS, MEDIAPIPE):
        if not only or any(name.startswith(_PREFIXES[environment]) for name in only):
            set_up(environment)
    wanted: list[tuple[str, Path | None]] = [(POCKET, None), *arguments.run]
    wanted += [(name, None) for name in arguments.shapes.split(",") if name]
    lengths = tuple(int(length) for length in arguments.lengths.split(","))
    models = [
        prepare(name, path, peers=is_ready(PEERS), again=arguments.again, lengths=lengths) for name, path in wanted
    ]
    if arguments.prepare:
        return 0
    dataset = load_from(arguments)
    texts = [utterance.text for utterance in dataset.split(arguments.split)]
    n = min(QUICK_UTTERANCES if arguments.quick else arguments.utterances or len(texts), len(texts))
    texts = [texts[place * len(texts) // n] for place in range(n)]
    counts = [int(count) for count in arguments.threads.split(",")]
    rows: list[dict[str, Any]] = []
    for prepared in models:
        rows += _warm_rows(prepared, texts, counts, only)
    rows += _cold_rows(models[0], texts[0], QUICK_ROUNDS if arguments.quick else arguments.cold_rounds, only)
    data = {
        "dataset": dataset.name,
        "split": arguments.split,
        "sha256": dataset.split_sha256(arguments.split),
        "utterances": len(texts),
        "lengths": list(lengths),
        "weights": {prepared.name: weights_of(prepared.run) for prepared in models},
    }
    headline = [POCKET, *(name for name, _ in arguments.run)]
    figures = speed_figures(rows, headline)
    for name, figure in figures.items():
        say(f"{name:<44}{figure.value:>10.3f}   {figure.note}")
    folder = FOLDER / "quick" if arguments.quick or only else ROOT / "results"
    path = record("speed", figures, data=data, rows=rows, folder=folder)
    say(str(path))
    _write_page(json.loads(path.read_text(encoding="utf-8")), folder, quick=folder.name == "quick")
    return 0


_PREFIXES = {PEERS: ("onnx", "pytorch"), MEDIAPIPE: ("mediapipe",)}


def _chosen(prepared: Prepared, threads: int, only: Sequence[str]) -> list[Contestant]:
    found = [one for one in contestants(prepared, threads) if is_ready(one.environment) or one.environment == HERE]
    return [one for one in found if not only or one.name in (EXACT, OURS) or one.name.startswith(tuple(only))]


def _warm_rows(
    prepared: Prepared, texts: Sequence[str], counts: Sequence[int], only: Sequence[str]
) -> list[dict[str, Any]]:
    tokenizer = Bundle.open(prepared.bundle).tokenizer()
    tokens = [len(tokenizer.encode(text)) for text in texts]
    rows: list[dict[str, Any]] = []
    for threads in counts:
        note(f"{prepared.name}, {threads} thread{'s' if threads > 1 else ''}")
        known = _chosen(prepared, threads, only)
        step = 1 if threads == counts[0] else 2  # every second utterance is enough to see what threads gain
        results = measure(known, texts[::step], tokens[::step])
        base = ours(results)
        for result in results:
            rows.append({"kind": "warm", **result.row(prepared.name, threads, base)})
            say(_line(rows[-1]))
        ran = {result.contestant.name for result in results}
        rows += [
            {"kind": "failed", "contestant": one.name, "shown_as": one.shown_as, "note": f"{threads} threads"}
            for one in known
            if one.name not in ran
        ]
    return rows


def _cold_rows(prepared: Prepared, text: str, rounds: int, only: Sequence[str]) -> list[dict[str, Any]]:
    known = {one.name: one for one in _chosen(prepared, 1, only)}
    seconds = cold_starts(list(known.values()), text, rounds)
    rows = []
    for name, values in seconds.items():
        took, ratio = Spread.of(values.values()), paired_ratios(values, seconds[OURS])
        rows.append(
            {
                "kind": "cold",
                "model": prepared.name,
                "contestant": name,
                "shown_as": known[name].shown_as,
                "s": round(took.median, 4),
                "s_quartiles": [round(took.lower, 4), round(took.upper, 4)],
                "times_ours": round(ratio.median, 3),
                "n": took.n,
            }
        )
        say(f"{known[name].shown_as:<42} first label after {took.median:.3f} s")
    return rows


def _line(row: Mapping[str, Any]) -> str:
    low, high = row["times_ours_quartiles"]
    return (
        f"{row['shown_as']:<42}{row['ms']:>9.3f} ms   {row['times_ours']:>7.2f} times ours ({low:.2f} to {high:.2f})"
        f"   {row['peak_rss_mb']:>6.0f} MB   differs by {row['max_difference']:g}"
    )


def _write_page(values: Mapping[str, Any], folder: Path, *, quick: bool) -> None:
    if quick:
        draw_speed(values["rows"], folder / "speed.svg", threads=values["rows"][0]["threads"])
        (folder / "speed.md").write_text(speed_tables(values) + "\n", encoding="utf-8")
        return
    picture = ROOT / "docs" / "images" / "speed.svg"
    draw_speed(values["rows"], picture, threads=values["rows"][0]["threads"])
    words = f"![Milliseconds an utterance, by way to run the model](images/{picture.name})"
    write_part("speed", f"{words}\n\n{speed_tables(values)}")


if __name__ == "__main__":
    sys.exit(main())
