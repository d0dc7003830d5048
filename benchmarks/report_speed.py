"""How long a report takes, how that grows with the utterances, and how ai-edge-quantizer's ``validate`` compares.

``python -m benchmarks.report_speed BUNDLE --data meld [--name minilm_meld] [--workers 2]``
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Figure, record
from mobile_app.engine.batch import bucket, pad, signature_name
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.wordpiece import truncate
from quantization.engines import Engine, in_process, in_processes
from quantization.evaluation import evaluate
from quantization.report import REFERENCE
from quantization.work import Work, forget
from training.datasets import Dataset
from training.datasets.arguments import add_data_arguments, load_from

SIZES = (1000, 2610, 10000)
NO_KERNEL = "static_wi8_ai16"  # reference kernels on processors: it would be nearly all of the curve
ROUNDS = 3


@dataclass(frozen=True)
class Cost:
    """One run of the command.

    :param peak_mb: highest resident memory of the parent process, in 10^6 bytes.
    """

    utterances: int
    seconds: float
    peak_mb: float


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report_speed", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", metavar="BUNDLE", type=Path)
    parser.add_argument("--split", default="test")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--name", default="minilm_meld", help="ends the figures' names (default minilm_meld)")
    parser.add_argument("--recipe", default="dynamic_wi8_afp32", help="beside fp32 in the comparison with validate")
    parser.add_argument("--validate", type=int, default=1000, help="utterances for validate (default 1000; 0: none)")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES), help="utterances of the cost curve")
    add_data_arguments(parser, default="meld")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    bundle, dataset = Bundle.open(arguments.bundle), load_from(arguments)
    figures: dict[str, Figure] = {}
    n = len(dataset.split(arguments.split))
    report = _run_command(arguments, arguments.split, n, [])
    recipes = len(bundle.manifest.recipes)
    figures[f"report_minutes_{arguments.name}"] = Figure(
        report.seconds / 60, n=n, note=f"whole command, {recipes} recipes, {arguments.workers} workers"
    )
    figures["report_peak_mb"] = Figure(report.peak_mb, n=n, note="highest memory of the parent process")
    quick = [recipe for recipe in bundle.manifest.recipes if recipe != NO_KERNEL]
    if len(quick) < recipes:
        cost = _run_command(arguments, arguments.split, n, ["--recipes", ",".join(quick)])
        figures[f"report_minutes_{arguments.name}_without_int8x16"] = Figure(
            cost.seconds / 60, n=n, note=f"whole command, {len(quick)} recipes, {arguments.workers} workers"
        )
    rows = []
    for size in arguments.sizes:
        # The comparison alone grows with the data: the study, the timings and the trace have fixed sizes.
        cost = _run_command(arguments, "all", size, ["--study", "0", "--recipes", ",".join(quick)])
        rows.append({"utterances": cost.utterances, "seconds": cost.seconds, "peak_mb": cost.peak_mb})
    figures |= _slope(rows)
    if arguments.validate:
        figures |= _beside_validate(bundle, dataset, arguments)
    for name, figure in figures.items():
        say(f"{name:<36}{figure.value:>12.4g}  {figure.note or ''}")
    data = {
        "dataset": dataset.name,
        "split": arguments.split,
        "sha256": dataset.split_sha256(arguments.split),
        "bundle": bundle.manifest.name,
        "recipes": list(bundle.manifest.recipes),
    }
    experiment = f"report_speed_{arguments.name}"
    say(str(record(experiment, figures, data=data, rows=rows, packages=("ai-edge-quantizer",))))
    return 0


def _run_command(arguments: argparse.Namespace, split: str, limit: int, more: Sequence[str]) -> Cost:
    """Run ``compare`` in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "quantization", "compare", str(arguments.bundle), "--data", arguments.data]
        command += ["--split", split, "--limit", str(limit), "--workers", str(arguments.workers)]
        command += ["--out", f"{folder}/report", *more]
        if arguments.data_dir:
            command += ["--data-dir", str(arguments.data_dir)]
        if arguments.tasks:
            command += ["--tasks", ",".join(arguments.tasks)]
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
    if status:
        raise UndertoneError("compare to succeed", f"status {status}", "see its message above")
    note(f"{limit:,} utterances of {split}: {seconds:.1f} s, {usage.ru_maxrss * 1024 / 1e6:.0f} MB")
    return Cost(limit, seconds, usage.ru_maxrss * 1024 / 1e6)


