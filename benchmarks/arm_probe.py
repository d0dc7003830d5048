"""What one machine computes: token ids, predictions of every recipe, and what each separator learns.

Run on x86 and under emulated Arm by :mod:`benchmarks.arm`, which compares; needs numpy, ai-edge-litert and the engine.
"""

import json
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine import npz
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.learner import Learner
from mobile_app.engine.separators import SEPARATORS

STEPS, ASKED = 50, 20
Arrays = dict[str, NDArray[np.generic]]


def main(bundle_path: str, texts_path: str, n: str, features_path: str, out: str) -> None:
    """Write the arrays of this machine.

    :param n: how many of the texts the recipes are run on; all are tokenized.
    :param features_path: of an earlier probe whose features the separators learn from; "" for this one's own.
    """
    bundle = Bundle.open(Path(bundle_path))
    texts = json.loads(Path(texts_path).read_text(encoding="utf-8"))
    arrays = _tokens(bundle, texts)
    for recipe in bundle.manifest.recipes:
        arrays |= _predictions(bundle, recipe, texts[: int(n)])
    given = npz.unpack(Path(features_path).read_bytes()) if features_path else arrays
    arrays |= _learning(bundle, given[f"{bundle.manifest.default_recipe}/features"])
    Path(out).write_bytes(npz.pack(arrays))


def _tokens(bundle: Bundle, texts: list[str]) -> Arrays:
    tokenizer = bundle.tokenizer()
    ids = [tokenizer.encode(text) for text in texts]
    return {
        "tokens": np.array([piece for one in ids for piece in one], np.int32),
        "n_tokens": np.array([len(one) for one in ids], np.int32),
    }


def _predictions(bundle: Bundle, recipe: str, texts: list[str]) -> Arrays:
    with closing(Encoder(bundle, recipe)) as encoder:
        encoded = [encoder.encode(text) for text in texts]
    tasks = {
        f"{recipe}/task/{task.name}": np.stack([one.probabilities[task.name] for one in encoded])
        for task in bundle.manifest.tasks
    }
    return {f"{recipe}/features": np.stack([one.features for one in encoded]), **tasks}


def _learning(bundle: Bundle, features: NDArray[np.generic]) -> Arrays:
    task = next(one for one in bundle.manifest.tasks if not one.is_multi_label)
    labels = np.random.default_rng(0).choice(task.labels, STEPS).tolist()
    learned: Arrays = {}
    for kind in SEPARATORS:
        separator = Learner.base(bundle, kind, prior_count=1000.0).tasks[task.name].separator
        for row, label in zip(features, labels, strict=False):
            separator.learn_one(row.astype(np.float32), label)
        learned[f"learned/{kind}"] = separator.predict_proba_many(features[-ASKED:].astype(np.float32))
    return learned


if __name__ == "__main__":
    main(*sys.argv[1:])
