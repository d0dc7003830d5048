"""Features of a dataset as the phone computes them, kept in a folder between runs."""

from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine import npz
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.files import write_file
from mobile_app.engine.learner import as_stored
from quantization.progress import progress
from training.datasets import Dataset

SPLITS = ("train", "dev", "test")


def phone_features(
    bundle: Bundle, recipe: str, dataset: Dataset, *, cache: Path | None = None
) -> dict[str, NDArray[np.float32]]:
    """Return per split the features ``[n, d]``, rounded to float16 as the store keeps them.

    :param cache: a folder; what was computed before with this model and this data is read from there.
    """
    name = f"{dataset.name}-{dataset.sha256[:12]}-{bundle.model_hash(recipe)[:12]}.npz"
    path = None if cache is None else cache / name
    if path is not None and path.exists():
        kept = npz.unpack(path.read_bytes())
    else:
        with closing(Encoder(bundle, recipe)) as encoder:
            kept = {split: _encoded(encoder, dataset, split) for split in SPLITS}
        if path is not None:
            write_file(path, npz.pack(kept))
    return {split: features.astype(np.float32) for split, features in kept.items()}


def _encoded(encoder: Encoder, dataset: Dataset, split: str) -> NDArray[np.float16]:
    utterances = dataset.split(split)
    features = []
    with progress(f"{encoder.recipe} {split}", len(utterances), "utterances") as advance:
        for utterance in utterances:
            features.append(as_stored(encoder.encode(utterance.text).features))
            advance(1)
    return np.stack(features)
