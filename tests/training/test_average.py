"""The moving average of the weights that training keeps beside them."""

import numpy as np
import pytest

from training.backbone import tiny_backbone
from training.config import FitConfig
from training.datasets import load
from training.examples import Examples
from training.loop import TrainingLoop
from training.model import MultitaskModel

DECAY = 0.8
BIAS = "heads/mood/bias"


@pytest.fixture(scope="module")
def data(two_kinds_of_tasks):
    dataset = load(str(two_kinds_of_tasks), tasks=["mood"])
    backbone = tiny_backbone(utterance.text for utterance in dataset.split("train"))
    return dataset, backbone


def loop_of(data, average):
    dataset, backbone = data
    examples = Examples.of(dataset.split("train")[:32], dataset.tasks, backbone.tokenizer.wordpiece, 16)
    config = FitConfig(data="rows", epochs=3, learning_rate=0.01, warmup=0, average=average, freeze_backbone=True)
    model = MultitaskModel(backbone.model, dataset.tasks)
    return TrainingLoop(model, dataset.tasks, examples, config, pad_id=backbone.tokenizer.wordpiece.pad_id)


def averaged_bias(loop):
    with loop.averaged():
        return loop.weights()[BIAS]


def test_it_is_the_exponential_moving_average_and_goes_away_again(data):
    loop = loop_of(data, DECAY)
    expected = loop.weights()[BIAS]
    for epoch in (1, 2, 3):  # of one batch each
        loop.run_epoch(epoch)
        newest = loop.weights()[BIAS]
        expected = DECAY * expected + (1 - DECAY) * newest
        np.testing.assert_allclose(averaged_bias(loop), expected, atol=1e-7)
        np.testing.assert_array_equal(loop.weights()[BIAS], newest)
    assert not np.allclose(expected, newest)


def test_it_continues_after_an_interruption(data):
    loop, other = loop_of(data, DECAY), loop_of(data, DECAY)
    loop.run_epoch(1)
    other.restore(loop.weights(), loop.optimizer_state())
    np.testing.assert_array_equal(averaged_bias(other), averaged_bias(loop))


def test_without_it_the_weights_themselves_are_kept(data):
    loop = loop_of(data, 0.0)
    loop.run_epoch(1)
    np.testing.assert_array_equal(averaged_bias(loop), loop.weights()[BIAS])
