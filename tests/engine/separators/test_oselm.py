import numpy as np
import pytest

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators import ElmSeparator, OsElmSeparator
from mobile_app.engine.separators.hidden_layer import HiddenLayer

LABELS = ("a", "b", "c")


def stream(n, d=10, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, d))
    return x, [LABELS[index] for index in (x[:, :3] + random.normal(size=(n, 3))).argmax(axis=1)]


def ridge(separator, x, y, weights=None):
    """Solve at once the regression that the recursion must equal."""
    hidden = HiddenLayer(x.shape[1], separator.n_hidden, separator.seed)(x)
    targets = np.array([[label == name for name in separator.labels] for label in y], dtype=np.float64)
    weights = np.ones(len(x)) if weights is None else weights
    first = separator.forgetting_factor ** len(x) if isinstance(separator, OsElmSeparator) else 1.0
    gram = first * separator.ridge * np.eye(hidden.shape[1]) + (hidden * weights[:, None]).T @ hidden
    return np.linalg.solve(gram, (hidden * weights[:, None]).T @ targets)


@pytest.mark.parametrize("penalty", [1e-2, 1.0])
def test_one_by_one_equals_batch_ridge_after_2000_updates(penalty):
    x, y = stream(2000)
    separator = OsElmSeparator(LABELS, 10, n_hidden=64, ridge=penalty)
    for row, label in zip(x, y, strict=True):
        separator.learn_one(row, label)
    np.testing.assert_allclose(separator.to_arrays()["output"], ridge(separator, x, y), atol=1e-8, rtol=0)


def test_chunks_equal_one_by_one():
    x, y = stream(500)
    one_by_one, chunked = (OsElmSeparator(LABELS, 10, n_hidden=32, forgetting_factor=0.999) for _ in range(2))
    for row, label in zip(x, y, strict=True):
        one_by_one.learn_one(row, label)
    chunked.learn_many(x, y)
    for name, array in one_by_one.to_arrays().items():
        if array.dtype.kind == "f":
            np.testing.assert_allclose(chunked.to_arrays()[name], array, atol=1e-9)


def test_forgetting_equals_ridge_weighted_by_age():
    x, y = stream(400)
    separator = OsElmSeparator(LABELS, 10, n_hidden=32, forgetting_factor=0.99)
    separator.learn_many(x, y)
    ages = 0.99 ** np.arange(len(x) - 1, -1, -1.0)
    np.testing.assert_allclose(separator.to_arrays()["output"], ridge(separator, x, y, ages), atol=1e-7)


@pytest.mark.parametrize("forgetting", [1.0, 0.99])
def test_stays_finite_and_symmetric_over_100000_updates(forgetting):
    x, y = stream(100_000, d=4)
    x[:, 3] = 0.0  # a direction that is hardly excited
    separator = OsElmSeparator(LABELS, 4, n_hidden=12, forgetting_factor=forgetting)
    for row, label in zip(x, y, strict=True):
        separator.learn_one(row, label)
    p = separator._p
    np.testing.assert_array_equal(p, p.T)
    assert np.isfinite(p).all() and np.trace(p) <= len(p) + 1e-9
    assert np.linalg.eigvalsh(p).min() > 0.0
    if forgetting == 1.0:
        np.testing.assert_allclose(separator.to_arrays()["output"], ridge(separator, x, y), atol=1e-6)


def test_a_label_that_comes_late_has_the_weights_of_ridge_over_everything():
    x, y = stream(200)
    y[150:] = ["late"] * 50
    for separator in (OsElmSeparator((), 10, n_hidden=16), ElmSeparator((), 10, n_hidden=16)):
        for row, label in zip(x, y, strict=True):
            separator.learn_one(row, label)
        hidden = HiddenLayer(10, 16, 0)(x[:5])
        np.testing.assert_allclose(separator._regress(hidden), hidden @ ridge(separator, x, y), atol=1e-9)


def test_both_machines_agree():
    x, y = stream(300)
    online, closed = OsElmSeparator(LABELS, 10, seed=3), ElmSeparator(LABELS, 10, seed=3)
    online.learn_many(x, y)
    closed.learn_many(x, y)
    np.testing.assert_allclose(online.predict_proba_many(x), closed.predict_proba_many(x), atol=1e-6)
    online.limit_prior(20)
    closed.limit_prior(20)
    more, labels = stream(100, seed=1)
    online.learn_many(more, labels)
    closed.learn_many(more, labels)
    np.testing.assert_allclose(online.predict_proba_many(x), closed.predict_proba_many(x), atol=1e-5)


def test_the_hidden_layer_follows_from_the_seed():
    x = np.random.default_rng(0).normal(size=(3, 5))
    np.testing.assert_array_equal(HiddenLayer(5, 7, 1)(x), HiddenLayer(5, 7, 1)(x))
    assert not np.allclose(HiddenLayer(5, 7, 1)(x), HiddenLayer(5, 7, 2)(x))
    np.testing.assert_allclose(HiddenLayer(5, 7, 1)(x), HiddenLayer(5, 7, 1)(1000.0 * x), atol=1e-12)


def test_the_hidden_layer_is_the_same_with_every_numpy():
    # Bundles are made on a desktop and used on phones: the weights must not depend on numpy's distributions.
    np.testing.assert_allclose(
        HiddenLayer(2, 2, 7)._bias, [-0.39966743017754913, 0.7471068907925238], rtol=0, atol=1e-15
    )


@pytest.mark.parametrize("factor", [0.0, 1.1, -1.0, float("nan")])
def test_a_forgetting_factor_out_of_range_is_refused(factor):
    with pytest.raises(SeparatorError, match="forgetting factor above 0, at most 1"):
        OsElmSeparator(LABELS, 3, forgetting_factor=factor)


@pytest.mark.parametrize("wrong", [{"n_hidden": 0}, {"ridge": 0.0}])
def test_a_layer_without_units_or_a_regression_without_ridge_is_refused(wrong):
    with pytest.raises(SeparatorError, match="at least one hidden unit and a ridge above 0"):
        OsElmSeparator(LABELS, 3, **wrong)
