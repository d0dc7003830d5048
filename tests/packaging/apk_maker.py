"""Makes small APKs: a text manifest becomes the binary one, libraries become ELF files of headers alone."""

import io
import struct
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

ANDROID = "http://schemas.android.com/apk/res/android"
NOTHING = 0xFFFFFFFF


def binary_xml(text: str) -> bytes:
    """Return a manifest in Android's binary form: a pool of strings, then events that point into it."""
    root = ElementTree.fromstring(text)
    pool: dict[str, int] = {}

    def index(word: str) -> int:
        return pool.setdefault(word, len(pool))

    def typed(value: str) -> tuple[int, int]:
        if value in ("true", "false"):
            return 0x12, NOTHING if value == "true" else 0
        if value.isdigit():
            return 0x10, int(value)
        return (0x01, 0x7F010001) if value.startswith("@") else (0x03, index(value))

    def events(element: ElementTree.Element) -> bytes:
        attributes = b""
        for key, value in element.attrib.items():
            namespace, _, name = key.rpartition("}")
            space = index(ANDROID) if namespace else NOTHING
            kind, data = typed(value)
            attributes += struct.pack("<IIIHBBI", space, index(name), index(value), 8, 0, kind, data)
        head = struct.pack("<III", 1, NOTHING, NOTHING) + struct.pack("<I", index(element.tag))
        start = head + struct.pack("<HHHHHH", 20, 20, len(element.attrib), 0, 0, 0) + attributes
        inner = b"".join(events(child) for child in element)
        return (
            struct.pack("<HHI", 0x0102, 16, 8 + len(start))
            + start
            + inner
            + _chunk(0x0103, 16, head[4:], lead=head[:4])
        )

    namespace = struct.pack("<IIII", 1, NOTHING, index("android"), index(ANDROID))
    body = _chunk(0x0100, 16, namespace) + events(root) + _chunk(0x0101, 16, namespace)
    content = _pool(list(pool)) + body
    return _chunk(0x0003, 8, content)


def _chunk(kind: int, header: int, content: bytes, lead: bytes = b"") -> bytes:
    return struct.pack("<HHI", kind, header, 8 + len(lead) + len(content)) + lead + content


def _pool(words: list[str]) -> bytes:
    offsets, texts = b"", b""
    for word in words:
        offsets += struct.pack("<I", len(texts))
        texts += struct.pack("<H", len(word)) + word.encode("utf-16-le") + b"\0\0"
    texts += b"\0" * (-len(texts) % 4)
    head = struct.pack("<IIIII", len(words), 0, 0, 28 + len(offsets), 0)
    return _chunk(0x0001, 28, offsets + texts, lead=head)


def library(alignment: int) -> bytes:
    """Return a shared library for 64-bit Arm with two loadable segments of an alignment."""
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    head = identity + struct.pack("<HHIQQQIHHHHHH", 3, 183, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    return head + b"".join(struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 176, 176, alignment) for _ in range(2))


def make_apk(
    path: Path,
    manifest: str,
    *,
    libraries: dict[str, bytes] | None = None,
    stored: bool = False,
    payload: tuple[str, ...] = ("main.pyc", "mobile_app/assets/bundle/model.fp16.tflite", "bundle/manifest.json"),
) -> Path:
    """Write an APK: its manifest, libraries by path, and a payload of empty files."""
    if libraries is None:
        names = ("libmain.so", "libSDL2.so", "libtensorflowlite_jni.so")
        libraries = {f"lib/arm64-v8a/{name}": library(0x4000) for name in names}
        libraries["lib/arm64-v8a/libpybundle.so"] = b"\x1f\x8b an archive in disguise"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AndroidManifest.xml", binary_xml(manifest))
        for name, content in libraries.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        archive.writestr("assets/private.tar", _tar(payload))
    return path


def _tar(names: tuple[str, ...]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return stream.getvalue()
