"""A built APK or AAB: its manifest, its libraries, its payload."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError

ANDROID = "{http://schemas.android.com/apk/res/android}"
_PAYLOAD = "assets/private.tar"


@dataclass(frozen=True)
class Library:
    """A native library of an APK.

    :param name: its path in the APK.
    :param alignments: of its loadable segments, in bytes.
    :param offset: where its bytes start in the APK if they are stored as they are; None if compressed.
    """

    name: str
    alignments: tuple[int, ...]
    offset: int | None


class ApkFile:
    """Opens an APK and reads what the doctor asks for.

    :raises UndertoneError: if the file is missing or no APK.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self._names = archive.namelist()
        except (OSError, zipfile.BadZipFile) as error:
            raise UndertoneError(f"an APK in {path}", str(error), "build it first: make apk") from None
        if "AndroidManifest.xml" not in self._names:
            raise UndertoneError(f"an APK in {path}", "no AndroidManifest.xml", "name the .apk file that was built")

    @cached_property
    def manifest(self) -> Any:
        """The root element of the manifest, as lxml has it."""
        from pyaxmlparser.axmlprinter import AXMLPrinter

        printer = AXMLPrinter(self._read("AndroidManifest.xml"))
        root = printer.get_xml_obj() if printer.is_valid() else None
        if root is None:
            raise UndertoneError(f"a binary manifest in {self.path}", "something else", "build the APK again")
        return root

    def attribute(self, element: str, name: str) -> str | None:
        """Return an attribute of the first element with that name; None if it has none."""
        found = self.manifest.find(f".//{element}")
        value = None if found is None else found.get(ANDROID + name)
        return None if value is None else str(value)

    @property
    def permissions(self) -> list[str]:
        """The permissions that the app asks for."""
        kinds = ("uses-permission", "uses-permission-sdk-23")
        return [str(found.get(ANDROID + "name")) for kind in kinds for found in self.manifest.iter(kind)]

    def libraries(self) -> Iterator[Library]:
        """Yield the native libraries; archives that python-for-android disguises as such are none."""
        from elftools.elf.elffile import ELFFile

        with zipfile.ZipFile(self.path) as archive, self.path.open("rb") as raw:
            for info in archive.infolist():
                if not (info.filename.startswith("lib/") and info.filename.endswith(".so")):
                    continue
                content = archive.read(info)
                if content[:4] == b"\x7fELF":
                    segments = ELFFile(io.BytesIO(content)).iter_segments("PT_LOAD")
                    alignments = tuple(int(segment["p_align"]) for segment in segments)
                    yield Library(info.filename, alignments, _data_offset(info, raw))

    @property
    def architectures(self) -> set[str]:
        """The processors that the APK has libraries for."""
        return {name.split("/")[1] for name in self._names if name.startswith("lib/") and name.count("/") == 2}

    def payload_names(self) -> list[str]:
        """Return the names of the app's own files."""
        if _PAYLOAD not in self._names:
            return []
        with tarfile.open(fileobj=io.BytesIO(self._read(_PAYLOAD))) as archive:
            return archive.getnames()

    def _read(self, name: str) -> bytes:
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(name)


def _data_offset(info: zipfile.ZipInfo, raw: Any) -> int | None:
    """Return where stored bytes start: behind the local header, whose name and extra field have their own lengths."""
    if info.compress_type != zipfile.ZIP_STORED:
        return None
    raw.seek(info.header_offset + 26)
    lengths = raw.read(4)
    return info.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
