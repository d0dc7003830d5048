"""A single-task file that TFLite Task Library (BertNLClassifier) and MediaPipe (TextClassifier) open and run."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter import flatbuffer
from converter.convert import convert
from converter.golden import GOLDEN_TEXTS
from converter.metadata import AUTHOR
from converter.metadata_file import add_metadata
from converter.metadata_schema import (
    AXIS_LABELS,
    VOCABULARY,
    AssociatedFile,
    ModelDescription,
    SubgraphDescription,
    TensorDescription,
)
from converter.trace import PhoneModel
from converter.weight_only import NAME as WEIGHT_ONLY
from converter.weight_only import to_weight_only
from converter.weights import to_float16
from mobile_app.engine.batch import pad
from mobile_app.engine.errors import CheckFailedError, UndertoneError
from mobile_app.engine.files import new_folder
from mobile_app.engine.interpreter import open_interpreter
from mobile_app.engine.recipe import recipe_named
from mobile_app.engine.task import SIGMOID, Task
from mobile_app.engine.wordpiece import WordPiece, truncate
from training.checkpoint import Run
from training.tensorflow import tf

# Both readers bind inputs by these names of the metadata, and the older one crashes if the output has another one.
IDS, SEGMENTS, MASK, PROBABILITY = "ids", "segment_ids", "mask", "probability"
SIGNATURE = "serving_default"
# Each recipe with the most that a probability may differ from Keras; from the float32 file to the recipe's.
RECIPES: Mapping[str, tuple[float, Callable[[bytes], bytes]]] = {
    "fp32": (1e-4, bytes),
    "fp16": (2e-2, to_float16),
    WEIGHT_ONLY: (0.2, to_weight_only),
}
_INPUTS = {
    IDS: "Token ids between [CLS] and [SEP], padded with 0.",
    SEGMENTS: "Segment ids: not used.",
    MASK: "1 for a token, 0 for padding.",
}


def write_task_library(
    run: Run, task_name: str, out: Path, *, length: int, version: str, licence: str, attribution: str, overwrite: bool
) -> list[Path]:
    """Write one file per recipe: ``<task>.<recipe>.tflite``.

    :param out: the folder; appears only when every file is proved.
    :param length: tokens that an utterance is padded or cut to; these readers know no buckets.
    :raises UndertoneError: if the run has no such task, or a tokenizer that these readers do not have.
    :raises CheckFailedError: if a file is further from Keras than its recipe may be; nothing is written then.
    """
    task = _task(run, task_name)
    _require_readable(run, task)
    with new_folder(out, overwrite=overwrite) as folder:
        exact = _convert(run, task, length)
        vocabulary = ("\n".join(run.tokenizer.pieces) + "\n").encode()
        for name, (tolerance, rounded) in RECIPES.items():
            description = _description(run, task, exact, version=version, licence=licence, attribution=attribution)
            files = {"labels.txt": ("\n".join(task.labels) + "\n").encode(), "vocab.txt": vocabulary}
            path = folder / f"{task.name}.{name}.tflite"
            path.write_bytes(add_metadata(rounded(exact), description, files))
            _require_close(run, task, path, length, tolerance)
    return sorted(out.iterdir())


def _task(run: Run, name: str) -> Task:
    for task in run.tasks:
        if task.name == name:
            return task
    raise UndertoneError(
        f"a task of this run ({', '.join(task.name for task in run.tasks)})", repr(name), "correct --task-library"
    )


def _require_readable(run: Run, task: Task) -> None:
    """Refuse what these readers would open and then answer wrongly."""
    tokenizer = run.tokenizer
    if not isinstance(tokenizer, WordPiece) or not run.tokenizer_spec.lowercase or tokenizer.pad_id != 0:
        raise UndertoneError(
            "an uncased WordPiece tokenizer with [PAD] as id 0, the only one that these readers have",
            f"one of type {run.tokenizer_spec.type}, "
            f"{'uncased' if run.tokenizer_spec.lowercase else 'cased'}, padding with id {tokenizer.pad_id}",
            "leave out --task-library, or choose another backbone",
        )
    broken = [label for label in task.labels if not label or label != label.strip() or len(label.splitlines()) != 1]
    if broken:
        raise UndertoneError(
            f"labels of {task.name} that fit a line each", repr(broken[0]), "rename the label and train again"
        )


def _convert(run: Run, task: Task, length: int) -> bytes:
    """Convert the model as these readers call it: three inputs, one output."""
    model = PhoneModel(run.model, run.tasks)

    def classify(ids: Any, segment_ids: Any, mask: Any) -> dict[str, Any]:
        return {PROBABILITY: model.encode(ids, mask)[task.name]}

    specs = [tf.TensorSpec([1, length], tf.int32, name=name) for name in (IDS, SEGMENTS, MASK)]
    holder = tf.Module()
    holder.variables_of_graph = [*run.model.variables]
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        signature = tf.function(classify).get_concrete_function(*specs)
        tf.saved_model.save(holder, scratch, signatures={SIGNATURE: signature})
        return convert(Path(scratch), [SIGNATURE], recipe_named("fp32"))


def _description(
    run: Run, task: Task, content: bytes, *, version: str, licence: str, attribution: str
) -> ModelDescription:
    vocabulary = AssociatedFile("vocab.txt", "Word pieces, one a line.", VOCABULARY)
    labels = AssociatedFile("labels.txt", f"Labels of the task {task.name}, one a line.", AXIS_LABELS)
    text = "sigmoid, each label on its own" if task.activation == SIGMOID else "softmax"
    output = TensorDescription(PROBABILITY, f"Probability of each label ({text}).", (labels,))
    return ModelDescription(
        name=f"{run.path.name}, {task.name}",
        description=f"Text classifier for the task {task.name}. {attribution}".strip(),
        version=version,
        author=AUTHOR,
        licence=licence,
        subgraphs=(
            SubgraphDescription(
                SIGNATURE,
                "Text to probabilities.",
                inputs=tuple(TensorDescription(name, _INPUTS[name]) for name in _input_order(content)),
                outputs=(output,),
                vocabulary=vocabulary,
            ),
        ),
    )


def _input_order(content: bytes) -> list[str]:
    """Return the names of the inputs in the order of the subgraph, which the converter chooses."""
    tree = flatbuffer.read(content)
    names = {int(entry.tensorIndex): bytes(entry.name).decode() for entry in tree.signatureDefs[0].inputs}
    return [names[int(index)] for index in tree.subgraphs[0].inputs]


def probabilities(path: Path, batch: Sequence[Sequence[int]], length: int) -> NDArray[np.float32]:
    """Run a single-task file over token ids ``[n, <= length]`` with LiteRT and return ``[n, n_labels]``."""
    interpreter = open_interpreter(path)
    rows = []
    try:
        for ids in batch:
            input_ids, mask = pad([ids], length, 0)
            inputs = {IDS: input_ids, SEGMENTS: np.zeros_like(input_ids), MASK: mask}
            rows.append(interpreter.run(SIGNATURE, inputs)[PROBABILITY])
    finally:
        interpreter.close()
    return np.concatenate(rows)


def _require_close(run: Run, task: Task, path: Path, length: int, tolerance: float) -> None:
    tokenizer = run.tokenizer
    batch = [truncate(tokenizer.encode(text), length, tokenizer.sep_id) for text in GOLDEN_TEXTS]
    model = PhoneModel(run.model, run.tasks)
    input_ids, mask = pad(batch, length, tokenizer.pad_id)
    expected = model.encode(tf.constant(input_ids), tf.constant(mask))[task.name].numpy()
    largest = float(np.abs(expected - probabilities(path, batch, length)).max())
    if not largest <= tolerance:
        raise CheckFailedError(
            f"{path.name} within {tolerance:g} of Keras",
            f"{largest:.3g}",
            "nothing was written; leave out --task-library or report this",
        )
