"""Put metadata into a .tflite file: a buffer that describes it, and files packed behind it as a zip."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converter import flatbuffer
from converter.metadata_schema import ModelDescription
from mobile_app.engine.errors import CheckFailedError

METADATA_NAME = b"TFLITE_METADATA"


def add_metadata(content: bytes, description: ModelDescription, files: Mapping[str, bytes]) -> bytes:
    """Return a .tflite file with a description, and with ``files`` behind it.

    :param content: a .tflite file without files behind it; weights outside its flatbuffer, as ai-edge-quantizer leaves
        them, are moved into it.
    :param files: name to content; readers want them uncompressed and the names as in the description.
    :raises CheckFailedError: if the weights did not come along.
    """
    tree = flatbuffer.read(content)
    _move_inside(tree, content)
    tree.metadata = [entry for entry in tree.metadata or [] if bytes(entry.name) != METADATA_NAME]
    tree.metadata.append(schema.MetadataT(name=METADATA_NAME.decode(), buffer=len(tree.buffers)))
    tree.buffers.append(schema.BufferT(data=np.frombuffer(description.to_bytes(), np.uint8)))
    expected = _constants(tree)
    written = flatbuffer.write(tree)
    found = _constants(flatbuffer.read(written))
    if found != expected:
        raise CheckFailedError(
            f"{sum(expected.values())} bytes of weights and other constants after adding metadata",
            str(sum(found.values())),
            "nothing was written; report this with the file",
        )
    return written + _zip(files, len(written))


def read_metadata(content: bytes) -> bytes | None:
    """Return the metadata buffer of a .tflite file, or None if it has none."""
    tree = flatbuffer.read(content)
    for entry in tree.metadata or []:
        if bytes(entry.name) == METADATA_NAME:
            return bytes(tree.buffers[entry.buffer].data)
    return None


def read_files(content: bytes) -> dict[str, bytes]:
    """Return the files packed behind a .tflite file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return {}


def _constants(tree: Any) -> dict[bytes, int]:
    """Return hash and size of every different constant that an operator reads or the model returns."""
    used = {
        subgraph.tensors[index].buffer
        for subgraph in tree.subgraphs
        for indices in (subgraph.outputs, *(operator.inputs for operator in subgraph.operators))
        for index in map(int, indices)
        if index >= 0
    }
    contents = [bytes(data) for index in used if (data := tree.buffers[index].data) is not None and len(data)]
    return {hashlib.sha256(content).digest(): len(content) for content in contents}


def _move_inside(tree: Any, content: bytes) -> None:
    for buffer in tree.buffers:
        # Offsets 0 and 1 mean that there is none.
        if buffer.offset > 1:
            buffer.data = np.frombuffer(content, np.uint8, count=buffer.size, offset=buffer.offset)
            buffer.offset = buffer.size = 0


def _zip(files: Mapping[str, bytes], start: int) -> bytes:
    """Return an archive whose places count from the start of the model; the same files give the same bytes."""
    # The model stands before the archive only while it is written, so that the places are right.
    whole = io.BytesIO(b"\0" * start)
    with zipfile.ZipFile(whole, "a", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return whole.getvalue()[start:]
