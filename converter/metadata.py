"""What every .tflite file of a bundle says about itself: its tensors, its labels, its vocabulary, its licence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from converter import flatbuffer
from converter.metadata_file import add_metadata
from converter.metadata_schema import (
    AXIS_LABELS,
    VOCABULARY,
    AssociatedFile,
    ModelDescription,
    SubgraphDescription,
    TensorDescription,
)
from mobile_app.engine.bundle import label_file
from mobile_app.engine.task import SIGMOID, Task

AUTHOR = "Undertone"
_INPUTS = {
    "input_ids": "Token ids of one utterance, padded: int32 [1, L].",
    "attention_mask": "1 for a token, 0 for padding: int32 [1, L].",
}


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model beside its graph.

    :param vocabulary: file name and content of the tokenizer's vocabulary.
    """

    name: str
    version: str
    licence: str
    attribution: str
    tasks: Sequence[Task]
    vocabulary: tuple[str, bytes]


def with_metadata(content: bytes, card: ModelCard) -> bytes:
    """Return a .tflite file of a bundle with its metadata, label files and vocabulary.

    :param content: a file with one signature per length bucket.
    """
    labels = {
        task.name: AssociatedFile(label_file(task.name), f"Labels of the task {task.name}, one a line.", AXIS_LABELS)
        for task in card.tasks
    }
    vocabulary = AssociatedFile(card.vocabulary[0], "Pieces of the tokenizer.", VOCABULARY)
    outputs = {"features": TensorDescription("features", "Features of the utterance: float32 [1, d].")}
    for task in card.tasks:
        text = "sigmoid, each label on its own" if task.activation == SIGMOID else "softmax"
        outputs[task.name] = TensorDescription(
            task.name, f"Probability of each label of the task {task.name} ({text}).", (labels[task.name],)
        )
    inputs = {name: TensorDescription(name, text) for name, text in _INPUTS.items()}
    tree = flatbuffer.read(content)
    description = ModelDescription(
        name=card.name,
        description=f"Text classifier with the tasks {', '.join(labels)}. {card.attribution}".strip(),
        version=card.version,
        author=AUTHOR,
        licence=card.licence,
        subgraphs=tuple(_subgraph(tree, index, inputs, outputs) for index in range(len(tree.subgraphs))),
        files=(vocabulary,),
    )
    files = {label_file(task.name): ("\n".join(task.labels) + "\n").encode() for task in card.tasks}
    return add_metadata(content, description, files | dict([card.vocabulary]))


def _subgraph(
    tree: Any, index: int, inputs: Mapping[str, TensorDescription], outputs: Mapping[str, TensorDescription]
) -> SubgraphDescription:
    """Describe a subgraph; metadata are in the order of its tensors, whose names only its signature knows."""
    subgraph = tree.subgraphs[index]
    for signature in tree.signatureDefs or []:
        if signature.subgraphIndex == index:
            return SubgraphDescription(
                name=bytes(signature.signatureKey).decode(),
                description="One length bucket; all share the weights.",
                inputs=_in_order(subgraph.inputs, signature.inputs, inputs),
                outputs=_in_order(subgraph.outputs, signature.outputs, outputs),
            )
    return SubgraphDescription(name=str(index), description="Part of another subgraph.", inputs=(), outputs=())


def _in_order(
    tensors: Sequence[int], entries: Sequence[Any], known: Mapping[str, TensorDescription]
) -> tuple[TensorDescription, ...]:
    names = {int(entry.tensorIndex): bytes(entry.name).decode() for entry in entries}
    return tuple(known.get(name) or TensorDescription(name, "") for name in (names[int(place)] for place in tensors))
