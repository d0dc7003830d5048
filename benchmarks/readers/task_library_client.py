"""Classify texts with TFLite Task Library; runs in its own environment, apart from the project.

Reads ``{"model": path, "texts": [...]}`` from stdin and writes a list of ``{label: score}``.
"""

import ctypes
import importlib.util
import json
import sys
from pathlib import Path
from unittest import mock


def _load_usb_library() -> None:
    """Load the USB library that the package links for accelerators, from a wheel where the system has none."""
    try:
        ctypes.CDLL("libusb-1.0.so.0")
    except OSError:
        # Found, not imported: its own code asks for further packages.
        found = importlib.util.find_spec("libusb_package")
        if found is None or found.origin is None:
            raise
        ctypes.CDLL(str(Path(found.origin).with_name("libusb-1.0.so")), ctypes.RTLD_GLOBAL)


def main() -> None:
    _load_usb_library()
    # Recording sound would need a system library, which nothing here uses.
    sys.modules["sounddevice"] = mock.MagicMock()
    from tflite_support.task import text

    asked = json.load(sys.stdin)
    classifier = text.BertNLClassifier.create_from_file(asked["model"])
    answers = []
    for utterance in asked["texts"]:
        categories = classifier.classify(utterance).classifications[0].categories
        answers.append({category.category_name: category.score for category in categories})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
