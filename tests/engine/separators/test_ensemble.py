import numpy as np
import pytest

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators import EnsembleSeparator, SoftmaxSeparator
from tests.engine.separators.test_contract import LABELS, N_FEATURES, stream

RATES = (0.0, 0.5)


def over_a_base(**settings):
    return EnsembleSeparator.over(SoftmaxSeparator.fit(*stream(200)), **({"rates": RATES, "share": 0.01} | settings))


def test_it_starts_with_what_the_base_says():
    x, _ = stream(20, seed=1)
    base = SoftmaxSeparator.fit(*stream(200))
    np.testing.assert_allclose(
        EnsembleSeparator.over(base).predict_proba_many(x), base.predict_proba_many(x), atol=1e-6
    )


def test_each_expert_learns_as_a_softmax_separator_of_its_rate():
    x, y = stream(50, seed=1)
    ensemble, alone = over_a_base(rates=(0.3,)), SoftmaxSeparator.fit(*stream(200), learning_rate=0.3)
    for row, label in zip(x, y, strict=True):
        ensemble.learn_one(row, label)
        alone.learn_one(row, label)
    np.testing.assert_allclose(ensemble.predict_proba_many(x), alone.predict_proba_many(x), atol=1e-5)


def test_trust_is_that_of_the_rule_of_bayes():
    ensemble, x, y = over_a_base(share=0.0), *stream(20, seed=1)
    experts = [over_a_base(rates=(rate,)) for rate in RATES]
    chances = np.ones(2)
    for row, label in zip(x, y, strict=True):
        place = ensemble.labels.index(label)
        chances *= [expert.predict_proba_one(row)[place] for expert in experts]
        for separator in (ensemble, *experts):
            separator.learn_one(row, label)
    np.testing.assert_allclose(ensemble.trust, chances / chances.sum(), rtol=1e-3)


def test_the_base_is_trusted_by_one_whom_it_fits_and_given_up_by_one_who_differs():
    x, y = stream(100, seed=1)
    agrees, differs = over_a_base(), over_a_base()
    swap = {"anger": "joy", "joy": "anger", "neutral": "neutral"}
    agrees.learn_many(x, y)
    differs.learn_many(x, [swap[label] for label in y])
    assert agrees.trust[0] > 0.2 > 0.02 > differs.trust[0]
    assert np.isclose(differs.trust.sum(), 1.0)
    differs.learn_many(x.repeat(3, axis=0), np.repeat(y, 3).tolist())
    assert differs.trust[0] > 0.1  # whoever was wrong for long can come back


def test_settings_that_mean_nothing_are_refused():
    for settings in ({"rates": ()}, {"rates": (-0.1,)}, {"share": 1.0}):
        with pytest.raises(SeparatorError, match="rates of at least 0 and a share below 1"):
            EnsembleSeparator(LABELS, N_FEATURES, **settings)
