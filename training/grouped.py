"""From GoEmotions' 28 labels to the tasks of a phone: one of seven emotions, one of three sentiments.

GoEmotions groups its labels into Ekman's emotions and, by way of them, into sentiments; but a comment may belong to
several groups, and surprise, confusion, curiosity and realization have the sentiment ``ambiguous``. Here both tasks
follow from ``fine`` by one matrix each, so that probabilities and labels are mapped alike:

- ``emotion``: each label counts for its group;
- ``sentiment``: each label counts for the sentiment of its group, and the four ambiguous ones for a distribution that
  is learned from other data, where each utterance has one sentiment: that of the utterances in which a teacher
  recognises the label.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import SIGMOID, Task
from training.datasets.goemotions import EKMAN, FINE, SENTIMENT
from training.datasets.labels import EMOTION_TASK, EMOTIONS, SENTIMENT_TASK, SENTIMENTS
from training.utterance import Utterance

Floats = NDArray[np.float32]
FINE_TASK = Task("fine", FINE, SIGMOID)
TASKS = (EMOTION_TASK, SENTIMENT_TASK, FINE_TASK)
AMBIGUOUS = tuple(label for label in FINE if SENTIMENT[EKMAN[label]] not in SENTIMENTS)
# An utterance has a label of a grouped task if more than half of its fine labels say so.
_MAJORITY = 0.5


@dataclass(frozen=True)
class Grouping:
    """The two matrices.

    :param emotion: ``[28, 7]``, each row sums to 1.
    :param sentiment: ``[28, 3]``, each row sums to 1.
    """

    emotion: Floats
    sentiment: Floats

    @classmethod
    def learned(cls, fine: Floats, sentiments: Floats) -> "Grouping":
        """Learn what the ambiguous labels count for.

        :param fine: ``[n, 28]`` probabilities that a teacher gives to utterances of train that carry a sentiment.
        :param sentiments: ``[n, 3]``, one-hot.
        """
        emotion = np.zeros((len(FINE), len(EMOTIONS)), np.float32)
        sentiment = np.zeros((len(FINE), len(SENTIMENTS)), np.float32)
        for place, label in enumerate(FINE):
            emotion[place, EMOTIONS.index(EKMAN[label])] = 1.0
            if label in AMBIGUOUS:
                counts = 1.0 + fine[:, place] @ sentiments  # one of each, so that no data means no opinion
                sentiment[place] = counts / counts.sum()
            else:
                sentiment[place, SENTIMENTS.index(SENTIMENT[EKMAN[label]])] = 1.0
        return cls(emotion, sentiment)

    def targets(self, fine: Floats) -> dict[str, Floats]:
        """Return ``emotion`` ``[n, 7]`` and ``sentiment`` ``[n, 3]`` of labels or probabilities ``[n, 28]``."""
        return {"emotion": _shares(fine @ self.emotion), "sentiment": _shares(fine @ self.sentiment)}

    def labelled(self, utterance: Utterance) -> Utterance:
        """Return an utterance of GoEmotions with all three tasks, each grouped one only where a majority is clear.

        An utterance without ``fine`` labels stays as it is.
        """
        if "fine" not in utterance.labels:
            return utterance
        fine = np.array([[label in utterance.labels["fine"] for label in FINE]], np.float32)
        labels = {"fine": utterance.labels["fine"]}
        for task in (EMOTION_TASK, SENTIMENT_TASK):
            shares = self.targets(fine)[task.name][0]
            if shares.max() > _MAJORITY:
                labels[task.name] = (task.labels[int(shares.argmax())],)
        return replace(utterance, labels=labels)


def _shares(counts: Floats) -> Floats:
    """Divide each row by its sum; a row of nothing stays so."""
    return (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)
