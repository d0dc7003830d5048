"""Which value stands for minus infinity in the attention mask: ``python -m benchmarks.mask_sweep MODEL --data meld``.

For each value: how far the FP32 features are from those with the library's -10,000, on utterances padded to 32 tokens,
and the mean cosine of a naive static INT8 to FP32. Writes ``results/mask_sweep.json``.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.mask_sentinel import with_sentinel
from benchmarks.record import Figure, record
from benchmarks.report_collapse import Treatment, cosine, export, features, inputs_of, quantize
from mobile_app.engine.command_line import run, say
from training.datasets.arguments import add_data_arguments, load_from

VALUES = (-10.0, -15.0, -20.0, -30.0, -50.0, -100.0, -10000.0)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mask_sweep", description=__doc__.splitlines()[0])
    parser.add_argument("model", metavar="MODEL")
    add_data_arguments(parser, default="meld")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    dataset = load_from(arguments)
    tokenizer, fp32 = export(arguments.model)
    train, test = (
        [inputs_of(tokenizer, one.text) for one in dataset.split(split)[:n]]
        for split, n in (("train", 50), ("dev", 100))
    )
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "exact.tflite")
        path.write_bytes(fp32)
        exact = features(path, test)
        for value in VALUES:
            bounded, static = Path(folder, "bounded.tflite"), Path(folder, "static.tflite")
            bounded.write_bytes(with_sentinel(fp32, value))
            moved = max(float(np.abs(a - b).max()) for a, b in zip(exact, features(bounded, test), strict=True))
            static.write_bytes(quantize(bounded, train, Treatment(sentinel=value)))
            close = float(np.mean([cosine(a, b) for a, b in zip(exact, features(static, test), strict=True)]))
            rows.append({"mask": value, "FP32 moved by at most": moved, "naive static INT8, cosine": round(close, 4)})
            say("  ".join(f"{key} {found:g}" for key, found in rows[-1].items()))
    still = max((row["mask"] for row in rows if not row["FP32 moved by at most"]), default=VALUES[-1])
    figures = {"smallest_mask_that_moves_nothing": Figure(still, n=len(test), note="FP32 features, dev split")}
    data = {"dataset": dataset.name, "split": "dev", "sha256": dataset.split_sha256("dev")}
    say(str(record("mask_sweep", figures, data=data, rows=rows, packages=("ai-edge-quantizer",))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
