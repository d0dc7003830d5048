"""A buildozer.spec, as buildozer itself reads it."""

import configparser
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError
from mobile_app.packaging import tools


@dataclass(frozen=True)
class SpecFile:
    """The keys of the ``[app]`` and ``[buildozer]`` sections.

    :param app: values of ``[app]`` by key, as written but for white space around.
    """

    path: Path
    app: dict[str, str]
    buildozer: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "SpecFile":
        """Read a spec with buildozer's own parser.

        :raises UndertoneError: if there is none, or it cannot be parsed.
        """
        tools.require()
        from buildozer.specparser import SpecParser

        parser: Any = SpecParser()
        try:
            parser.read_string(path.read_text(encoding="utf-8"), str(path))
            sections = [{key: value or "" for key, value in parser.items(name)} for name in ("app", "buildozer")]
        except OSError as error:
            raise UndertoneError(f"a spec {path}", error.strerror or str(error), "stage the app first") from None
        except (configparser.Error, UnicodeDecodeError) as error:
            raise UndertoneError(f"a spec that buildozer reads in {path}", str(error), "stage the app again") from None
        return cls(path, *sections)

    def words(self, key: str) -> list[str]:
        """Return the parts of a value that is a list."""
        return [word.strip() for word in self.app.get(key, "").split(",") if word.strip()]

    @property
    def requirements(self) -> list[str]:
        """The names of the requirements, without versions."""
        return [word.split("==")[0] for word in self.words("requirements")]


@cache
def known_keys() -> frozenset[str]:
    """Return every key that buildozer's sources for Android name; it ignores all others without a word."""
    folder = tools.folder_of("buildozer")
    files = [*folder.glob("*.py"), folder / "targets" / "android.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return frozenset(re.findall(r"""['"]([a-z][\w.\-]+)['"]""", text))
