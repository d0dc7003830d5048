"""Metadata: what a .tflite file says about itself, and that adding it changes nothing else."""

from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from converter import flatbuffer
from converter.census import census
from converter.metadata_file import add_metadata, read_files, read_metadata
from converter.metadata_schema import (
    AXIS_LABELS,
    AssociatedFile,
    ModelDescription,
    SubgraphDescription,
    TensorDescription,
)
from mobile_app.engine.errors import CheckFailedError
from mobile_app.engine.interpreter import open_interpreter

DESCRIPTION = ModelDescription(
    "a model",
    "für Gefühle",
    "1.2",
    "someone",
    "CC0-1.0",
    (
        SubgraphDescription(
            "main",
            "all of it",
            (TensorDescription("ids", "token ids"),),
            (TensorDescription("mood", "", (AssociatedFile("labels.txt", "", AXIS_LABELS),)),),
        ),
    ),
)


@pytest.mark.parametrize("recipe", ["fp32", "fp16", "dynamic_wi8_afp32"])
def test_every_file_of_a_bundle_describes_itself(tiny_bundle: Path, recipe: str) -> None:
    content = (tiny_bundle / f"model.{recipe}.tflite").read_bytes()
    described = read_metadata(content)
    assert described is not None
    assert described[4:8] == b"M001"
    for text in (b"encode_8", b"attention_mask", b"labels.emotion.txt", b"Probability of each label", b"CC0-1.0"):
        assert text in described
    files = read_files(content)
    assert {name: data for name, data in files.items() if name != "vocab.txt"} == {
        "labels.emotion.txt": b"anger\njoy\nneutral\n",
        "labels.sentiment.txt": b"negative\nneutral\npositive\n",
    }
    assert files["vocab.txt"] == (tiny_bundle / "vocab.txt").read_bytes()


def test_the_order_of_the_descriptions_is_that_of_the_tensors(tiny_bundle: Path) -> None:
    """Readers pair them by position, and the converter orders tensors as it likes."""
    content = (tiny_bundle / "model.fp32.tflite").read_bytes()
    tree = flatbuffer.read(content)
    root = Described(read_metadata(content) or b"")
    described = root.parts(3)
    assert len(described) == len(tree.subgraphs) == 3
    for signature in tree.signatureDefs:
        place = signature.subgraphIndex
        names = {entry.tensorIndex: bytes(entry.name) for entry in [*signature.inputs, *signature.outputs]}
        assert described[place].text(0) == bytes(signature.signatureKey)
        for slot, border in ((2, tree.subgraphs[place].inputs), (3, tree.subgraphs[place].outputs)):
            assert [one.text(0) for one in described[place].parts(slot)] == [names[index] for index in border]


class Described:
    """A table of a flatbuffer, read by the numbers of its fields."""

    def __init__(self, content: bytes, place: int | None = None) -> None:
        place = flatbuffers.encode.Get(flatbuffers.packer.uoffset, content, 0) if place is None else place
        self.table = flatbuffers.table.Table(bytearray(content), place)

    def text(self, field: int) -> bytes:
        return bytes(self.table.String(self.table.Pos + self.table.Offset(4 + 2 * field)))

    def parts(self, field: int) -> list["Described"]:
        offset = self.table.Offset(4 + 2 * field)
        start = self.table.Vector(offset)
        places = [self.table.Indirect(start + 4 * number) for number in range(self.table.VectorLen(offset))]
        return [Described(bytes(self.table.Bytes), place) for place in places]


def test_metadata_change_neither_weights_nor_answers(tiny_bundle: Path, tmp_path: Path) -> None:
    source = tiny_bundle / "model.fp32.tflite"
    changed = tmp_path / "model.tflite"
    changed.write_bytes(add_metadata(source.read_bytes(), DESCRIPTION, {"labels.txt": b"a\nb\n"}))
    assert census(changed.read_bytes()) == census(source.read_bytes())
    assert read_files(changed.read_bytes()) == {"labels.txt": b"a\nb\n"}
    inputs = {"input_ids": np.array([[2, 5, 6, 7, 3, 0, 0, 0]], np.int32)}
    inputs["attention_mask"] = (inputs["input_ids"] > 0).astype(np.int32)
    before, after = (open_interpreter(path).run("encode_8", inputs) for path in (source, changed))
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_the_same_input_gives_the_same_bytes(tiny_bundle: Path) -> None:
    content = (tiny_bundle / "model.fp32.tflite").read_bytes()
    files = {"labels.txt": b"a\nb\n"}
    assert add_metadata(content, DESCRIPTION, files) == add_metadata(content, DESCRIPTION, files)


def test_weights_outside_the_flatbuffer_come_along(tiny_bundle: Path, tmp_path: Path) -> None:
    """ai-edge-quantizer writes them behind it; a writer that does not look there drops them without an error."""
    from ai_edge_quantizer import quantizer, recipe

    source = tiny_bundle / "model.fp32.tflite"
    maker = quantizer.Quantizer(str(source))
    maker.load_quantization_recipe(recipe.dynamic_wi8_afp32())
    content = bytes(maker.quantize().quantized_model)
    assert any(buffer.offset > 1 for buffer in flatbuffer.read(content).buffers), "the quantizer has changed its ways"
    changed = add_metadata(content, DESCRIPTION, {})
    assert census(changed) == census(content)
    (tmp_path / "before.tflite").write_bytes(content)
    (tmp_path / "after.tflite").write_bytes(changed)
    inputs = {"input_ids": np.array([[2, 5, 6, 7, 3, 0, 0, 0]], np.int32)}
    inputs["attention_mask"] = (inputs["input_ids"] > 0).astype(np.int32)
    before, after = (
        open_interpreter(tmp_path / f"{name}.tflite").run("encode_8", inputs) for name in ("before", "after")
    )
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_lost_weights_are_an_error(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(tree: object) -> bytes:
        tree.buffers = [schema.BufferT(data=b"x") for _ in tree.buffers]  # type: ignore[attr-defined]
        return written(tree)

    written = flatbuffer.write
    monkeypatch.setattr(flatbuffer, "write", forgetful)
    with pytest.raises(CheckFailedError, match="bytes of weights and other constants after adding metadata"):
        add_metadata((tiny_bundle / "model.fp32.tflite").read_bytes(), DESCRIPTION, {})


def test_a_file_without_metadata_has_none() -> None:
    builder_content = flatbuffer.write(_empty_model())
    assert read_metadata(builder_content) is None
    assert read_files(builder_content) == {}


def _empty_model() -> object:
    model = schema.ModelT(version=3)
    model.subgraphs, model.operatorCodes, model.buffers, model.signatureDefs = [], [], [schema.BufferT()], []
    return model
