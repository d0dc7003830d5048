"""Prototypes of the train split: frozen for predicting, and without the scored utterance for learning.

A prototype that holds the utterance it is compared with has seen the answer. So an utterance of the train split meets
prototypes of the other ones alone, and an utterance of any other split the frozen ones, which are means over the train
split and weights of the model: what is predicted depends on one utterance and no label.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.batches import ordered_batches, padded
from training.examples import Examples, Floats
from training.heads import PrototypeHead
from training.model import MultitaskModel, embedding_of
from training.tensorflow import tf

_BATCH_SIZE = 64


class TrainPrototypes:
    """Keeps the heads' prototypes in step with the model.

    :param model: with prototype heads, whose prototypes are changed in place.
    :param examples: the train split.
    :param pad_id: id of the padding piece.
    """

    def __init__(self, model: MultitaskModel, examples: Examples, *, pad_id: int) -> None:
        self._model, self._examples, self._pad_id = model, examples, pad_id
        self._embeddings: dict[str, Floats] = {}

    def refresh(self) -> None:
        """Make every prototype the mean over the train split, as the model sees it now."""
        self._embeddings = self._embedded()
        for name, head in self._model.prototype_heads.items():
            targets = self._examples.targets[name] * self._examples.masks[name][:, None]
            sides = [targets, self._examples.masks[name][:, None] - targets][: head.sides]
            head.freeze(*means(np.stack(sides), self._embeddings[name]))

    def own(self, rows: NDArray[np.int64]) -> dict[str, Floats]:
        """Return per task what each utterance put into the prototypes at the last :meth:`refresh`, ``[B, width]``."""
        return {name: self._embeddings[name][rows] for name in self._model.prototype_heads}

    def scored(
        self,
        outputs: Mapping[str, Any],
        targets: Mapping[str, Any],
        masks: Mapping[str, Any],
        rows: Any,
        own: Mapping[str, Any],
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return outputs with logits that leave out the scored utterance, and masks without what nothing supports.

        :param rows: the place of each utterance ``[B]`` in the train split.
        :param own: what :meth:`own` returned for them.
        """
        outputs, masks = dict(outputs), dict(masks)
        for name, head in self._model.prototype_heads.items():
            outputs[name], supported = leave_one_out(
                head, outputs[embedding_of(name)], targets[name], masks[name], rows, own[name]
            )
            masks[name] = masks[name] * supported
        return outputs, masks

    def _embedded(self) -> dict[str, Floats]:
        heads = self._model.prototype_heads
        ids = self._examples.ids
        found = {name: np.zeros((len(ids), head.width), np.float32) for name, head in heads.items()}
        for rows in ordered_batches(ids, _BATCH_SIZE):
            outputs = self._model.infer(*padded([ids[row] for row in rows], self._pad_id))
            for name, values in found.items():
                values[rows] = outputs[embedding_of(name)].numpy()
        return found


def means(members: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Return the mean ``[sides, n_labels, d]`` of the points of each label (0 without any), and their counts.

    :param members: ``[sides, n, n_labels]``, 1 where an utterance belongs to a label, or to its absence.
    :param points: ``[n, d]``.
    """
    counts = members.sum(axis=1, dtype=np.float64)
    sums = np.swapaxes(members, 1, 2).astype(np.float64) @ points
    return (sums / np.maximum(counts, 1.0)[:, :, None]).astype(np.float32), counts.astype(np.float32)


def leave_one_out(head: PrototypeHead, points: Any, targets: Any, mask: Any, rows: Any, own: Any) -> tuple[Any, Any]:
    """Return the logits ``[B, n_labels]`` of a batch, each from prototypes without the utterance that it belongs to.

    The prototype of a label is the mean of the *other* utterances of the batch that carry it, through which gradients
    flow, and of the frozen prototype, from which the scored utterance is taken out and which counts as one utterance
    more: so labels that are rare in a batch have one too. An utterance that is in the batch twice leaves out both.

    :param head: with frozen prototypes of the train split.
    :param points: ``[B, d]`` of length 1.
    :param targets: ``[B, n_labels]``, one-hot or multi-hot.
    :param mask: ``[B]``, 1 where an utterance is labelled.
    :param rows: ``[B]``, the place of each in the train split.
    :param own: ``[B, d]``, what each put into the frozen prototypes.
    :return: logits, and ``[B]`` 0 where nothing but the utterance itself carries its label: such a score means nothing.
    """
    others = tf.cast(rows[:, None] != rows[None, :], tf.float32)
    labelled = targets * mask[:, None]
    sides = [labelled, mask[:, None] - labelled][: head.sides]
    squares, seen = [], []
    for side, members in enumerate(sides):
        near = others @ members
        # [B, n_labels, d]: the batch without the utterance itself.
        sums = tf.einsum("ij,jc,jd->icd", others, members, points)
        left = head.counts[side][None, :] - members
        rest = (
            head.counts[side][None, :, None] * head.prototypes[side][None] - members[:, :, None] * own[:, None, :]
        ) / tf.maximum(left, 1.0)[:, :, None]
        has_rest = tf.cast(left > 0.5, tf.float32)
        weight = near + has_rest
        prototypes = (sums + has_rest[:, :, None] * rest) / tf.maximum(weight, 1.0)[:, :, None]
        squares.append(tf.reduce_sum(tf.math.squared_difference(points[:, None, :], prototypes), axis=2))
        seen.append(weight > 0.5)
    unsupported = tf.add_n([members * tf.cast(~there, tf.float32) for members, there in zip(sides, seen, strict=True)])
    return head.logits(squares, seen), tf.cast(tf.reduce_sum(unsupported, axis=1) < 0.5, tf.float32)
