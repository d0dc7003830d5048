"""Turn one traced model into one TFLite file per recipe."""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.recipe import Recipe
from training.tensorflow import tf

# What this version can write; the other recipes of the format need calibration data.
CONVERTIBLE = ("fp32", "fp16", "dynamic_wi8_afp32")


def convert(saved_model: Path, signatures: Sequence[str], recipe: Recipe) -> bytes:
    """Convert a SavedModel by one recipe, with built-in operators only.

    The TensorFlow converter quantizes the embedding table as well (ai-edge-quantizer 0.10 leaves that gather in
    float: 59 MB instead of 24 MB for MiniLM-L6), shares weights between signatures, and reads the graph anew for each
    recipe.

    :raises UndertoneError: if the recipe is not one of ``CONVERTIBLE``, or an operator has no built-in counterpart.
    """
    if recipe.name not in CONVERTIBLE:
        raise UndertoneError(
            f"a recipe that can be built ({', '.join(CONVERTIBLE)})", recipe.name, "choose one of these"
        )
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model), signature_keys=list(signatures))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if recipe.name != "fp32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if recipe.name == "fp16":
        converter.target_spec.supported_types = [tf.float16]
    with _quiet_native_logs():
        return _run(converter)


def _run(converter: Any) -> bytes:
    try:
        content: bytes = converter.convert()
    except Exception as error:  # the converter raises several undocumented types
        operators = sorted(set(re.findall(r"tf\.(\w+)\b", str(error))))
        if "not supported by the native TFLite runtime" in str(error) or "neither a custom op nor a flex op" in str(
            error
        ):
            raise UndertoneError(
                "a graph of built-in TFLite operators",
                f"operators without one ({', '.join(operators) or 'unnamed'})",
                "replace the layers that use them; Flex operators would add tens of megabytes to the app",
            ) from error
        raise
    return content


@contextlib.contextmanager
def _quiet_native_logs() -> Iterator[None]:
    """Keep what the native converter writes straight to file descriptor 2 off the screen, unless it fails."""
    with tempfile.TemporaryFile() as log:
        kept = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            yield
        except BaseException:
            log.seek(0)
            os.write(kept, log.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