def _slope(rows: Sequence[dict[str, Any]]) -> dict[str, Figure]:
    """Return seconds per thousand utterances, how far the points lie off a straight line, and the growth of memory."""
    if len(rows) < 2:
        return {}
    n, seconds = (np.asarray([row[name] for row in rows], dtype=np.float64) for name in ("utterances", "seconds"))
    slope, start = np.polyfit(n, seconds, 1)
    off = float(np.abs(seconds - (start + slope * n)).max() / seconds.max())
    grown = rows[-1]["peak_mb"] - rows[0]["peak_mb"]
    return {
        "report_s_per_1000": Figure(1000 * float(slope), n=len(rows), note="slope of a straight line"),
        "report_fixed_s": Figure(float(start), n=len(rows), note="where that line begins"),
        "report_off_linear": Figure(off, n=len(rows), note="largest distance from the line, of the longest time"),
        "report_memory_growth_mb": Figure(grown, n=len(rows), note=f"from {n[0]:,.0f} to {n[-1]:,.0f} utterances"),
    }


def _beside_validate(bundle: Bundle, dataset: Dataset, arguments: argparse.Namespace) -> dict[str, Figure]:
    """Compare utterances per second with ``validate`` on the same two models and utterances, taking turns.

    Both run each utterance in its length bucket, with one thread; ``validate`` compares the outputs alone, which is
    its faster way. It knows one process; a report is made by as many as the machine has cores, and is measured so, with
    the start of these processes, and in one.
    """
    from ai_edge_quantizer import model_validator

    texts = [one.text for one in dataset.split(arguments.split)[: arguments.validate]]
    recipes = (REFERENCE, arguments.recipe)
    one, other = ((bundle.path / bundle.recipe_entry(name).file).read_bytes() for name in recipes)
    work = Work(str(bundle.path.resolve()), recipes, REFERENCE)
    inputs = _inputs(bundle, texts)
    engines: dict[str, Engine] = {"": partial(in_processes, workers=arguments.workers), "_one_process": in_process}
    mine: dict[str, list[float]] = {name: [] for name in engines}
    theirs = []
    for _ in range(ROUNDS):
        theirs.append(
            _per_second(
                len(texts),
                lambda: model_validator.compare_model(
                    one, other, inputs, num_threads=1, validate_output_tensors_only=True
                ),
            )
        )
        for name, engine in engines.items():
            forget()  # opening the models is counted, as it is for validate
            mine[name].append(
                _per_second(
                    len(texts),
                    lambda engine=engine: evaluate(work, bundle, texts, engine=engine, advance=lambda _: None),  # type: ignore[misc]
                )
            )
    figures = {"aeq_validate_utterances_per_s": Figure(statistics.median(theirs), n=len(texts), note="token ids given")}
    for name, found in mine.items():
        ratios = [ours / its for ours, its in zip(found, theirs, strict=True)]
        processes = "one process" if name else f"{arguments.workers} processes"
        said = f"{processes}; fp32 and {arguments.recipe}, median of {ROUNDS} rounds in turns"
        figures |= {
            f"report_vs_aeq_validate{name}": Figure(
                statistics.median(ratios), sd=statistics.stdev(ratios), n=len(texts), note=said
            ),
            f"report_utterances_per_s{name}": Figure(
                statistics.median(found), n=len(texts), note=f"{processes}, tokenization included"
            ),
        }
    return figures


def _inputs(bundle: Bundle, texts: Sequence[str]) -> dict[str, list[dict[str, NDArray[np.int32]]]]:
    """Return per signature the inputs of the utterances that need it."""
    tokenizer, lengths = bundle.tokenizer(), bundle.manifest.lengths
    found: dict[str, list[dict[str, NDArray[np.int32]]]] = {}
    for text in texts:
        ids = tokenizer.encode(text)
        length = bucket(len(ids), lengths)
        input_ids, attention_mask = pad([truncate(ids, length, tokenizer.sep_id)], length, tokenizer.pad_id)
        sample = {"input_ids": input_ids, "attention_mask": attention_mask}
        found.setdefault(signature_name(length), []).append(sample)
    return found


def _per_second(n: int, work: Any) -> float:
    start = time.perf_counter()
    work()
    return n / (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
