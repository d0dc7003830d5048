"""What a phone measured: latency and features of a recipe on some texts, as JSON that the report merges."""

import hashlib
import json
import math
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.files import sha256_of
from mobile_app.engine.java import is_android, java_class
from mobile_app.engine.manifest import FILE_NAME

FORMAT = 1
WARM_UP = 3
_REMEDY = "measure again in the app, or choose the file that it wrote"


@dataclass(frozen=True)
class Device:
    """Where it was measured.

    :param name: maker and model of the device.
    :param chipset: its processor.
    """

    name: str
    chipset: str
    system: str
    versions: dict[str, str]


@dataclass(frozen=True)
class PhoneLatency:
    """Milliseconds an utterance, from text to features and probabilities."""

    mean: float
    std: float
    p50: float
    p95: float
    n: int
    threads: int = 1
    includes_tokenizer: bool = True


@dataclass(frozen=True)
class PhoneRecipe:
    """What one recipe did.

    :param model_sha256: hash of its model file.
    :param load_ms: from opening the file to the first answer.
    :param features_sha256: hash of the features as little-endian float32, row by row.
    :param features: ``[n_texts, d]``.
    :param probabilities: per task ``[n_texts, n_labels]``.
    """

    model_sha256: str
    load_ms: float
    latency_ms: PhoneLatency
    features_sha256: str
    features: NDArray[np.float32]
    probabilities: Mapping[str, NDArray[np.float32]]

    @property
    def non_finite(self) -> int:
        """Features and probabilities that are NaN or infinite."""
        return sum(int((~np.isfinite(array)).sum()) for array in (self.features, *self.probabilities.values()))


