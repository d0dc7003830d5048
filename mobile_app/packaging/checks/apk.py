"""A built APK: it is the one that was meant."""

from collections.abc import Iterator

from mobile_app.packaging import pins
from mobile_app.packaging.apk_file import ApkFile
from mobile_app.packaging.finding import Finding

_REBUILD = "Stage again, delete build/buildozer, and build again."
_AAR = "See which library brings it in the merged manifest, and remove it there with tools:node."
# element, attribute -> the only good values, and what comes of others; resource ids are printed as @7F....
_ATTRIBUTES = {
    ("application", "allowBackup"): (("false",), "what people typed would go to the cloud"),
    ("application", "enableOnBackInvokedCallback"): (("false",), "the back key would leave the app from any page"),
    ("uses-sdk", "targetSdkVersion"): ((str(pins.API),), "Play refuses it"),
    ("uses-sdk", "minSdkVersion"): ((str(pins.MIN_API),), "phones would be shut out, or the app would stop on them"),
}


def check(apk: ApkFile, budget: float, *, release: bool = False) -> Iterator[Finding]:
    """Yield what is wrong with a built APK.

    :param budget: its largest size in MB.
    :param release: whether it is meant for a store.
    """
    for name in apk.permissions:
        yield Finding("permissions", name, "is asked for: the app needs none", _AAR)
    yield from _attributes(apk, release)
    yield from _libraries(apk)
    yield from _payload(apk)
    size = apk.path.stat().st_size / 1e6
    if size > budget:
        problem = f"is {size:.1f} MB; the budget is {budget:g}"
        yield Finding("size", apk.path.name, problem, "Ship fewer or smaller recipes, or one processor.")


def _attributes(apk: ApkFile, release: bool) -> Iterator[Finding]:
    for (element, name), (good, consequence) in _ATTRIBUTES.items():
        found = apk.attribute(element, name)
        if found not in good:
            yield Finding("manifest", name, f"is {found}, not {good[0]}: {consequence}", _REBUILD)
    if apk.attribute("application", "dataExtractionRules") is None:
        problem = "is missing: what people typed would move to a new phone unasked"
        yield Finding("manifest", "dataExtractionRules", problem, _REBUILD)
    if release and apk.attribute("application", "debuggable") == "true":
        problem = "is true: anyone could read the app's files"
        yield Finding("manifest", "debuggable", problem, "Build with: python -m mobile_app.packaging build --release.")


def _libraries(apk: ApkFile) -> Iterator[Finding]:
    if "arm64-v8a" not in apk.architectures:
        found = ", ".join(sorted(apk.architectures)) or "none"
        yield Finding("architectures", "lib/", f"has libraries for {found}: phones need arm64-v8a", _REBUILD)
    names = set()
    for library in apk.libraries():
        names.add(library.name.rpartition("/")[2])
        smallest = min(library.alignments, default=pins.PAGE)
        if smallest < pins.PAGE and library.name.split("/")[1] in ("arm64-v8a", "x86_64"):
            problem = f"is aligned to {smallest:#x}, not {pins.PAGE:#x}: phones with pages of 16 KB do not load it"
            yield Finding("alignment", library.name, problem, f"Build it with NDK {pins.NDK}, or update the library.")
        if library.offset is not None and library.offset % pins.PAGE:
            problem = "is stored off a 16 KB boundary of the APK"
            yield Finding("alignment", library.name, problem, "Run zipalign -P 16 on the APK.")
    if names and "libtensorflowlite_jni.so" not in names:
        problem = "is missing: the model cannot be run"
        yield Finding(
            "litert", "libtensorflowlite_jni.so", problem, f"Keep {pins.GRADLE[0]} in the spec, and build again."
        )


def _payload(apk: ApkFile) -> Iterator[Finding]:
    names = apk.payload_names()
    for wanted, suffixes in (("main.py", ("main.pyc", "main.py")), ("a model", (".tflite",)), ("manifest.json",) * 2):
        if not any(name.endswith(tuple([suffixes] if isinstance(suffixes, str) else suffixes)) for name in names):
            yield Finding("payload", "assets/private.tar", f"lacks {wanted}", _REBUILD)
