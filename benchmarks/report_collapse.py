"""The collapse detective on a naive static INT8 of a BERT: what it names, and whether fixing that alone recovers.

``python -m benchmarks.report_collapse MODEL --data meld --split test``: MODEL is a folder or a hub name that
``TFBertModel.from_pretrained`` opens. The model is converted to FP32 with the mask sentinel of its library (-10,000)
and quantized to full INT8 with min-max ranges. As long as the features are off, the detective names a cause, that cause
alone is removed, and the model is quantized again.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.mask_sentinel import with_sentinel
from benchmarks.record import Figure, record
from mobile_app.engine.batch import pad, signature_name
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.wordpiece import WordPiece, truncate
from quantization.detective import MASK, Culprit, describe, find_culprit
from quantization.formats import tail
from quantization.layers import view_layers
from quantization.tensor_trace import TensorTrace
from training.datasets.arguments import add_data_arguments, load_from

LENGTH = 32
BOUNDED = -20.0
RECOVERED = 0.99
MOST_ROUNDS = 6

Inputs = Mapping[str, NDArray[Any]]


@dataclass
class Treatment:
    """What has been changed so far.

    :param sentinel: the mask's; None: as the library has it.
    :param in_float: kinds of operators that are kept in float.
    """

    sentinel: float | None = None
    in_float: list[tuple[str, str]] = field(default_factory=list)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report_collapse", description=__doc__.splitlines()[0])
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--split", default="test")
    parser.add_argument("--calibrate", type=int, default=50, help="utterances of the train split (default 50)")
    parser.add_argument("--judge", type=int, default=100, help="utterances that cosines are measured on (default 100)")
    add_data_arguments(parser, default="meld")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    dataset = load_from(arguments)
    tokenizer, fp32 = export(arguments.model)
    train, test = (
        [inputs_of(tokenizer, one.text) for one in dataset.split(split)[:limit]]
        for split, limit in (("train", arguments.calibrate), (arguments.split, arguments.judge))
    )
    rows = []
    treatment = Treatment()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(MOST_ROUNDS):
            cosine, culprit = _round(Path(folder), fp32, treatment, train, test)
            rows.append(_row(number, treatment, cosine, culprit))
            note(f"{number}: cosine {cosine:.4f}; {describe(culprit, 'it') if culprit else 'no culprit'}")
            if culprit is None or cosine >= RECOVERED:
                break
            _treat(treatment, culprit)
    for row in rows:
        say(f"{row['cosine']:.4f}  {row['changed']:<60}{row['cause']}")
    figures = {
        "naive_static_cosine": Figure(rows[0]["cosine"], n=len(test), note="mean over utterances, to FP32 features"),
        "named_cause_fixed_cosine": Figure(rows[1]["cosine"], n=len(test), note="the first named cause alone removed")
        if len(rows) > 1
        else Figure(rows[0]["cosine"], n=len(test), note="nothing to fix"),
        "last_cosine": Figure(rows[-1]["cosine"], n=len(test), note=f"after {len(rows) - 1} fixes"),
    }
    data = {"dataset": dataset.name, "split": arguments.split, "sha256": dataset.split_sha256(arguments.split)}
    data["calibrated_on"] = f"{len(train)} utterances of train, {LENGTH} tokens"
    say(str(record("report_collapse", figures, data=data, rows=rows, packages=("ai-edge-quantizer",))))
    return 0


def export(name: str) -> tuple[WordPiece, bytes]:
    """Return tokenizer and FP32 file of a pretrained BERT whose features are the mean over its tokens."""
    from converter.trace import save_traced
    from training.tensorflow import tf, transformers

    bert = transformers.TFBertModel.from_pretrained(name)
    vocabulary = transformers.AutoTokenizer.from_pretrained(name).get_vocab()

    class Pooled(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
            hidden = self.bert(dict(inputs), training=training).last_hidden_state
            mask = tf.cast(inputs["attention_mask"], tf.float32)[:, :, None]
            return {"features": tf.reduce_sum(hidden * mask, 1) / tf.reduce_sum(mask, 1)}

    with tempfile.TemporaryDirectory() as folder:
        keys = save_traced(Pooled(), (), (LENGTH,), Path(folder))
        content = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=keys).convert()
    return WordPiece(sorted(vocabulary, key=vocabulary.__getitem__), lowercase=True), content


def quantize(path: Path, calibration: Sequence[Inputs], treatment: Treatment) -> bytes:
    """Return the full-integer file of an FP32 file: min-max ranges, everything quantized but what is kept in float."""
    from ai_edge_quantizer import quantizer, recipe

    # It reports to both streams as it goes.
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        maker = quantizer.Quantizer(str(path))
        maker.load_quantization_recipe(recipe.static_wi8_ai8())
        for kind, scope in treatment.in_float:
            maker.update_quantization_recipe(regex=scope, operation_name=kind, algorithm_key="no_quantize")
        ranges = maker.calibrate({signature_name(LENGTH): list(calibration)})
        return bytes(maker.quantize(ranges).quantized_model)


def _round(
    folder: Path, fp32: bytes, treatment: Treatment, train: Sequence[Inputs], test: Sequence[Inputs]
) -> tuple[float, Culprit | None]:
    """Quantize with what has been changed so far; return the mean cosine of the features and the culprit."""
    paths = folder / "fp32.tflite", folder / "static.tflite"
    paths[0].write_bytes(fp32 if treatment.sentinel is None else with_sentinel(fp32, treatment.sentinel))
    paths[1].write_bytes(quantize(paths[0], train, treatment))
    key = signature_name(LENGTH)
    with closing(TensorTrace(paths[0], key)) as expected, closing(TensorTrace(paths[1], key)) as found:
        culprit = find_culprit(view_layers(expected, found, test[:8]))
    return float(
        np.mean([cosine(*pair) for pair in zip(*(features(path, test) for path in paths), strict=True)])
    ), culprit


def features(path: Path, inputs: Sequence[Inputs]) -> list[NDArray[np.float32]]:
    from mobile_app.engine.interpreter import open_interpreter

    with closing(open_interpreter(path)) as model:
        return [model.run(signature_name(LENGTH), one)["features"][0] for one in inputs]


def _treat(treatment: Treatment, culprit: Culprit) -> None:
    if culprit.cause == MASK:
        treatment.sentinel = BOUNDED
        return
    # The same operator of every layer: what breaks in one layer breaks in the next.
    *_, place, last = ["", *culprit.at.name.rpartition(";")[2].split("/")]
    treatment.in_float.append((culprit.at.operator, f".*{place}/.*" if place else f".*{last}.*"))


def _row(number: int, treatment: Treatment, cosine: float, culprit: Culprit | None) -> dict[str, Any]:
    kept = [f"{kind} in {scope}" for kind, scope in treatment.in_float]
    changed = ([f"mask {treatment.sentinel:g}"] if treatment.sentinel is not None else []) + kept
    return {
        "round": number,
        "changed": ", ".join(changed) or "nothing (naive)",
        "cosine": cosine,
        "cause": culprit.cause if culprit else "none",
        "at": f"{culprit.at.layer} {culprit.at.operator} {tail(culprit.at.name)}" if culprit else "",
        "because": culprit.because if culprit else "",
    }


def inputs_of(tokenizer: WordPiece, text: str) -> Inputs:
    ids = truncate(tokenizer.encode(text), LENGTH, tokenizer.sep_id)
    input_ids, attention_mask = pad([ids], LENGTH, tokenizer.pad_id)
    return {"input_ids": input_ids, "attention_mask": attention_mask}


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    norms = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / norms if norms else 0.0


if __name__ == "__main__":
    sys.exit(main())
