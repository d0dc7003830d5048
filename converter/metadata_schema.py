"""The flatbuffer of TFLite metadata, as far as text models need it.

Field numbers and values are those of the public schema ``metadata_schema.fbs``, identifier M001. The package that
carries generated code for it links a USB library and wants a protobuf that TensorFlow refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import flatbuffers
from flatbuffers import number_types

IDENTIFIER = b"M001"
# The first parser that knows tokenizers and vocabularies.
MIN_PARSER_VERSION = "1.1.0"
AXIS_LABELS, VOCABULARY, OTHER_FILE = 2, 5, 0
_BERT_TOKENIZER_OPTIONS, _FEATURE_PROPERTIES = 4, 1


class _Part(Protocol):
    def pack(self, builder: Any) -> int: ...


_Value: TypeAlias = "str | _Part | tuple[_Part, ...]"


@dataclass(frozen=True)
class AssociatedFile:
    """A file packed behind the model.

    :param kind: ``AXIS_LABELS``, ``VOCABULARY`` or ``OTHER_FILE``.
    """

    name: str
    description: str
    kind: int

    def pack(self, builder: Any) -> int:
        """Write it and return its offset."""
        return _table(builder, 5, {0: self.name, 1: self.description}, bytes_={2: self.kind})


@dataclass(frozen=True)
class TensorDescription:
    """What a tensor at the model's border means."""

    name: str
    description: str
    files: tuple[AssociatedFile, ...] = ()

    def pack(self, builder: Any) -> int:
        """Write it and return its offset."""
        return _table(builder, 7, {0: self.name, 1: self.description, 3: _Content(), 6: self.files})


@dataclass(frozen=True)
class SubgraphDescription:
    """What a subgraph does, and its tensors in the subgraph's own order.

    :param vocabulary: of a BERT tokenizer that makes the inputs, if that is what makes them.
    """

    name: str
    description: str
    inputs: tuple[TensorDescription, ...]
    outputs: tuple[TensorDescription, ...]
    vocabulary: AssociatedFile | None = None

    def pack(self, builder: Any) -> int:
        """Write it and return its offset."""
        units = () if self.vocabulary is None else (_BertTokenizer(self.vocabulary),)
        return _table(builder, 10, {0: self.name, 1: self.description, 2: self.inputs, 3: self.outputs, 5: units})


@dataclass(frozen=True)
class ModelDescription:
    """What a file is."""

    name: str
    description: str
    version: str
    author: str
    licence: str
    subgraphs: tuple[SubgraphDescription, ...]
    files: tuple[AssociatedFile, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the content of the buffer TFLITE_METADATA."""
        builder = flatbuffers.Builder(1024)
        fields: dict[int, Any] = {
            0: self.name, 1: self.description, 2: self.version, 3: self.subgraphs, 4: self.author, 5: self.licence,
            6: self.files, 7: MIN_PARSER_VERSION,
        }  # fmt: skip
        builder.Finish(_table(builder, 8, fields), IDENTIFIER)
        return bytes(builder.Output())


@dataclass(frozen=True)
class _Content:
    """Says that a tensor holds plain features, not pictures or sound."""

    def pack(self, builder: Any) -> int:
        return _table(builder, 3, {1: _Empty()}, bytes_={0: _FEATURE_PROPERTIES})


@dataclass(frozen=True)
class _BertTokenizer:
    """A process unit: the inputs come from word pieces of this vocabulary."""

    vocabulary: AssociatedFile

    def pack(self, builder: Any) -> int:
        options = _Options((self.vocabulary,))
        return _table(builder, 2, {1: options}, bytes_={0: _BERT_TOKENIZER_OPTIONS})


@dataclass(frozen=True)
class _Options:
    vocabularies: tuple[AssociatedFile, ...]

    def pack(self, builder: Any) -> int:
        return _table(builder, 1, {0: self.vocabularies})


@dataclass(frozen=True)
class _Empty:
    def pack(self, builder: Any) -> int:
        return _table(builder, 0, {})


def _table(
    builder: Any,
    n_fields: int,
    fields: Mapping[int, _Value],
    *,
    bytes_: Mapping[int, int] = {},
) -> int:
    """Write a table: what it refers to first, as flatbuffers want it; empty strings and lists are left out."""
    offsets = {place: _offset(builder, value) for place, value in fields.items() if value != "" and value != ()}
    builder.StartObject(n_fields)
    for place, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(place, offset, 0)
    for place, number in bytes_.items():
        builder.PrependSlot(number_types.Int8Flags, place, number, 0)
    return int(builder.EndObject())


def _offset(builder: Any, value: _Value) -> int:
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, tuple):
        offsets = [part.pack(builder) for part in value]
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return int(builder.EndVector())
    return value.pack(builder)
