"""The context model in a bundle: files, proof, golden conversation, and the engine that holds it."""

import json
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from converter.build import BuildOptions, build
from converter.census import census
from converter.check import check
from converter.context import open_fitting, random_windows, write_context
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.context import Conversation
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import BundleError, UndertoneError
from mobile_app.engine.manifest import Manifest
from mobile_app.packaging.bundle_subset import write_subset
from tests.commands.helpers import assert_refused, mobile_app
from tests.engine.helpers import rehash
from training.checkpoint import load_run
from training.context.batches import ContextExamples
from training.context.checkpoint import load_context_run
from training.context.config import LAYOUTS, ContextConfig
from training.context.fitting import fit_context
from training.context.predicting import predict_examples
from training.datasets import load
from training.evaluate import predict


@pytest.fixture(scope="module")
def context_run(tiny_run: Path, dialogues_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("context") / "run"
    config = ContextConfig(
        run=str(tiny_run), data=str(dialogues_csv), causal=True, layout="opinions", window=4, units=8, speakers=True,
        epochs=3, batch_size=16, learning_rate=1e-2, max_length=16,
    )  # fmt: skip
    fit_context(config, path, twin=False, baselines=False)
    return path


@pytest.fixture(scope="module")
def context_bundle(tiny_run: Path, context_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundles") / "context"
    recipes = ("fp32", "dynamic_wi8_afp32")
    build(tiny_run, path, BuildOptions(recipes=recipes, lengths=(8, 16), context=context_run))
    return path


def held(bundle: Bundle, turns: list[tuple[str | None, str]], recipe: str = "fp32") -> np.ndarray:
    with closing(Encoder(bundle, recipe)) as encoder, closing(Conversation(bundle, recipe)) as conversation:
        return np.stack([conversation.add(encoder.encode(text).features, who)["emotion"] for who, text in turns])


def test_the_engine_says_what_keras_says(
    context_bundle: Path, context_run: Path, tiny_run: Path, dialogues_csv: Path
) -> None:
    context, run = load_context_run(context_run), load_run(tiny_run)
    said = load(str(dialogues_csv)).split("test")
    vectors = predict(run, [one.text for one in said]).features
    examples = ContextExamples.of(said, vectors, context.tasks, context.config)
    keras = predict_examples(context.model, context.tasks, examples).probabilities["emotion"]
    bundle = Bundle.open(context_bundle)
    for dialogue in list(dict.fromkeys(one.dialogue for one in said))[:3]:
        rows = [row for row, one in enumerate(said) if one.dialogue == dialogue]
        found = held(bundle, [(said[row].speaker, said[row].text) for row in rows])
        np.testing.assert_allclose(found, keras[rows], atol=1e-4)


def test_a_cleared_conversation_begins_anew_and_speakers_count(context_bundle: Path) -> None:
    bundle = Bundle.open(context_bundle)
    with closing(Encoder(bundle, "fp32")) as encoder, closing(Conversation(bundle, "fp32")) as conversation:
        happy, blank = encoder.encode("we won").features, encoder.encode("well okay").features
        first = conversation.add(blank, "Ada")["emotion"]
        conversation.add(happy, "Ada")
        same = conversation.add(blank, "Ada")["emotion"]
        conversation.clear()
        assert np.array_equal(conversation.add(blank, "Ada")["emotion"], first)
        conversation.add(happy, "Ada")
        other = conversation.add(blank, "Ben")["emotion"]
        assert not np.allclose(first, same) and not np.allclose(same, other)
        with pytest.raises(UndertoneError, match="features of shape"):
            conversation.add(happy[:-1])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_converts_with_builtin_operators_alone(context_run: Path, layout: str, tmp_path: Path) -> None:
    from training.context.model import ContextModel

    context = load_context_run(context_run)
    config = replace(context.config, layout=layout, width=16, units=8)
    model = ContextModel(config, context.tasks, context.model.dimension)
    noise = np.random.default_rng(3)
    for variable in model.weights:
        variable.assign(variable.numpy() + 0.1 * noise.standard_normal(variable.shape))
    entry = write_context(replace(context, model=model, config=config), ("fp32",), tmp_path)
    assert entry.recipes["fp32"].metrics["against_keras"]["max_difference"] <= 1e-4
    found = census((tmp_path / "context.fp32.tflite").read_bytes())
    assert found["flex_ops"] == [] and found["dynamic_tensors"] == 0


def test_windows_of_the_proof_have_every_number_of_turns(context_run: Path) -> None:
    masks = {tuple(window["mask"][0]) for window in random_windows(load_context_run(context_run))}
    assert masks == {(0, 0, 0, 1), (0, 0, 1, 1), (0, 1, 1, 1), (1, 1, 1, 1)}


def test_check_holds_the_golden_conversation(context_bundle: Path, tmp_path: Path) -> None:
    findings = check(context_bundle)
    assert [finding.text for finding in findings if not finding.passed] == []
    assert sum("conversation of 11 turns" in finding.text for finding in findings) == 2
    wrong = tmp_path / "wrong"
    shutil.copytree(context_bundle, wrong)
    name = "golden.context.json"
    values = json.loads((wrong / name).read_text())
    values["recipes"]["fp32"]["probabilities"]["emotion"][4] = [1.0, 0.0, 0.0]
    (wrong / name).write_text(json.dumps(values))
    rehash(wrong, name)
    assert any(not finding.passed and "conversation" in finding.text for finding in check(wrong))


def test_a_subset_keeps_the_context_model(context_bundle: Path, tmp_path: Path) -> None:
    subset = write_subset(Bundle.open(context_bundle), ["dynamic_wi8_afp32"], tmp_path / "subset")
    turns = [("Ada", "we won"), ("Ben", "well okay")]
    whole = held(Bundle.open(context_bundle), turns, "dynamic_wi8_afp32")
    assert np.array_equal(held(subset, turns, "dynamic_wi8_afp32"), whole)


def test_old_bundles_have_no_context_and_say_so(tiny_bundle: Path) -> None:
    bundle = Bundle.open(tiny_bundle)
    assert "context" not in json.loads(bundle.manifest.to_json())
    with pytest.raises(BundleError, match="build the bundle with --context"):
        Conversation(bundle)


def test_a_manifest_without_the_file_of_its_context_is_refused(context_bundle: Path) -> None:
    values = json.loads((context_bundle / "manifest.json").read_text())
    del values["files"]["context.fp32.tflite"]
    with pytest.raises(BundleError, match="context model's file of recipe fp32"):
        Manifest.from_json(json.dumps(values))


def test_models_that_a_phone_cannot_feed_are_refused(context_run: Path, tiny_run: Path, tmp_path: Path) -> None:
    run = load_run(tiny_run)
    for changes, words in (
        ({"causal": False, "layout": "cnn-lstm"}, "causal context run"),
        ({"vectors": "cls4"}, "--vectors features"),
        ({}, "those of another model"),
    ):
        path = tmp_path / "changed"
        shutil.copytree(context_run, path)
        values = json.loads((path / "config.json").read_text())
        values["context"] |= changes
        values["vectors_sha256"] = "0" * 64
        (path / "config.json").write_text(json.dumps(values))
        if "causal" in changes:  # other layout, other weights
            (path / "weights.safetensors").write_bytes(_fresh_weights(values))
        with pytest.raises(UndertoneError, match=words):
            open_fitting(run, path)
        shutil.rmtree(path)


def test_the_front_door_predicts_a_conversation(context_bundle: Path, tiny_bundle: Path) -> None:
    lines = 'Ada: we won\n{"speaker": "Ben", "text": "well okay"}\n\nBen: well okay\n'
    options = ("predict", "--conversation", "--recipe", "fp32", "--json", "--bundle")
    done = mobile_app(*options, context_bundle, stdin=lines)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    turns = [("Ada", "we won"), ("Ben", "well okay")]
    assert [(row["speaker"], row["text"]) for row in rows] == [*turns, turns[1]]
    expected = held(Bundle.open(context_bundle), turns)
    found = [list(row["tasks"]["emotion"]["probabilities"].values()) for row in rows]
    np.testing.assert_allclose(found[:2], expected, atol=1e-6)
    assert not np.allclose(found[1], found[2])
    assert_refused(mobile_app(*options, tiny_bundle, stdin=lines), "a context model", "--context")
    assert_refused(mobile_app(*options, context_bundle, stdin='{"text": 3}\n'), "line 1")


def _fresh_weights(values: dict) -> bytes:
    import safetensors.numpy

    from mobile_app.engine.task import Task
    from training.context.model import ContextModel

    tasks = [Task.from_dict(task) for task in values["tasks"]]
    model = ContextModel(ContextConfig.from_dict(values["context"]), tasks, values["dimension"])
    return safetensors.numpy.save({name: one.numpy() for name, one in model.named_weights().items()})
