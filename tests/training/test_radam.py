"""Rectified Adam against its definition, and the optimisers of a run."""

import numpy as np
import pytest

from mobile_app.engine.errors import UndertoneError
from training.config import FitConfig
from training.radam import RAdam
from training.tensorflow import tf

RATE, BETA_1, BETA_2, EPSILON = 0.1, 0.9, 0.99, 1e-8


def by_definition(gradients: list[float], start: float) -> list[float]:
    """Algorithm 2 of Liu et al. 2020, in plain numbers."""
    value, momentum, velocity, values = start, 0.0, 0.0, []
    longest = 2 / (1 - BETA_2) - 1
    for step, gradient in enumerate(gradients, start=1):
        momentum = BETA_1 * momentum + (1 - BETA_1) * gradient
        velocity = BETA_2 * velocity + (1 - BETA_2) * gradient**2
        length = longest - 2 * step * BETA_2**step / (1 - BETA_2**step)
        move = momentum / (1 - BETA_1**step)
        if length > 5:
            top, bottom = (length - 4) * (length - 2) * longest, (longest - 4) * (longest - 2) * length
            move *= np.sqrt(top / bottom) / (np.sqrt(velocity / (1 - BETA_2**step)) + EPSILON)
        value -= RATE * move
        values.append(value)
    return values


def test_radam_takes_the_steps_of_its_definition():
    gradients = [0.5, -1.0, 2.0, 0.1, 0.3, -0.2, 1.5, 0.7, -0.4, 0.9]
    optimizer = RAdam(RATE, beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON, jit_compile=False)
    variable = tf.Variable([2.0])
    found = []
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant([gradient]), variable)])
        found.append(float(variable.numpy()[0]))
    np.testing.assert_allclose(found, by_definition(gradients, 2.0), rtol=1e-4)


def test_an_unknown_optimizer_is_refused():
    with pytest.raises(UndertoneError, match="--optimizer one of adam, adamw, radam; found 'sgd'"):
        FitConfig(data="sample", optimizer="sgd")


def test_a_run_from_before_there_was_a_choice_reads_as_adam():
    values = FitConfig(data="sample").to_dict()
    del values["optimizer"]
    assert FitConfig.from_dict(values).optimizer == "adam"
