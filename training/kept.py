"""Arrays that were computed once and kept on the disk."""

from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

Floats = NDArray[np.float32]


def kept_arrays(path: Path) -> dict[str, Floats] | None:
    """Return what was kept; None if there is nothing, or if it is damaged, which is removed and computed again."""
    if not path.is_file():
        return None
    try:
        return dict(safetensors.numpy.load_file(path))
    except SafetensorError:
        path.unlink()
        return None
