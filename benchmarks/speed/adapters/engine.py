"""Ours: the engine of the phone, each utterance in its length bucket."""

from pathlib import Path
from typing import Any

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder


class Adapter:
    """Runs a recipe of a bundle.

    :param options: ``bundle``, ``recipe``, ``threads``.
    """

    packages = ("numpy", "ai-edge-litert")

    def __init__(self, options: dict[str, Any]) -> None:
        bundle = Bundle.open(Path(options["bundle"]))
        self._encode = Encoder(bundle, options["recipe"], threads=options["threads"]).encode

    def run(self, text: str) -> dict[str, Any]:
        """Return features and probabilities of one utterance."""
        encoding = self._encode(text)
        return {"features": encoding.features, **encoding.probabilities}
