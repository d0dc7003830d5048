import copy

import numpy as np
import pytest

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators import SEPARATORS
from mobile_app.engine.separators.pca import PcaSeparator, principal_components
from tests.engine.separators.test_contract import LABELS, N_FEATURES, every_kind, saved_and_loaded, stream


def in_front_of(kind, n=4):
    mean, components = principal_components(stream(200)[0], n)
    return PcaSeparator(SEPARATORS[kind](LABELS, n), mean, components)


def test_components_are_those_of_scikit_learn():
    from sklearn.decomposition import PCA

    x, _ = stream(200)
    mean, components = principal_components(x, 4)
    expected = PCA(4, svd_solver="full").fit(x)
    np.testing.assert_allclose(mean, expected.mean_, atol=1e-5)
    np.testing.assert_allclose(np.abs(components @ expected.components_.T), np.eye(4), atol=1e-4)


@every_kind
def test_any_separator_learns_behind_it(kind):
    separator = in_front_of(kind)
    separator.learn_many(*stream(400))
    x, y = stream(200, seed=1)
    before = x.copy()
    right = np.mean([separator.predict_one(row) == label for row, label in zip(x, y, strict=True)])
    assert right > 0.8
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(separator.predict_proba_many(x).sum(axis=1), 1.0, atol=1e-5)


@every_kind
def test_a_saved_one_learns_on_as_the_original_and_a_copy_is_a_snapshot(kind):
    original = in_front_of(kind)
    original.learn_many(*stream(60))
    loaded, snapshot = saved_and_loaded(original), copy.copy(original)
    x, y = stream(30, seed=1)
    before = snapshot.predict_proba_many(x)
    for separator in (original, loaded):
        separator.learn_one(x[0], "boredom")
        separator.learn_many(x, y)
    np.testing.assert_array_equal(loaded.predict_proba_many(x), original.predict_proba_many(x))
    np.testing.assert_array_equal(snapshot.predict_proba_many(x), before)
    assert loaded.labels == (*LABELS, "boredom") and loaded.n_seen == 91


def test_what_does_not_fit_is_refused():
    mean, components = principal_components(stream(60)[0], 3)
    with pytest.raises(SeparatorError, match=r"components of shape \[4, 6\]; found \[3, 6\]"):
        PcaSeparator(SEPARATORS["softmax"](LABELS, 4), mean, components)
    with pytest.raises(SeparatorError, match="1 to 6 components; found 7"):
        principal_components(stream(60)[0], 7)
    with pytest.raises(SeparatorError, match="6 features an utterance"):
        in_front_of("softmax").learn_one(np.ones(N_FEATURES - 1), "joy")
    with pytest.raises(SeparatorError, match="array 'components' of a saved pca"):
        arrays = in_front_of("softmax").to_arrays()
        PcaSeparator.from_arrays({name: array for name, array in arrays.items() if name != "components"})
