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
    "branch": ("wide", "--branch one of none, dense, leaky"),
    "head": ("tree", "--head one of linear, prototypes"),
    "loss": ("hinge", "--loss one of cross-entropy, focal"),
    "class_weights": ("some", "--class-weights one of none, static, adaptive"),
    "word_deletion": (1.0, "--word-deletion from 0 to below 1"),
    "teacher": ("a,", "--teacher with run folders, separated by commas"),
}

CONTRADICTIONS = {
    "--cross-attention with two tasks": {"cross_attention": True, "tasks": ("emotion",)},
    "--branch-units with --branch": {"branch_units": 8},
    "--branch-units of at least 1": {"branch_units": 0, "branch": "dense"},
    "--distance with --head prototypes": {"distance": "euclidean"},
    "--distance one of squared, euclidean": {"distance": "cosine", "head": "prototypes"},
    "--temperature with --head prototypes": {"temperature": 0.1},
    "--temperature above 0": {"temperature": 0.0, "head": "prototypes"},
    "--prototypical-loss with --head prototypes": {"prototypical_loss": 1.0, "loss": "focal"},
    "--prototypical-loss with --loss focal": {"prototypical_loss": 1.0, "head": "prototypes"},
    "--freeze-backbone with --branch or": {"freeze_backbone": True, "head": "prototypes"},
    "--focal-gamma with --loss focal": {"focal_gamma": 2.0},
    "--focal-gamma from 0": {"focal_gamma": -1.0, "loss": "focal"},
    "--focal-gamma-end with --loss focal": {"focal_gamma_end": 1.0},
    "--class-weights adaptive with --loss focal": {"class_weights": "adaptive"},
    "--oversample without --class-weights": {"oversample": True, "class_weights": "static"},
    "--soft with --teacher": {"soft": 0.5},
    "--soft above 0": {"soft": 0.0, "teacher": "run"},
    "--teacher without --head prototypes": {"teacher": "run", "head": "prototypes"},
}


@pytest.mark.parametrize("option", REFUSED)
def test_a_value_outside_its_rule_is_refused_by_the_name_of_its_option(option):
    value, message = REFUSED[option]
    with pytest.raises(UndertoneError, match=message):
        FitConfig(**{"data": "sample", option: value})


@pytest.mark.parametrize("message", CONTRADICTIONS)
def test_choices_that_contradict_each_other_are_refused_by_the_name_of_the_option(message):
    with pytest.raises(UndertoneError, match=f"expected {message}"):
        FitConfig(data="sample", **CONTRADICTIONS[message])


def test_loss_weights_of_other_tasks_are_refused():
    with pytest.raises(UndertoneError, match=r"--loss-weights for the tasks of the run \(emotion\)"):
        FitConfig(data="sample", tasks=("emotion",), loss_weights={"sentiment": 1.0})


def test_a_configuration_comes_back_from_json():
    config = FitConfig(data="meld", tasks=("emotion", "sentiment"), loss_weights={"sentiment": 0.5}, seed=7)
    assert FitConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
