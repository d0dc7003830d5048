from contextlib import closing

import numpy as np
import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import UndertoneError


@pytest.fixture(scope="module")
def bundle(bundle_path):
    return Bundle.open(bundle_path)


@pytest.fixture(scope="module")
def encoder(bundle):
    with closing(Encoder(bundle)) as encoder:
        yield encoder


@pytest.mark.parametrize(
    ("words", "n_tokens", "bucket", "truncated"),
    [
        (0, 2, 8, False),
        (6, 8, 8, False),
        (7, 9, 16, False),
        (14, 16, 16, False),
        (15, 16, 16, True),
        (90, 16, 16, True),
    ],
)
def test_the_smallest_bucket_that_holds_the_tokens_is_used(encoder, words, n_tokens, bucket, truncated):
    encoding = encoder.encode(" ".join(["happy"] * words))
    assert (encoding.n_tokens, encoding.length_bucket, encoding.truncated) == (n_tokens, bucket, truncated)


def test_features_do_not_depend_on_the_bucket(bundle, encoder):
    with closing(Encoder(bundle, lengths=(16,))) as fixed:
        short, long = encoder.encode("I am happy."), fixed.encode("I am happy.")
    assert (short.length_bucket, long.length_bucket) == (8, 16)
    np.testing.assert_allclose(short.features, long.features, atol=1e-6)


def test_an_encoding_has_features_and_probabilities_of_every_task(encoder):
    encoding = encoder.encode("You are sad!")
    assert encoding.text == "You are sad!"
    assert encoding.features.shape == (6,) and encoding.features.dtype == np.float32
    assert encoding.probabilities["emotion"].sum() == pytest.approx(1, abs=1e-5)
    assert encoding.probabilities["topics"].shape == (2,)


def test_truncation_keeps_the_beginning(encoder):
    kept = encoder.encode(" ".join(["happy"] * 14))
    cut = encoder.encode(" ".join(["happy"] * 14 + ["sad"] * 9))
    np.testing.assert_array_equal(kept.features, cut.features)


@pytest.mark.parametrize(("lengths", "found"), [((8, 9), "8, 9"), ((), "none")])
def test_lengths_that_the_bundle_has_not_are_refused(bundle, lengths, found):
    with pytest.raises(UndertoneError, match=rf"lengths of this bundle \(8, 16\); found {found}"):
        Encoder(bundle, lengths=lengths)


def test_a_remembered_utterance_is_not_run_again(bundle, encoder):
    with closing(Encoder(bundle, remembered=2)) as remembering:
        first = remembering.encode("I am happy.")
        assert remembering.encode("I am happy.") is first
        np.testing.assert_array_equal(first.features, encoder.encode("I am happy.").features)
        with pytest.raises(ValueError, match="read-only"):
            first.features[0] = 1
        for text in ("You are sad!", "happy"):
            remembering.encode(text)
        assert remembering.encode("I am happy.") is not first, "two are kept, and this was the third from last"


def test_without_being_asked_nothing_is_remembered(encoder):
    assert encoder.encode("I am happy.") is not encoder.encode("I am happy.")


def test_an_utterance_does_not_see_the_one_before_it(bundle, encoder):
    fresh = {}
    for text in ("happy", "I am sad and happy.", "You!"):
        with closing(Encoder(bundle)) as alone:
            fresh[text] = alone.encode(text).features
    for text in ("I am sad and happy.", "happy", "You!", "I am sad and happy.", "You!"):
        np.testing.assert_array_equal(encoder.encode(text).features, fresh[text])
