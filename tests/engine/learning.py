"""A tiny bundle whose base separators can learn, and labelled utterances for it."""

import shutil

import numpy as np

from mobile_app.engine import npz
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.labelled import LabelledUtterance
from mobile_app.engine.separators import SEPARATORS
from tests.engine.helpers import rehash

WORDS = ("i", "am", "happy", "sad", "not", "you", "are", "unhappy", "so", "very", ".", "!", "'")


def utterances(n, seed=0):
    """Return utterances of random words, labelled by a rule that can be learned."""
    random = np.random.default_rng(seed)
    made = []
    for index in range(n):
        words = list(random.choice(WORDS, size=random.integers(1, 9)))
        emotion = "joy" if "happy" in words else "sadness" if {"sad", "unhappy"} & set(words) else "neutral"
        topics = tuple(topic for topic, word in (("weather", "so"), ("food", "very")) if word in words)
        labels = {"emotion": emotion, "topics": topics}
        made.append(LabelledUtterance(f"u{seed}-{index}", " ".join(words), labels, f"2026-11-20T00:00:{index % 60:02}"))
    return made


def write_learning_bundle(source, folder):
    """Copy a tiny bundle and fit its base separators, of every kind, on utterances of their own."""
    shutil.copytree(source, folder)
    bundle = Bundle.open(folder)
    encoder = Encoder(bundle)
    base = utterances(200, seed=99)
    features = np.stack([encoder.encode(utterance.text).features for utterance in base])
    arrays = {}
    for task in bundle.manifest.tasks:
        for kind, separator_type in SEPARATORS.items():
            settings = {"n_hidden": 16} if kind in ("elm", "oselm") else {}
            separator = separator_type(task.labels, features.shape[1], activation=task.activation, **settings)
            separator.learn_many(features, [utterance.labels[task.name] for utterance in base])
            arrays |= {f"{task.name}.{kind}.{name}": array for name, array in separator.to_arrays().items()}
    encoder.close()
    (folder / "separators.npz").write_bytes(npz.pack(arrays))
    rehash(folder, "separators.npz")
    return folder
