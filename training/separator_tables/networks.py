"""The paper's layers, trained as it says, and handed to the separators of the phone, which predict with them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mobile_app.engine.separators import HiddenSeparator, Separator, SoftmaxSeparator
from mobile_app.engine.task import Task
from training.separator_tables.choices import SeparatorChoices
from training.separator_tables.labelled import Floats, Labelled
from training.separator_tables.linear import Standard
from training.tensorflow import keras, tf

BATCH_SIZE = 64
ADAM_RATE, SGD_RATE = 1e-4, 0.01
_BATCHES_AT_ONCE = 16  # keeps Keras' work between batches small beside the batches


def adam() -> Any:
    """Return the optimiser for the data of all users."""
    return keras.optimizers.Adam(ADAM_RATE)


def sgd() -> Any:
    """Return the optimiser for the data of a single user."""
    return keras.optimizers.SGD(SGD_RATE)


def linear_by_steps(
    task: Task, train: Labelled, dev: Labelled, choices: SeparatorChoices, optimizer: Callable[[], Any]
) -> SoftmaxSeparator:
    """Train a linear layer on standardised features, batch 64, until dev gets no better."""
    standard = Standard.of(train.x)
    network = keras.Sequential([keras.layers.Dense(len(task.labels))])
    _train(network, task, standard(train.x), train, standard(dev.x), dev, choices, optimizer)
    kernel, bias = (np.asarray(one, np.float64) for one in network.get_weights())
    return standard.separator(task, kernel.T, bias)


def hidden_by_steps(
    task: Task,
    train: Labelled,
    dev: Labelled,
    choices: SeparatorChoices,
    optimizer: Callable[[], Any],
    *,
    units: int,
    l2: float,
) -> Separator:
    """Train a layer of tanh units and a linear one, batch 64, until dev gets no better.

    Features are brought to a root mean square of 1 first, as the phone's separator does.

    :param l2: factor of the squared weights of both layers.
    """
    regularizer = keras.regularizers.L2(l2) if l2 else None
    network = keras.Sequential(
        [
            keras.layers.Dense(units, activation="tanh", kernel_regularizer=regularizer),
            keras.layers.Dense(len(task.labels), kernel_regularizer=regularizer),
        ]
    )
    _train(network, task, _scaled(train.x), train, _scaled(dev.x), dev, choices, optimizer)
    to_units, unit_bias, to_labels, bias = network.get_weights()
    blank = HiddenSeparator(task.labels, train.x.shape[1], activation=task.activation, n_hidden=units)
    base = np.zeros((len(task.labels), train.x.shape[1] + 1), np.float32)
    base[:, -1] = bias
    layers = {"hidden": np.concatenate([to_units, unit_bias[None]]).T, "output": to_labels.T, "base": base}
    return HiddenSeparator.from_arrays(blank.to_arrays() | layers)


def _train(
    network: Any,
    task: Task,
    x: Floats,
    train: Labelled,
    dev_x: Floats,
    dev: Labelled,
    choices: SeparatorChoices,
    optimizer: Callable[[], Any],
) -> None:
    keras.utils.set_random_seed(choices.seed)
    crossentropy = keras.losses.BinaryCrossentropy if task.is_multi_label else keras.losses.CategoricalCrossentropy
    network.compile(optimizer(), crossentropy(from_logits=True), steps_per_execution=_BATCHES_AT_ONCE)
    patience = keras.callbacks.EarlyStopping("val_loss", patience=choices.patience, restore_best_weights=True)
    batches = tf.data.Dataset.from_tensor_slices((x, train.targets))
    network.fit(
        batches.shuffle(len(x), seed=choices.seed).batch(BATCH_SIZE),
        validation_data=(dev_x, dev.targets),
        epochs=choices.epochs,
        callbacks=[patience],
        verbose=0,
    )


def _scaled(x: Floats) -> Floats:
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x * (np.sqrt(x.shape[1]) / np.maximum(norms, 1e-12)), np.float32)
