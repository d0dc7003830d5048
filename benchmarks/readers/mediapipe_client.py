"""Classify texts with MediaPipe; runs in its own environment, apart from the project.

Reads ``{"model": path, "texts": [...]}`` from stdin and writes a list of ``{label: score}``.
"""

import json
import sys
from unittest import mock


def main() -> None:
    # For pictures and plots, which take half a gigabyte and nothing here uses.
    for name in ("cv2", "matplotlib", "matplotlib.pyplot", "sounddevice", "PIL", "PIL.Image"):
        sys.modules[name] = mock.MagicMock()
    from mediapipe.tasks.python.core.base_options import BaseOptions
    from mediapipe.tasks.python.text.text_classifier import TextClassifier, TextClassifierOptions

    asked = json.load(sys.stdin)
    options = TextClassifierOptions(base_options=BaseOptions(model_asset_path=asked["model"]))
    answers = []
    with TextClassifier.create_from_options(options) as classifier:
        for utterance in asked["texts"]:
            categories = classifier.classify(utterance).classifications[0].categories
            answers.append({category.category_name: category.score for category in categories})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
