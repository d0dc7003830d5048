"""Every rule of the configuration."""

import json

import pytest

from mobile_app.engine.errors import UndertoneError
from training.config import FitConfig

REFUSED = {
    "data": ("", "--data with a dataset's name"),
    "backbone": ("", "--backbone with a name"),
    "tasks": (("emotion", "emotion"), "--tasks with different task names"),
    "pooling": ("max", "--pooling one of mean, cls"),
    "epochs": (0, "--epochs of at least 1"),
    "batch_size": (0, "--batch-size of at least 1"),
    "learning_rate": (float("nan"), "--learning-rate above 0"),
    "warmup": (1.0, "--warmup from 0 to below 1"),
    "weight_decay": (-0.1, "--weight-decay from 0 to below 1"),
    "clip": (0.0, "--clip above 0"),
    "patience": (0, "--patience of at least 1"),
    "max_length": (2, "--max-length from 3 to 512 tokens"),
    "dropout": (1.0, "--dropout from 0 to below 1"),
    "seed": (-1, "--seed from 0"),
    "loss_weights": ({"emotion": -1.0}, "--loss-weights of 0 or more"),
}


@pytest.mark.parametrize("option", REFUSED)
def test_a_value_outside_its_rule_is_refused_by_the_name_of_its_option(option):
    value, message = REFUSED[option]
    with pytest.raises(UndertoneError, match=message):
        FitConfig(**{"data": "sample", option: value})


def test_loss_weights_of_other_tasks_are_refused():
    with pytest.raises(UndertoneError, match=r"--loss-weights for the tasks of the run \(emotion\)"):
        FitConfig(data="sample", tasks=("emotion",), loss_weights={"sentiment": 1.0})


def test_a_configuration_comes_back_from_json():
    config = FitConfig(data="meld", tasks=("emotion", "sentiment"), loss_weights={"sentiment": 0.5}, seed=7)
    assert FitConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
