"""The static recipe on the architecture that int8 is known to ruin; random weights, small configuration."""

from pathlib import Path

import numpy as np
import pytest

from converter.anatomy import anatomy
from converter.calibration import Calibration
from converter.convert import convert
from converter.mixed import features
from converter.recipes import RecipeMaker
from converter.trace import save_traced
from mobile_app.engine.recipe import recipe_named
from mobile_app.engine.task import Task

LENGTHS = (16,)


def test_mobilebert_keeps_its_features_on_int8(tmp_path: Path) -> None:
    from training.backbone import from_config
    from training.model import MultitaskModel
    from training.tensorflow import tf, transformers

    tf.keras.utils.set_random_seed(1)
    tasks = (Task("emotion", ("joy", "anger"), "softmax"),)
    config = transformers.MobileBertConfig(
        vocab_size=200, hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        intra_bottleneck_size=32, true_hidden_size=32, embedding_size=32, num_feedforward_networks=2,
    )  # fmt: skip
    signatures = save_traced(MultitaskModel(from_config(config), tasks), tasks, LENGTHS, tmp_path)
    converted = convert(tmp_path, signatures, recipe_named("fp32"))
    random = np.random.default_rng(0)
    batch = tuple(tuple(random.integers(4, 200, n).tolist()) for n in (4, 6, 9, 12, 16, 16, 3, 8, 10, 14))
    maker = RecipeMaker(converted, LENGTHS, 0, calibration=Calibration(batch[:6], {}))
    built = maker.make(recipe_named("static_wi8_ai8"))
    assert anatomy(built).integer_share > 0.8  # with the ReLU inside its dense layers
    wanted, found = (features(content, batch[6:], LENGTHS, 0) for content in (maker.exact, built))
    norms = np.linalg.norm(wanted, axis=1) * np.linalg.norm(found, axis=1)
    assert ((wanted * found).sum(1) / norms).mean() == pytest.approx(1, abs=0.02)
