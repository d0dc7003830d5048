"""The app's exchange format, so that a dataset can be replayed as if a person had labelled it."""

from collections.abc import Sequence
from typing import Any

from mobile_app.engine.task import Task
from training.utterance import Utterance


def labelled_line(utterance: Utterance, tasks: Sequence[Task]) -> dict[str, Any]:
    """Return the JSON object of one line of ``labels.jsonl``; what the utterance lacks is left out."""
    labels = {
        task.name: list(utterance.labels[task.name]) if task.is_multi_label else utterance.labels[task.name][0]
        for task in tasks
        if task.name in utterance.labels
    }
    values = {
        "id": utterance.uid,
        "text": utterance.text,
        "labels": labels,
        "speaker": utterance.speaker,
        "dialogue": utterance.dialogue,
        "position": utterance.position,
    }
    return {key: value for key, value in values.items() if value is not None}
