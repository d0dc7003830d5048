"""The folder that buildozer gets: the app, one bundle, pictures, licences and the spec, byte for byte repeatable."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder
from mobile_app.engine.manifest import Manifest
from mobile_app.packaging import pins, sources
from mobile_app.packaging.app_config import APP, AppConfig
from mobile_app.packaging.bundle_subset import write_subset
from mobile_app.packaging.png import plain

SPEC = "buildozer.spec"
BUNDLE = Path("mobile_app", "assets", "bundle")
FONTS, ICONS, LICENCES = Path("mobile_app", "assets", "fonts"), Path("mobile_app", "assets", "icons"), Path("licences")
FOR_GRADLE = "android"  # pictures and XML that go into the APK's resources, not into the app's own files
_EPOCH = 315532800  # 1980-01-01, the earliest time that a zip can hold
_ADAPTIVE_SIZE = 432  # 108 dp at the highest density
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined, keep_trailing_newline=True
)


@dataclass(frozen=True)
class Stage:
    """A staged app.

    :param files: every file, relative to ``path``, with its size in bytes.
    """

    path: Path
    files: dict[str, int]

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(self.files.values())


def stage(app: AppConfig, out: Path, *, overwrite: bool = False) -> Stage:
    """Write the folder that buildozer gets.

    :param out: the folder; only a folder staged before is ever replaced.
    :raises UndertoneError: if the bundle or a picture cannot be used, or ``out`` is in the way.
    """
    if out.exists() and overwrite and not (out / SPEC).is_file():
        raise UndertoneError("a folder staged before, or none", f"{out} without {SPEC}", "choose another --out")
    bundle = Bundle.open(app.bundle)
    with new_folder(out, overwrite=overwrite) as folder:
        _write_app(app, folder)
        manifest = write_subset(bundle, app.recipes, folder / BUNDLE).manifest
        _write_pictures(app, folder / FOR_GRADLE)
        _write_licences(app, manifest, folder)
        _write(folder / SPEC, _render(SPEC, app=app, extensions=_extensions(folder)))
        _settle(folder)
    return Stage(out, dict(_sizes(out)))


def _write_app(app: AppConfig, folder: Path) -> None:
    main = folder / "main.py"
    _write(main, _render("main.py.txt", app=app))
    for path in sources.reached_from(main):
        for file in (path, path.with_suffix(".kv")):
            if file.is_file():
                _copy(file, folder / file.relative_to(sources.ROOT))
    for path in sorted((APP / "assets" / "fonts").iterdir()):
        _copy(path, folder / FONTS / path.name)
    _copy(app.icon, folder / ICONS / "undertone.png")


def _write_pictures(app: AppConfig, folder: Path) -> None:
    _copy(app.icon, folder / "icon.png")
    _copy(app.presplash, folder / "presplash.png")
    if app.icon_foreground is not None:
        _copy(app.icon_foreground, folder / "icon_foreground.png")
        (folder / "icon_background.png").write_bytes(plain(app.icon_colour, _ADAPTIVE_SIZE))
    for name in ("application_attributes.txt", "data_extraction_rules.xml", "locales_config.xml"):
        _write(folder / name, _render(name, app=app))


def _write_licences(app: AppConfig, manifest: Manifest, folder: Path) -> None:
    _copy(sources.ROOT / "LICENSE", folder / LICENCES / "LICENSE.txt")
    _write(folder / LICENCES / "NOTICE.txt", _render("NOTICE.txt", app=app, manifest=manifest))


def _render(template: str, **values: object) -> str:
    return _ENVIRONMENT.get_template(template).render(pins=pins, **values)


def _extensions(folder: Path) -> list[str]:
    """Return the extensions of what the app itself holds: buildozer leaves out all others."""
    inside = (path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0] != FOR_GRADLE)
    return sorted({path.suffix[1:] for path in inside if path.suffix})


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise UndertoneError(f"the file {source}", error.strerror or str(error), "put it back") from None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def _settle(folder: Path) -> None:
    """Give every file and folder the same time and permissions, whatever machine staged it."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_EPOCH, _EPOCH))


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.stat().st_size