@dataclass(frozen=True)
class PhoneResults:
    """What one device measured with one bundle on the same texts.

    :param bundle: ``name``, ``version`` and ``manifest_sha256``.
    :param recipes: by name.
    """

    measured_at: str
    device: Device
    bundle: dict[str, str]
    texts: tuple[str, ...]
    recipes: Mapping[str, PhoneRecipe]

    def joined(self, other: "PhoneResults") -> "PhoneResults":
        """Return these results with the recipes of ``other``, measured on the same device and texts."""
        return PhoneResults(self.measured_at, self.device, self.bundle, self.texts, {**self.recipes, **other.recipes})

    def to_json(self) -> str:
        """Return the text of a results file; numbers that are not finite are null there."""
        recipes = {
            name: {
                "model_sha256": recipe.model_sha256,
                "load_ms": recipe.load_ms,
                "latency_ms": asdict(recipe.latency_ms),
                "non_finite": recipe.non_finite,
                "features_sha256": recipe.features_sha256,
                "features": _plain(recipe.features),
                "probabilities": {task: _plain(values) for task, values in recipe.probabilities.items()},
            }
            for name, recipe in self.recipes.items()
        }
        values = {
            "format": FORMAT,
            "kind": "phone",
            "measured_at": self.measured_at,
            "device": asdict(self.device),
            "bundle": self.bundle,
            "texts": list(self.texts),
            "recipes": recipes,
        }
        return json.dumps(values, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def read(cls, path: Path) -> "PhoneResults":
        """Read a results file.

        :raises DataError: if it is none, of a newer format, or the features are not those of their hash.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if (values["format"], values["kind"]) != (FORMAT, "phone"):
                raise ValueError(f"format {values['format']}, kind {values['kind']}")
            results = cls(
                measured_at=str(values["measured_at"]),
                device=Device(**values["device"]),
                bundle=dict(values["bundle"]),
                texts=tuple(str(text) for text in values["texts"]),
                recipes={str(name): _recipe(recipe) for name, recipe in values["recipes"].items()},
            )
            results._check()
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            found = error.strerror if isinstance(error, OSError) else str(error)
            raise DataError(f"phone results of format {FORMAT} in {path.name}", found or repr(error), _REMEDY) from None
        return results

    def _check(self) -> None:
        if not self.texts or not self.recipes:
            raise ValueError("no texts or no recipes")
        for name, recipe in self.recipes.items():
            if {len(recipe.features), *map(len, recipe.probabilities.values())} != {len(self.texts)}:
                raise ValueError(f"{len(self.texts)} texts with another number of answers of {name}")
            if not recipe.non_finite and _hash(recipe.features) != recipe.features_sha256:
                raise ValueError(f"features of {name} that are not those of their hash")


def measure(
    bundle: Bundle,
    recipe: str,
    texts: Sequence[str],
    repetitions: int = 10,
    clock: Callable[[], float] = time.perf_counter,
    *,
    device: Device | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> PhoneResults:
    """Time a recipe on texts, and keep what it answered.

    Every text is encoded once to warm up (and at least ``WARM_UP`` encodings are done), then ``repetitions`` times,
    all texts in turn, so that latency spreads over lengths as the texts do.

    :param repetitions: timed encodings of each text.
    :param clock: returns seconds.
    :param device: None: this one; on Android looked up on the main thread only (see :func:`this_device`).
    :param advance: told after each text how many encodings were done since it was told last.
    :raises UndertoneError: if there are no texts, no repetitions, or the bundle lacks the recipe.
    """
    if not texts or repetitions < 1:
        raise UndertoneError(
            "at least one text and one repetition", f"{len(texts)} and {repetitions}", "give some of both"
        )
    device = device or this_device()
    start = clock()
    with closing(Encoder(bundle, recipe)) as encoder:
        encoder.encode(texts[0])
        load_ms = (clock() - start) * 1e3
        answers = [encoder.encode(text) for text in texts]
        for _ in range(WARM_UP - len(texts)):
            encoder.encode(texts[0])
        seconds = []
        for _ in range(repetitions):
            for text in texts:
                start = clock()
                encoder.encode(text)
                seconds.append(clock() - start)
                advance(1)
    features = np.stack([answer.features for answer in answers])
    probabilities = {task: np.stack([answer.probabilities[task] for answer in answers]) for task in _tasks(bundle)}
    measured = PhoneRecipe(
        bundle.model_hash(recipe), load_ms, _latency(seconds), _hash(features), features, probabilities
    )
    manifest = bundle.manifest
    return PhoneResults(
        measured_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        device=device,
        bundle={
            "name": manifest.name,
            "version": manifest.version,
            "manifest_sha256": sha256_of(bundle.path / FILE_NAME),
        },
        texts=tuple(texts),
        recipes={recipe: measured},
    )


def this_device() -> Device:
    """Describe this device; on Android to be called on the main thread, where Java classes can be looked up."""
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    if is_android():
        build = java_class("android.os.Build")
        # SOC_MODEL came with Android 12; before, the board's name is the nearest there is.
        chipset = " ".join(
            str(value) for name in ("SOC_MANUFACTURER", "SOC_MODEL") if (value := getattr(build, name, None))
        )
        release = java_class("android.os.Build$VERSION").RELEASE
        try:
            versions["litert"] = str(java_class("org.tensorflow.lite.TensorFlowLite").runtimeVersion())
        except UndertoneError:
            pass  # an app without that class still measures
        return Device(
            f"{build.MANUFACTURER} {build.MODEL}", chipset or str(build.HARDWARE), f"Android {release}", versions
        )
    try:
        versions["litert"] = metadata.version("ai-edge-litert")
    except metadata.PackageNotFoundError:
        pass
    chipset = platform.processor() or platform.machine()
    return Device("desktop", chipset, f"{platform.system()} {platform.machine()}", versions)


def _tasks(bundle: Bundle) -> list[str]:
    return [task.name for task in bundle.manifest.tasks]


def _latency(seconds: Sequence[float]) -> PhoneLatency:
    values = np.asarray(seconds) * 1e3
    p50, p95 = np.percentile(values, [50, 95])
    return PhoneLatency(float(values.mean()), float(values.std()), float(p50), float(p95), len(seconds))


def _hash(features: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(features, dtype="<f4").tobytes()).hexdigest()


def _plain(values: NDArray[np.float32]) -> list[list[float | None]]:
    # Nine significant digits bring every float32 back as it was.
    return [[float(f"{value:.9g}") if math.isfinite(value) else None for value in row] for row in values.tolist()]


def _recipe(values: Mapping[str, Any]) -> PhoneRecipe:
    return PhoneRecipe(
        model_sha256=str(values["model_sha256"]),
        load_ms=float(values["load_ms"]),
        latency_ms=PhoneLatency(**values["latency_ms"]),
        features_sha256=str(values["features_sha256"]),
        features=_array(values["features"]),
        probabilities={str(task): _array(rows) for task, rows in values["probabilities"].items()},
    )


def _array(rows: Any) -> NDArray[np.float32]:
    array = np.asarray([[math.nan if value is None else value for value in row] for row in rows], np.float32)
    if array.ndim != 2:
        raise ValueError(f"an array of shape {array.shape}, expected [n_texts, values]")
    return array
