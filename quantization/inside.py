"""Along the network: the error of every tensor on a few utterances, and the culprit where a recipe has collapsed."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mobile_app.engine.batch import bucket, pad, signature_name
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.wordpiece import truncate
from quantization.detective import Culprit, find_culprit, resembles
from quantization.layers import Inputs, LayerError, view_layers
from quantization.report import LayerConditions
from quantization.tensor_trace import TensorTrace

SAMPLES = 8
POOL = 200


@dataclass(frozen=True)
class Inside:
    """What was found along the network.

    :param layers: per recipe.
    :param culprits: per recipe, where a tensor does not resemble the reference.
    """

    conditions: LayerConditions
    layers: dict[str, list[LayerError]]
    culprits: dict[str, Culprit]


def look_inside(
    bundle: Bundle,
    recipes: Sequence[str],
    reference: str,
    texts: Sequence[str],
    advance: Callable[[int], object] = lambda _: None,
) -> Inside:
    """Compare every tensor of each recipe with the reference's, on the length bucket that most utterances need.

    :param advance: told of each recipe that is done.
    """
    length, inputs = _inputs(bundle, texts[:POOL])
    signature = signature_name(length)
    layers, culprits = {}, {}
    with closing(TensorTrace(_path(bundle, reference), signature)) as expected:
        for recipe in recipes:
            if recipe == reference:
                continue
            with closing(TensorTrace(_path(bundle, recipe), signature)) as found:
                view = view_layers(expected, found, inputs)
            advance(1)
            if not resembles(expected.graph, view):
                continue
            layers[recipe] = view.computed()
            culprit = find_culprit(view)
            if culprit:
                culprits[recipe] = culprit
    return Inside(LayerConditions(len(inputs), length), layers, culprits)


def _inputs(bundle: Bundle, texts: Sequence[str]) -> tuple[int, list[Inputs]]:
    """Return the most frequent length bucket and the inputs of the first utterances that need it."""
    tokenizer, lengths = bundle.tokenizer(), bundle.manifest.lengths
    tokens = [tokenizer.encode(text) for text in texts]
    needed = [bucket(len(ids), lengths) for ids in tokens]
    ((length, _),) = Counter(needed).most_common(1)
    chosen = [ids for ids, one in zip(tokens, needed, strict=True) if one == length][:SAMPLES]
    inputs: list[Inputs] = []
    for ids in chosen:
        input_ids, attention_mask = pad([truncate(ids, length, tokenizer.sep_id)], length, tokenizer.pad_id)
        inputs.append({"input_ids": input_ids, "attention_mask": attention_mask})
    return length, inputs


def _path(bundle: Bundle, recipe: str) -> Path:
    return bundle.path / bundle.recipe_entry(recipe).file
