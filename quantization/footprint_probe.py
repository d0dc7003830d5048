"""The child process of :mod:`quantization.footprint`: opens one recipe, encodes utterances, prints what it took."""

import json
import sys
import time
from pathlib import Path

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import say_json
from mobile_app.engine.encoder import Encoder
from quantization.footprint import peak_rss_mb


def main(path: str, recipe: str, threads: str) -> None:
    """Measure one recipe on the texts of stdin (a JSON list)."""
    texts = json.load(sys.stdin)
    bundle = Bundle.open(Path(path))
    start = time.perf_counter()
    encoder = Encoder(bundle, recipe, threads=int(threads))
    encoder.encode(texts[0])
    load_ms = (time.perf_counter() - start) * 1e3
    for text in texts:
        encoder.encode(text)
    say_json({"load_ms": load_ms, "peak_rss_mb": peak_rss_mb()})


if __name__ == "__main__":
    main(*sys.argv[1:])
