"""One contestant in a process of its own: loads, then answers requests, one JSON object a line.

``python -m benchmarks.speed.worker ADAPTER OPTIONS`` with the options as JSON. It imports no more than its adapter
does, since the time from its start to its first answer is measured too.

``{"do": "time", "texts": [...]}`` -> ``{"seconds": [...]}``: from text to labels, utterance by utterance.
``{"do": "answer", "texts": [...]}`` -> ``{"answers": [{"labels", "probabilities", "features"}, ...]}``.
``{"do": "about"}`` -> ``{"peak_rss_mb", "packages", "versions", "cpu_seconds"}``.
"""

import json
import os
import sys
from importlib import import_module
from time import perf_counter, process_time
from typing import Any

Answer = dict[str, Any]


def main(name: str, words: str) -> None:
    """Serve until stdin closes."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not run into the replies
    options = json.loads(words)
    adapter = import_module(f"benchmarks.speed.adapters.{name}").Adapter(options)
    for line in sys.stdin:
        request = json.loads(line)
        replies.write(json.dumps(_DO[request["do"]](adapter, options, request)) + "\n")
        replies.flush()


def labels_of(options: Answer, probabilities: Answer) -> Answer:
    """Return the label of each softmax task and the labels at or above their thresholds of each sigmoid task."""
    labels: Answer = {}
    for task in options["tasks"]:
        row = probabilities.get(task["name"])
        if row is not None:
            names = task["labels"]
            if task["activation"] == "softmax":
                labels[task["name"]] = names[int(row.argmax())]
            else:
                limits = task["thresholds"] or [0.5] * len(names)
                pairs = zip(names, row.tolist(), limits, strict=True)
                labels[task["name"]] = [label for label, p, limit in pairs if p >= limit]
    return labels


def _time(adapter: Any, options: Answer, request: Answer) -> Answer:
    texts, seconds, run = request["texts"], [], adapter.run
    labels_of(options, run(texts[0]))  # brings the weights back into the caches after the others ran
    for text in texts:
        start = perf_counter()
        labels_of(options, run(text))
        seconds.append(perf_counter() - start)
    return {"seconds": seconds}


def _answer(adapter: Any, options: Answer, request: Answer) -> Answer:
    answers = []
    for text in request["texts"]:
        outputs = adapter.run(text)
        features = outputs.pop("features", None)
        answers.append(
            {
                "labels": labels_of(options, outputs),
                "probabilities": {name: row.tolist() for name, row in outputs.items()},
                "features": None if features is None else features.tolist(),
            }
        )
    return {"answers": answers}


def _about(adapter: Any, options: Answer, request: Answer) -> Answer:
    """Say what the process took, and how large the packages are that it imported."""
    from importlib import metadata

    from quantization.footprint import peak_rss_mb

    sizes, versions = {}, {}
    for package in adapter.packages:
        found = metadata.distribution(package)
        versions[package] = found.version
        paths = [file.locate() for file in found.files or ()]
        sizes[package] = sum(os.path.getsize(path) for path in paths if os.path.isfile(path))  # noqa: PTH202, PTH113
    return {
        "peak_rss_mb": peak_rss_mb(),
        "packages": sizes,
        "versions": versions,
        "cpu_seconds": process_time(),
        "notes": getattr(adapter, "notes", ""),
    }


_DO = {"time": _time, "answer": _answer, "about": _about}

if __name__ == "__main__":
    main(*sys.argv[1:])
