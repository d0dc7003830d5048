"""Every separator, every promise of the contract."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as numpy_arrays

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators import SEPARATORS, separator_named
from mobile_app.engine.task import SIGMOID, SOFTMAX

LABELS = ("anger", "joy", "neutral")
N_FEATURES = 6
every_kind = pytest.mark.parametrize("kind", list(SEPARATORS))
every_activation = pytest.mark.parametrize("activation", [SOFTMAX, SIGMOID])


def stream(n=60, seed=0, activation=SOFTMAX):
    """Three clouds of utterances, told apart by their first three features."""
    random = np.random.default_rng(seed)
    classes = random.integers(0, 3, n)
    x = random.normal(size=(n, N_FEATURES)).astype(np.float32)
    x[np.arange(n), classes] += 4.0
    if activation == SOFTMAX:
        return x, [LABELS[index] for index in classes]
    return x, [(LABELS[index], "loud") if x[row, 5] > 0 else (LABELS[index],) for row, index in enumerate(classes)]


def learned(kind, activation=SOFTMAX, n=60):
    separator = SEPARATORS[kind](LABELS, N_FEATURES, activation=activation)
    separator.learn_many(*stream(n, activation=activation))
    return separator


def saved_and_loaded(separator):
    file = io.BytesIO()
    np.savez(file, **separator.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return type(separator).from_arrays(dict(arrays))


@every_kind
@every_activation
def test_learns_what_can_be_learned(kind, activation):
    separator = learned(kind, activation, n=400)
    x, y = stream(200, seed=1, activation=activation)
    probabilities = separator.predict_proba_many(x)
    if activation == SOFTMAX:
        right = np.mean([separator.labels[row.argmax()] == label for row, label in zip(probabilities, y, strict=True)])
    else:
        truth = np.array([[label in labels for label in separator.labels] for labels in y])
        right = np.mean((probabilities >= 0.5) == truth)
    assert right > 0.85


@every_kind
@every_activation
def test_leaves_its_inputs_as_they_were(kind, activation):
    x, y = stream(activation=activation)
    before, labels_before = x.copy(), list(y)
    x.flags.writeable = False
    separator = SEPARATORS[kind](LABELS, N_FEATURES, activation=activation)
    separator.learn_many(x, y)
    separator.learn_one(x[0], y[0])
    separator.predict_proba_many(x)
    separator.predict_one(x[0])
    np.testing.assert_array_equal(x, before)
    assert y == labels_before


@every_kind
@every_activation
def test_probabilities_are_finite_float32_and_sum_to_one(kind, activation):
    separator = learned(kind, activation)
    probabilities = separator.predict_proba_many(stream(20, seed=1)[0])
    assert probabilities.dtype == np.float32 and probabilities.shape == (20, len(separator.labels))
    assert np.isfinite(probabilities).all() and (probabilities >= 0).all() and (probabilities <= 1).all()
    if activation == SOFTMAX:
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)


@every_kind
@every_activation
def test_one_by_one_predictions_equal_those_of_many(kind, activation):
    separator = learned(kind, activation)
    x, _ = stream(20, seed=1)
    one_by_one = np.stack([separator.predict_proba_one(row) for row in x])
    np.testing.assert_allclose(one_by_one, separator.predict_proba_many(x), atol=1e-6)


@every_kind
@every_activation
def test_a_saved_separator_predicts_and_learns_on_as_the_original(kind, activation):
    original = learned(kind, activation)
    original.limit_prior(10)
    copy = saved_and_loaded(original)
    x, y = stream(30, seed=1, activation=activation)
    for separator in (original, copy):
        separator.learn_many(x, y)
        separator.learn_one(x[0], y[0])
    assert copy.labels == original.labels
    assert (copy.n_seen, copy.activation, copy.n_features) == (91, activation, N_FEATURES)
    np.testing.assert_array_equal(copy.predict_proba_many(x), original.predict_proba_many(x))


@every_kind
def test_arrays_are_plain_and_a_missing_one_is_named(kind):
    arrays = learned(kind).to_arrays()
    assert all(array.dtype.kind in "fiU" for array in arrays.values())
    for name in arrays:
        with pytest.raises(SeparatorError, match=f"array '{name}' of a saved {kind} separator to be there"):
            SEPARATORS[kind].from_arrays({key: array for key, array in arrays.items() if key != name})


@every_kind
def test_an_array_of_another_shape_or_with_nan_is_refused(kind):
    arrays = learned(kind).to_arrays()
    for name, array in arrays.items():
        with pytest.raises(SeparatorError, match=f"array '{name}'"):
            SEPARATORS[kind].from_arrays(arrays | {name: array[None]})
        if array.dtype.kind == "f":
            with pytest.raises(SeparatorError, match="finite"):
                SEPARATORS[kind].from_arrays(arrays | {name: np.full_like(array, np.nan)})


@every_kind
@every_activation
def test_the_same_utterances_make_the_same_separator(kind, activation):
    first, second = learned(kind, activation).to_arrays(), learned(kind, activation).to_arrays()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


@every_kind
def test_the_state_does_not_grow_with_utterances(kind):
    def size(separator):
        return sum(array.nbytes for array in separator.to_arrays().values())

    assert size(learned(kind, n=2000)) == size(learned(kind, n=10))


@every_kind
@every_activation
def test_a_label_that_was_never_seen_is_added_as_it_comes(kind, activation):
    separator = learned(kind, activation)
    known = separator.labels
    far = np.full(N_FEATURES, -6.0, np.float32)
    label = "boredom" if activation == SOFTMAX else ("boredom",)
    separator.learn_one(far, label)
    assert separator.labels == (*known, "boredom")
    for _ in range(40):
        separator.learn_one(far, label)
    assert separator.predict_one(far) == "boredom"
    x, y = stream(200, seed=1)
    still_right = np.mean([separator.predict_one(row) == label for row, label in zip(x, y, strict=True)])
    assert still_right > 0.7 or activation == SIGMOID


@every_kind
@every_activation
def test_it_can_start_without_any_label(kind, activation):
    separator = SEPARATORS[kind]((), N_FEATURES, activation=activation)
    assert separator.predict_proba_many(np.ones((2, N_FEATURES))).shape == (2, 0)
    separator = saved_and_loaded(separator)
    x, y = stream(activation=activation)
    for row, label in zip(x, y, strict=True):
        separator.learn_one(row, label)
    assert set(separator.labels) >= set(LABELS)


@every_kind
@every_activation
def test_a_single_label_is_enough_to_learn_and_predict(kind, activation):
    separator = SEPARATORS[kind](("joy",), N_FEATURES, activation=activation)
    x, _ = stream(20)
    separator.learn_many(x, ["joy"] * 20)
    probabilities = separator.predict_proba_many(x)
    assert np.isfinite(probabilities).all()
    assert activation == SIGMOID or (probabilities == 1.0).all()


@every_kind
def test_an_utterance_may_carry_no_label_of_a_sigmoid_task(kind):
    separator = learned(kind, SIGMOID)
    x, _ = stream(60)
    before = separator.predict_proba_many(x).mean()
    separator.learn_many(x, [()] * 60)
    assert separator.predict_proba_many(x).mean() < before


@every_kind
@every_activation
@pytest.mark.parametrize("scale", [1e-40, 1e-20, 1e10, 1e30, 3e37])
def test_huge_and_tiny_features_stay_finite(kind, activation, scale):
    x, y = stream(activation=activation)
    separator = SEPARATORS[kind](LABELS, N_FEATURES, activation=activation)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        separator.learn_many(x.astype(np.float64) * scale, y)
        separator.learn_one(x[0].astype(np.float64) * scale, y[0])
        probabilities = separator.predict_proba_many(np.concatenate([x.astype(np.float64) * scale, x, 0 * x]))
    assert np.isfinite(probabilities).all()
    separator = saved_and_loaded(separator)


@every_kind
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e39])
def test_features_that_are_no_finite_numbers_are_refused_and_change_nothing(kind, value):
    separator = learned(kind)
    before = separator.to_arrays()
    x = np.ones(N_FEATURES)
    x[2] = value
    for use in (lambda: separator.learn_one(x, "new"), lambda: separator.predict_one(x)):
        with pytest.raises(SeparatorError, match=r"finite float32 numbers; found .* in feature 2; check the model"):
            use()
    for name, array in separator.to_arrays().items():
        np.testing.assert_array_equal(array, before[name])


@every_kind
@pytest.mark.parametrize("shape", [(), (5,), (7,), (1, 6)])
def test_features_of_another_shape_are_refused(kind, shape):
    separator = learned(kind)
    with pytest.raises(SeparatorError, match="expected 6 features an utterance; found an array of shape"):
        separator.learn_one(np.ones(shape), "joy")
    with pytest.raises(SeparatorError, match="expected 6 features an utterance; found an array of shape"):
        separator.predict_proba_one(np.ones(shape))


@every_kind
def test_what_is_no_label_is_refused(kind):
    separator, x = learned(kind), np.ones(N_FEATURES)
    for wrong in ("", " ", "two\nlines"):
        with pytest.raises(SeparatorError, match="labels that are one line of text"):
            separator.learn_one(x, wrong)
    for wrong in ((), ("joy", "anger")):
        with pytest.raises(SeparatorError, match="exactly one label an utterance"):
            separator.learn_one(x, wrong)
    with pytest.raises(SeparatorError, match="expected 2 labels, one an utterance; found 1"):
        separator.learn_many(np.ones((2, N_FEATURES)), ["joy"])
    assert separator.labels == LABELS


@every_kind
def test_no_utterances_change_nothing(kind):
    separator = learned(kind)
    before = separator.to_arrays()
    separator.learn_many(np.empty((0, N_FEATURES)), [])
    assert separator.predict_proba_many(np.empty((0, N_FEATURES))).shape == (0, 3)
    for name, array in separator.to_arrays().items():
        np.testing.assert_array_equal(array, before[name])


@every_kind
@pytest.mark.parametrize("prior", [1, 20])
def test_a_limited_prior_lets_new_labels_weigh_more(kind, prior):
    limited, unlimited = learned(kind, n=600), learned(kind, n=600)
    limited.limit_prior(prior)
    x, y = stream(100, seed=1)
    agreement = limited.predict_proba_many(x).argmax(axis=1) == unlimited.predict_proba_many(x).argmax(axis=1)
    assert agreement.mean() > 0.95
    swap = {"anger": "joy", "joy": "anger", "neutral": "neutral"}
    swapped = [swap[label] for label in y]
    for separator in (limited, unlimited):
        for row, label in zip(x, swapped, strict=True):
            separator.learn_one(row, label)
    right = [
        np.mean([separator.predict_one(row) == label for row, label in zip(x, swapped, strict=True)])
        for separator in (limited, unlimited)
    ]
    assert right[0] >= right[1]
    assert kind in ("softmax", "hidden", "ensemble") or right[0] > right[1]


@pytest.mark.parametrize("n_features", [0, -1])
@every_kind
def test_wrong_constructor_arguments_are_refused(kind, n_features):
    with pytest.raises(SeparatorError, match="at least one feature"):
        SEPARATORS[kind](LABELS, n_features)
    with pytest.raises(SeparatorError, match="different labels"):
        SEPARATORS[kind](("joy", "joy"), 3)
    with pytest.raises(SeparatorError, match="activation softmax or sigmoid; found 'tanh'"):
        SEPARATORS[kind](LABELS, 3, activation="tanh")


def test_an_unknown_kind_is_refused_with_the_names_there_are():
    with pytest.raises(SeparatorError, match="one of ensemble, softmax, hidden, prototypes, elm, oselm; found 'svm'"):
        separator_named("svm")


@every_kind
@settings(max_examples=25, deadline=None)
@given(
    x=numpy_arrays(np.float32, (12, 4), elements=st.floats(allow_nan=False, allow_infinity=False, width=32)),
    labels=st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=12, max_size=12),
)
def test_any_finite_features_give_probabilities(kind, x, labels):
    separator = SEPARATORS[kind](("a",), 4)
    separator.learn_many(x[:6], labels[:6])
    for row, label in zip(x[6:], labels[6:], strict=True):
        separator.learn_one(row, label)
    probabilities = separator.predict_proba_many(x)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
