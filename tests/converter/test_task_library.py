"""Single-task files: what they hold, that the two programs people use open them, and that they agree with ours."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.readers.environments import MEDIAPIPE, READERS, TASK_LIBRARY, Reader, UnavailableError
from converter import flatbuffer
from converter.census import census
from converter.metadata_file import read_files
from converter.task_library import RECIPES, probabilities, write_task_library
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.wordpiece import WordPiece, truncate
from training.checkpoint import Run, load_run
from training.datasets import load

LENGTH = 32
OPTIONS = {"length": LENGTH, "version": "1", "licence": "CC0-1.0", "attribution": "", "overwrite": False}
ODD = ("", "Qué sorpresa! CAFÉ naïve", "“quotes” – and…\u00a0dashes", "今日は", "tabs\tand\u200b blanks", "no " * 60)


@pytest.fixture(scope="module")
def run(tiny_run: Path) -> Run:
    return load_run(tiny_run)


@pytest.fixture(scope="module")
def files(run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("task-library") / "out"
    paths = write_task_library(run, "emotion", out, **OPTIONS)
    return {path.name.split(".")[1]: path for path in paths}


def test_there_is_one_file_per_recipe_and_each_is_what_it_says(files: dict[str, Path]) -> None:
    assert set(files) == set(RECIPES)
    dtypes = {name: census(path.read_bytes())["weight_bytes"] for name, path in files.items()}
    assert {name: max(found, key=found.__getitem__) for name, found in dtypes.items()} == {
        "fp32": "float32",
        "fp16": "float16",
        "weight_only_wi8_afp32": "int8",
    }


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_file_has_the_border_that_these_readers_demand(files: dict[str, Path], recipe: str) -> None:
    content = files[recipe].read_bytes()
    tree = flatbuffer.read(content)
    (subgraph,) = tree.subgraphs
    shapes = [subgraph.tensors[index].shape.tolist() for index in [*subgraph.inputs, *subgraph.outputs]]
    assert shapes == [[1, LENGTH]] * 3 + [[1, 3]]
    assert read_files(content)["labels.txt"] == b"anger\njoy\nneutral\n"
    assert read_files(content)["vocab.txt"].startswith(b"[PAD]\n")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
@pytest.mark.parametrize("recipe", RECIPES)
def test_another_reader_says_what_we_say(run: Run, files: dict[str, Path], recipe: str, reader: Reader) -> None:
    tokenizer, task = run.tokenizer, run.tasks[0]
    assert isinstance(tokenizer, WordPiece)
    texts = [utterance.text for utterance in load("sample").split("test")][: 200 - len(ODD)] + list(ODD)
    assert len(texts) == 200
    ours = probabilities(files[recipe], [truncate(tokenizer.encode(text), LENGTH, 3) for text in texts], LENGTH)
    try:
        answers = reader.classify(files[recipe], [" ".join(tokenizer.words(text)) for text in texts])
    except UnavailableError as error:
        pytest.skip(str(error))
    theirs = np.array([[answer[label] for label in task.labels] for answer in answers])
    np.testing.assert_allclose(theirs, ours, atol=1e-4)
    assert (theirs.argmax(1) == ours.argmax(1)).all()


@pytest.mark.parametrize("reader", [TASK_LIBRARY, MEDIAPIPE], ids=lambda reader: reader.name)
def test_a_bundle_file_is_no_single_task_file(tiny_bundle: Path, reader: Reader) -> None:
    """The other way round: were this to work, nobody would need a file of its own."""
    try:
        with pytest.raises(RuntimeError, match=reader.name):
            reader.classify(tiny_bundle / "model.fp32.tflite", ["hello"])
    except UnavailableError as error:
        pytest.skip(str(error))


def test_an_unknown_task_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UndertoneError, match=r"a task of this run \(emotion, sentiment\); found 'mood'"):
        write_task_library(run, "mood", tmp_path / "out", **OPTIONS)


@pytest.mark.parametrize(
    "changed",
    [
        lambda run: replace(run, tokenizer_spec=replace(run.tokenizer_spec, lowercase=False)),
        lambda run: replace(run, tokenizer=WordPiece(["[UNK]", "[PAD]", "[CLS]", "[SEP]", "a"])),
    ],
    ids=["cased", "padding is not 0"],
)
def test_a_tokenizer_that_these_readers_do_not_have_is_refused(run: Run, tmp_path: Path, changed) -> None:
    with pytest.raises(UndertoneError, match=r"an uncased WordPiece tokenizer with \[PAD\] as id 0"):
        write_task_library(changed(run), "emotion", tmp_path / "out", **OPTIONS)
    assert list(tmp_path.iterdir()) == []


def test_a_label_that_readers_would_cut_is_refused(run: Run, tmp_path: Path) -> None:
    task = replace(run.tasks[0], labels=("joy", "anger ", "neutral"))
    with pytest.raises(UndertoneError, match="that fit a line each"):
        write_task_library(replace(run, tasks=(task,)), "emotion", tmp_path / "out", **OPTIONS)


def test_an_unreachable_index_is_told_apart_from_a_reader_that_fails(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    nowhere = replace(TASK_LIBRARY, packages=("undertone-no-such-package==0",))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(UnavailableError, match="cannot be installed from the package index"):
        nowhere.classify(tmp_path / "model.tflite", ["hello"])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    shutil.rmtree(tmp_path / "undertone")
