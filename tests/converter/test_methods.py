"""Every part that training can put between backbone and probabilities becomes a file of built-in operators."""

from pathlib import Path

import numpy as np
import pytest

from converter.build import BuildOptions, build
from mobile_app.engine.batch import pad
from mobile_app.engine.bundle import Bundle
from training.checkpoint import load_run
from training.config import FitConfig
from training.evaluate import predict
from training.fit import fit

TEXTS = ("we won", "how dare you", "great cake again!", "so so so so so so so happy today")


@pytest.fixture(scope="module")
def leaky_run(tmp_path_factory: pytest.TempPathFactory, tiny_csv: Path) -> Path:
    """The hidden layer of 1024 Leaky ReLU units, with a sigmoid task made of the emotions."""
    folder = tmp_path_factory.mktemp("leaky")
    rows = [line.split(",") for line in tiny_csv.read_text(encoding="utf-8").splitlines()]
    lines = []
    for row in rows[1:]:
        text, emotion, split = row[3], row[4], row[6]
        labels = [emotion] + (["excited"] if "!" in text else [])
        lines.append(f'{{"text": "{text}", "labels": {{"moods": {labels}}}, "split": "{split}"}}'.replace("'", '"'))
    (folder / "moods.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = FitConfig(
        data=str(folder / "moods.jsonl"), epochs=1, batch_size=12, learning_rate=1e-3, max_length=16, branch="leaky"
    )
    fit(config, folder / "run", baselines=False)
    return folder / "run"


@pytest.mark.parametrize("which", ["prototypical_run", "leaky_run"])
def test_fp32_equals_keras_without_flex_operators(which, request, tmp_path):
    path = request.getfixturevalue(which)
    build(path, tmp_path / "bundle", BuildOptions(recipes=("fp32", "dynamic_wi8_afp32"), lengths=(16,)))
    bundle, run = Bundle.open(tmp_path / "bundle"), load_run(path)
    interpreter, keras = bundle.open_recipe("fp32"), predict(run, TEXTS)
    for row, text in enumerate(TEXTS):
        ids, mask = pad([run.tokenizer.encode(text)], 16, run.tokenizer.pad_id)
        built = interpreter.run("encode_16", {"input_ids": ids, "attention_mask": mask})
        np.testing.assert_allclose(built["features"][0], keras.features[row], atol=1e-4)
        for task in run.tasks:
            np.testing.assert_allclose(built[task.name][0], keras.probabilities[task.name][row], atol=1e-4)
    for recipe in bundle.manifest.recipes.values():
        assert not recipe.census["flex_ops"]
    if which == "leaky_run":
        assert run.tasks[0].is_multi_label
        assert run.model.branches["moods"].kernel.shape == (128, 1024)
