"""The FP32 file beside the Keras model: ``python -m benchmarks.exactness RUN BUNDLE --data meld``.

Keras runs each utterance once, padded to its bucket; the file runs it in every bucket that holds it. So the largest
difference bounds both the conversion and the choice of the bucket, over all outputs. Writes ``results/exactness.json``.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.record import Figure, record
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.golden import GoldenVectors
from mobile_app.engine.wordpiece import truncate
from training.datasets.arguments import add_data_arguments, load_from


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exactness", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="built from the run")
    parser.add_argument("--utterances", type=int, default=1000, metavar="N", help="of the test split (default 1000)")
    add_data_arguments(parser, default="meld")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    from converter.proof import answers_of_file, answers_of_keras, difference
    from converter.trace import PhoneModel
    from training.checkpoint import load_run

    bundle, dataset, trained = Bundle.open(arguments.bundle), load_from(arguments), load_run(arguments.run)
    tokenizer, lengths = bundle.tokenizer(), bundle.manifest.lengths
    texts = [one.text for one in dataset.split("test")[: arguments.utterances]]
    batch = [truncate(tokenizer.encode(text), lengths[-1], tokenizer.sep_id) for text in texts]
    keras = answers_of_keras(PhoneModel(trained.model, trained.tasks), batch, lengths, tokenizer.pad_id)
    path = bundle.path / bundle.recipe_entry("fp32").file
    rows = []
    for length in lengths:
        fitting = [row for row, ids in enumerate(batch) if len(ids) <= length]
        expected = GoldenVectors(
            keras.features[fitting], {task: values[fitting] for task, values in keras.probabilities.items()}
        )
        found = answers_of_file(path, [batch[row] for row in fitting], (length,), tokenizer.pad_id)
        measured = difference(expected, found)
        rows.append({"bucket": length, "utterances": measured.n, "max difference": measured.max_difference})
        say("  ".join(f"{key} {value:g}" for key, value in rows[-1].items()))
    said = (
        "largest difference of any feature or probability, Keras at the utterance's bucket, FP32 file in every bucket"
    )
    worst = max(row["max difference"] for row in rows)
    figures = {"fp32_vs_keras_max_difference": Figure(worst, n=len(texts), note=said)}
    data = {"dataset": dataset.name, "split": "test", "sha256": dataset.split_sha256("test")}
    data |= {"bundle": bundle.manifest.name, "model_sha256": bundle.model_hash("fp32")}
    say(str(record("exactness", figures, data=data, rows=rows, packages=("tensorflow",))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
