"""The files that the spec names: they are there, and say what they must."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mobile_app.engine.errors import UndertoneError
from mobile_app.packaging.checks.payload import RUBBISH, RUBBISH_SUFFIXES
from mobile_app.packaging.finding import Finding
from mobile_app.packaging.png import read_size
from mobile_app.packaging.spec_edit import set_key
from mobile_app.packaging.spec_file import SpecFile
from mobile_app.packaging.stage import FOR_GRADLE

_ATTRIBUTES = {
    'android:enableOnBackInvokedCallback="false"': "the back key would leave the app from any page (Android 16)",
    'android:dataExtractionRules="@xml/data_extraction_rules"': "what people typed would move to a new phone unasked",
}
_SQUARE = ("icon.filename", "icon.adaptive_foreground.filename", "icon.adaptive_background.filename")
_STAGE = "Stage the app again."


def check(spec: SpecFile) -> Iterator[Finding]:
    """Yield what is wrong with the files around the spec."""
    yield from _attributes(spec)
    yield from _rules(spec)
    yield from _pictures(spec)
    yield from _extensions(spec)


def _attributes(spec: SpecFile) -> Iterator[Finding]:
    key = "android.extra_manifest_application_arguments"
    path = spec.path.parent / spec.app.get(key, "")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    for attribute, consequence in _ATTRIBUTES.items():
        if attribute not in text:
            yield Finding("manifest", key, f"does not bring {attribute}: {consequence}", _STAGE)


def _rules(spec: SpecFile) -> Iterator[Finding]:
    names = spec.words("android.res_xml")
    if not any(Path(name).name == "data_extraction_rules.xml" for name in names):
        yield Finding(
            "manifest", "android.res_xml", "lacks data_extraction_rules.xml, which the manifest names", _STAGE
        )
    for name in names:
        if not (spec.path.parent / name).is_file():
            yield Finding("manifest", name, "is missing: the resources cannot be linked", _STAGE)


def _pictures(spec: SpecFile) -> Iterator[Finding]:
    layers = [key for key in _SQUARE[1:] if spec.app.get(key)]
    if len(layers) == 1:
        yield Finding("pictures", layers[0], "is only one of the two layers: both are ignored", _STAGE)
    for key in (*_SQUARE, "presplash.filename"):
        name = spec.app.get(key)
        if not name:
            if key in ("icon.filename", "presplash.filename"):
                yield Finding("pictures", key, "is not set: the app would show Kivy's", _STAGE)
            continue
        try:
            width, height = read_size(spec.path.parent / name)
        except UndertoneError as error:
            yield Finding("pictures", name, f"cannot be used: {error.found}", _STAGE)
            continue
        if key in _SQUARE and (width != height or width < 192):
            yield Finding("pictures", name, f"is {width} x {height}, not square or smaller than 192", _STAGE)


def _extensions(spec: SpecFile) -> Iterator[Finding]:
    """Compare what is there with what buildozer copies."""
    folder = spec.path.parent
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    wanted = [path for path in files if path.parts[0] != FOR_GRADLE and not RUBBISH & set(path.parts)]
    inside = {
        path.suffix[1:] for path in wanted if path.suffix not in RUBBISH_SUFFIXES and path != Path(spec.path.name)
    }
    key = "source.include_exts"
    missing = sorted(extension for extension in inside - {""} if extension not in spec.words(key))
    if missing:
        problem = f"lacks {', '.join(missing)}: such files would be left out of the app"
        repair = partial(set_key, spec.path, key, ",".join(sorted({*spec.words(key), *missing})))
        yield Finding("payload", key, problem, f"Add {', '.join(missing)}.", repair=repair)
