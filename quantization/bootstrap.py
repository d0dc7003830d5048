"""How sure a difference in weighted F1 is: the paired bootstrap over utterances."""

import numpy as np
from numpy.typing import NDArray

from quantization.classification import Labels, require_pairs, weighted_f1

RESAMPLES = 2000
SEED = 0
_BLOCK = 100


def paired_interval(
    gold: Labels, reference: Labels, target: Labels, *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float, float]:
    """Return the 95 % percentile interval of weighted F1 of ``target`` minus that of ``reference``.

    Utterances are drawn with replacement, the same ones for both (Efron and Tibshirani 1993, chapter 13). Utterances
    with the same gold and predicted labels are interchangeable, so drawing n of them is one multinomial draw over
    the kinds that occur: exact, and fast enough for thousands of resamples.

    :param gold: ``[n, labels]``, as both predictions.
    :raises ValueError: if there are no utterances, or shapes differ.
    """
    require_pairs(gold, reference, target)
    n, n_labels = gold.shape
    kinds, counts = np.unique(np.hstack([gold, reference, target]), axis=0, return_counts=True)
    truth, before, after = (kinds[:, i * n_labels : (i + 1) * n_labels].astype(np.float64) for i in range(3))
    rng = np.random.default_rng(seed)
    differences: list[NDArray[np.float64]] = []
    for start in range(0, resamples, _BLOCK):
        drawn = rng.multinomial(n, counts / n, size=min(_BLOCK, resamples - start)).astype(np.float64)
        support = drawn @ truth
        differences.append(
            weighted_f1(drawn @ (truth * after), drawn @ after, support)
            - weighted_f1(drawn @ (truth * before), drawn @ before, support)
        )
    low, high = np.percentile(np.concatenate(differences), [2.5, 97.5])
    return float(low), float(high)
