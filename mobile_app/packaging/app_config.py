"""What a developer says about their own app, checked once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import tomllib

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.recipe import recipe_named
from mobile_app.packaging import pins
from mobile_app.packaging.png import read_size

APP = Path(__file__).parents[1]
ART = Path(__file__).parent / "art"
_WORD = r"[a-z][a-z0-9_]*"
_JAVA = """
    abstract boolean break byte case catch char class const continue default do double else enum extends final float for
    goto if import instanceof int interface long native new package private protected public return short static super
    switch synchronized this throw throws transient try void volatile while true false null
"""
_JAVA_WORDS = frozenset(_JAVA.split())


class AppConfigError(UndertoneError):
    """Something that a developer said about their app cannot be used."""


@dataclass(frozen=True)
class AppConfig:
    """An app to be staged: the words of ``app.toml`` and of the flags.

    :param title: what stands below the icon.
    :param package: last part of the app's identity.
    :param domain: the rest of it, such as ``io.github.you``; never to be changed once published.
    :param version: what people read, three numbers.
    :param numeric_version: what stores compare, higher with every upload; None computes it from ``version``.
    :param icon: a square PNG of at least 192 pixels.
    :param icon_foreground: a square PNG with transparency for adaptive icons; None for none.
    :param icon_colour: ground of the adaptive icon.
    :param presplash: PNG shown while the app starts.
    :param presplash_colour: ground around it.
    :param bundle: the bundle to ship.
    :param recipes: which of its recipes, the first is the app's default; empty for the bundle's default alone.
    :param languages: language tags that the app offers.
    :param architectures: processors to build for; ``x86_64`` is for emulators.
    """

    title: str = "Undertone"
    package: str = "undertone"
    domain: str = "io.github.undertone"
    version: str = "0.1.0"
    numeric_version: int | None = None
    icon: Path = APP / "assets" / "icons" / "undertone.png"
    icon_foreground: Path | None = ART / "foreground.png"
    icon_colour: str = "#7b3f63"
    presplash: Path = ART / "presplash.png"
    presplash_colour: str = "#f6efe7"
    bundle: Path = APP / "assets" / "bundle"
    recipes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    architectures: tuple[str, ...] = ("arm64-v8a",)

    def __post_init__(self) -> None:
        self._check_names()
        _check(r"\d+\.\d+\.\d+", self.version, "version", 'three numbers such as "1.2.0"')
        if self.numeric_version is not None and not 1 <= self.numeric_version <= 2_100_000_000:
            raise _wrong("numeric_version", "a whole number from 1 to 2100000000", str(self.numeric_version))
        for name, colour in (("icon_colour", self.icon_colour), ("presplash_colour", self.presplash_colour)):
            _check(r"#[0-9a-fA-F]{6}", colour, name, 'a colour such as "#7b3f63"')
        for language in self.languages:
            _check(r"[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?", language, "languages", 'language tags such as "en" or "pt-BR"')
        for recipe in self.recipes:
            recipe_named(recipe)
        self._check_sets()
        self._check_pictures()

    def _check_names(self) -> None:
        if not self.title.strip() or len(self.title) > 50 or any(c in self.title for c in "\n\r\"'<>&\\@?%"):
            raise _wrong("title", "1 to 50 characters without quotes, line breaks or any of < > & \\ @ ? %", self.title)
        _check(_WORD, self.package, "package", "lower-case letters, digits and _ (such as my_app)")
        _check(rf"{_WORD}(\.{_WORD})+", self.domain, "domain", 'at least two parts such as "io.github.you"')
        if (self.domain + ".").startswith(("org.test.", "com.example.")):
            raise _wrong("domain", "a domain of your own: stores refuse org.test and com.example", self.domain)
        for word in _JAVA_WORDS.intersection([self.package, *self.domain.split(".")]):
            raise _wrong("package and domain", "no words that Java reserves", word)

    def _check_sets(self) -> None:
        for name, values in (
            ("recipes", self.recipes),
            ("languages", self.languages),
            ("architectures", self.architectures),
        ):
            if len(set(values)) < len(values):
                raise _wrong(name, "each value once", ", ".join(values))
        if not self.languages:
            raise _wrong("languages", "at least one", "none")
        if not self.architectures or not set(self.architectures) <= set(pins.ARCHITECTURES):
            raise _wrong(
                "architectures", f"one or both of {', '.join(pins.ARCHITECTURES)}", ", ".join(self.architectures)
            )

    def _check_pictures(self) -> None:
        icons = {"icon": self.icon, "icon_foreground": self.icon_foreground}
        for name, path in icons.items():
            if path is not None:
                width, height = read_size(path)
                if width != height or width < 192:
                    raise _wrong(name, "a square picture of at least 192 x 192 pixels", f"{width} x {height} in {path}")
        read_size(self.presplash)

    @property
    def identity(self) -> str:
        """The app's identity on phones and in stores."""
        return f"{self.domain}.{self.package}"

    @property
    def upload_number(self) -> int:
        """The number that stores compare: given, or made of the version's three numbers."""
        major, minor, patch = map(int, self.version.split("."))
        return self.numeric_version or max(1, major * 1_000_000 + minor * 1_000 + patch)

    @classmethod
    def from_values(cls, values: Mapping[str, Any], folder: Path) -> "AppConfig":
        """Make a configuration of plain values.

        :param values: by field name; paths relative to ``folder``.
        :raises AppConfigError: if a name is unknown, or a value is of the wrong type or cannot be used.
        """
        known = {field.name: str(field.type) for field in fields(cls)}
        for name in values:
            if name not in known:
                close = get_close_matches(name, known, 1)
                hint = f"write {close[0]}" if close else f"use one of {', '.join(known)}"
                raise AppConfigError("a field of the app", repr(name), hint)
        return cls(**{name: _typed(name, known[name], value, folder) for name, value in values.items()})

    @classmethod
    def from_toml(cls, path: Path, overrides: Mapping[str, Any]) -> "AppConfig":
        """Read ``app.toml``; overrides win.

        :raises AppConfigError: if the file is missing or no TOML, or a value cannot be used.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise AppConfigError(
                f"an app description in {path}", str(error), "write it as in docs/android.md"
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise AppConfigError(f"TOML in {path}", str(error), 'write lines such as title = "My app"') from None
        return cls.from_values({**values, **overrides}, path.parent)


def _typed(name: str, kind: str, value: Any, folder: Path) -> Any:
    if "Path" in kind and isinstance(value, str | Path):
        return folder / Path(value).expanduser()
    if "tuple" in kind:
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise _wrong(name, 'a list such as ["a", "b"]', repr(value))
    if "int" in kind and isinstance(value, int) and not isinstance(value, bool):
        return value
    if "str" in kind and isinstance(value, str):
        return value
    raise _wrong(name, "a number" if "int" in kind else "a text in quotes", repr(value))


def _check(pattern: str, value: str, name: str, expected: str) -> None:
    if not re.fullmatch(pattern, value):
        raise _wrong(name, expected, repr(value))


def _wrong(name: str, expected: str, found: str) -> AppConfigError:
    option = "--" + name.replace("_", "-")
    return AppConfigError(f"{name} to be {expected}", found, f"change it in app.toml or with {option}")
