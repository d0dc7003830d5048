"""Whether probabilities mean what they say: expected calibration error and the bins behind it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.examples import Floats

N_BINS = 15


@dataclass(frozen=True)
class Reliability:
    """How often the model was right at each confidence, in 15 bins of equal width (Guo et al. 2017, section 2).

    A softmax task is judged by the probability of the chosen label. A sigmoid task makes one claim per label, that it
    is carried; how often such a claim is true is set beside its probability.

    :param counts: claims in each bin.
    :param confidence: their mean probability; 0 in an empty bin.
    :param accuracy: the share that was true; 0 in an empty bin.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @classmethod
    def of(cls, task: Task, targets: Floats, probabilities: Floats) -> "Reliability":
        """Sort what was claimed about labelled utterances into bins.

        :param targets: ``[n, n_labels]``.
        :param probabilities: ``[n, n_labels]``.
        """
        if task.is_multi_label:
            claimed, true = probabilities.ravel(), (targets > 0).ravel()
        else:
            chosen = probabilities.argmax(axis=1)
            claimed, true = probabilities.max(axis=1), targets[np.arange(len(targets)), chosen] > 0
        places = np.clip(np.ceil(claimed * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
        counts = np.bincount(places, minlength=N_BINS)
        sums = [np.bincount(places, values.astype(np.float64), N_BINS) for values in (claimed, true)]
        confidence, accuracy = (one / np.maximum(counts, 1) for one in sums)
        return cls(counts, confidence, accuracy)

    @property
    def ece(self) -> float:
        """The expected calibration error: the gap between confidence and accuracy, averaged over claims."""
        return float(np.average(np.abs(self.confidence - self.accuracy), weights=np.maximum(self.counts, 1e-12)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "ece": self.ece,
            "counts": self.counts.tolist(),
            "confidence": [round(value, 6) for value in self.confidence.tolist()],
            "accuracy": [round(value, 6) for value in self.accuracy.tolist()],
        }
