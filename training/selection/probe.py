"""A process of its own in which a bundle is opened and used by the phone's engine alone, so that nothing else counts.

``python -m training.selection.probe BUNDLE RECIPE`` takes a JSON list of texts on stdin and prints one JSON object:
milliseconds an utterance (median and 95th percentile, tokenization included, one thread) and peak memory in MB.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import say_json
from mobile_app.engine.encoder import Encoder
from training.memory import peak_rss_mb

WARM_UP = 20


def main(path: str, recipe: str) -> None:
    """Measure one recipe of a bundle."""
    texts = json.load(sys.stdin)
    bundle = Bundle.open(Path(path))
    encoder = Encoder(bundle, recipe, threads=1)
    for text in texts[:WARM_UP]:
        encoder.encode(text)
    seconds = []
    for text in texts:
        start = time.perf_counter()
        encoder.encode(text)
        seconds.append(time.perf_counter() - start)
    p50, p95 = np.percentile(np.array(seconds) * 1e3, [50, 95])
    size = bundle.manifest.files[bundle.manifest.recipes[recipe].file].bytes
    say_json({"ms_p50": float(p50), "ms_p95": float(p95), "n": len(texts), "bytes": size, "peak_mb": peak_rss_mb()})


if __name__ == "__main__":
    main(*sys.argv[1:])
