"""The values of the spec: each is one that was tried."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial

from mobile_app.packaging import pins
from mobile_app.packaging.finding import Finding
from mobile_app.packaging.spec_edit import set_key
from mobile_app.packaging.spec_file import SpecFile, known_keys

_STAGE = "stage the app again"
# key -> the only good value, and what comes of another.
_FIXED = {
    "p4a.commit": (pins.P4A_COMMIT, "the build would not be repeatable"),
    "p4a.branch": ("master", "with a tag, buildozer deletes and clones python-for-android on every run"),
    "p4a.bootstrap": (pins.BOOTSTRAP, "Kivy 2.3.1 has no code for another"),
    "android.api": (str(pins.API), "Play refuses apps and updates for older Android versions"),
    "android.minapi": (str(pins.MIN_API), "numpy's recipe asks for 24, and newer shuts phones out"),
    "android.ndk": (pins.NDK, "older ones make libraries that phones with pages of 16 KB do not load"),
    "android.allow_backup": ("False", "what people typed would go to the cloud"),
    "android.enable_androidx": ("True", "the LiteRT libraries need AndroidX"),
    "android.release_artifact": ("aab", "Play takes bundles only"),
    "android.debug_artifact": ("apk", "phones install APKs only"),
    "source.dir": (".", "the app would be packaged from elsewhere"),
}


def check(spec: SpecFile) -> Iterator[Finding]:
    """Yield what is wrong with single values."""
    yield from _fixed(spec)
    yield from _permissions(spec)
    yield from _identity(spec)
    yield from _libraries(spec)
    yield from _ignored(spec)
    yield from _comments(spec)
    yield from _architectures(spec)


def _fixed(spec: SpecFile) -> Iterator[Finding]:
    for key, (expected, consequence) in _FIXED.items():
        found = spec.app.get(key)
        if found != expected:
            yield Finding(
                "pins",
                key,
                f"is {found!r}, not {expected!r}: {consequence}",
                f"Write {key} = {expected}.",
                repair=partial(set_key, spec.path, key, expected),
            )


def _permissions(spec: SpecFile) -> Iterator[Finding]:
    key = "android.permissions"
    if key in spec.app:
        asked = spec.app[key] or "an empty value, which becomes a permission without a name"
        yield Finding(
            "permissions",
            key,
            f"asks for {asked}: the app needs none",
            "Delete the whole line.",
            repair=partial(set_key, spec.path, key, None),
        )


def _identity(spec: SpecFile) -> Iterator[Finding]:
    domain = spec.app.get("package.domain", "")
    if not domain or (domain + ".").startswith(("org.test.", "com.example.")):
        yield Finding("identity", "package.domain", f"is {domain!r}: stores refuse it", f"Set domain and {_STAGE}.")
    number = spec.app.get("android.numeric_version", "")
    if not number.isdigit() or not 1 <= int(number) <= 2_100_000_000:
        problem = f"is {number!r}: stores compare a whole number, higher with every upload"
        yield Finding("identity", "android.numeric_version", problem, f"Set numeric_version and {_STAGE}.")


def _libraries(spec: SpecFile) -> Iterator[Finding]:
    key = "android.gradle_dependencies"
    value = spec.app.get(key, "")
    repair = partial(set_key, spec.path, key, ",".join(pins.GRADLE))
    if "'" in value or '"' in value:
        problem = "has quotation marks, which end up in the Gradle file"
        yield Finding("litert", key, problem, "Write the names without them.", repair=repair)
        return
    for library in pins.GRADLE:
        if library not in spec.words(key):
            problem = f"lacks {library}: the model cannot be run without it"
            yield Finding("litert", key, problem, f"Add {library}.", repair=repair)
    for word in spec.words(key):
        name = word.rpartition(":")[0]
        if word not in pins.GRADLE and name in {library.rpartition(":")[0] for library in pins.GRADLE}:
            problem = f"has {word}: only {pins.LITERT} has both the Java interface and pages of 16 KB"
            yield Finding("litert", key, problem, f"Write version {pins.LITERT}.", repair=repair)


def _ignored(spec: SpecFile) -> Iterator[Finding]:
    for key in (*spec.app, *spec.buildozer):
        if key not in known_keys() and not key.startswith("requirements.source."):
            close = get_close_matches(key, known_keys(), 1)
            remedy = f"Write {close[0]} instead." if close else "Delete it."
            yield Finding("ignored keys", key, "is no key of buildozer, which ignores it without a word", remedy)


def _comments(spec: SpecFile) -> Iterator[Finding]:
    for key, value in spec.app.items():
        if " #" in value or " ;" in value:
            problem = f"has the value {value!r}: a comment behind a value becomes part of it"
            yield Finding("comments", key, problem, "Put the comment on a line of its own.")


def _architectures(spec: SpecFile) -> Iterator[Finding]:
    found = spec.words("android.archs")
    if "arm64-v8a" not in found or not set(found) <= set(pins.ARCHITECTURES):
        problem = f"is {', '.join(found) or 'empty'}: phones need arm64-v8a, emulators x86_64, nothing needs others"
        repair = partial(set_key, spec.path, "android.archs", "arm64-v8a")
        yield Finding("architectures", "android.archs", problem, "Write arm64-v8a.", repair=repair)
