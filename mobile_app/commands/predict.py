"""The command ``predict``: utterances in, emotions and sentiments out."""

import argparse
from contextlib import closing

from mobile_app.commands import conversation
from mobile_app.commands.arguments import add_bundle, open_bundle
from mobile_app.commands.lines import stdin_lines
from mobile_app.engine.command_line import say, say_json
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.prediction import Prediction, TaskPrediction
from mobile_app.engine.task import Task

_TEXT_WIDTH = 48


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_bundle(parser)
    parser.add_argument(
        "--recipe", default=argparse.SUPPRESS, help="quantization scheme to run (default: the bundle's)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "--features", action="store_true", help="add the feature vector to each JSON object (with --json)"
    )
    conversation.add_arguments(parser)
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="an utterance; without any, lines of stdin are read")


def run(arguments: argparse.Namespace) -> int:
    """Predict each utterance given as argument or, without arguments, each line of stdin that is not blank.

    A blank line separates, it says nothing; an empty argument is someone's question and gets an answer.

    :raises UndertoneError: if the bundle or the recipe cannot be used, or stdin is not UTF-8.
    """
    if arguments.features and not arguments.json:
        raise UndertoneError("--json beside --features", "--features alone", "add --json")
    if arguments.conversation and (arguments.texts or arguments.features):
        raise UndertoneError(
            "a conversation on stdin beside --conversation",
            "--features" if arguments.features else "texts as arguments",
            "leave one of them out",
        )
    bundle = open_bundle(arguments)
    if arguments.conversation:
        return conversation.run(bundle, arguments.recipe, as_json=arguments.json)
    texts = arguments.texts or (line for line in stdin_lines() if line.strip())
    with closing(Encoder(bundle, arguments.recipe)) as encoder:
        for text in texts:
            encoding = encoder.encode(text)
            tasks = {
                task.name: TaskPrediction.of(task, task.labels, encoding.probabilities[task.name])
                for task in bundle.manifest.tasks
            }
            prediction = Prediction(encoding, tasks)
            if arguments.json:
                say_json(prediction.to_dict(features=arguments.features))
            else:
                say(_readable(prediction, bundle.manifest.tasks))
    return 0


def _readable(prediction: Prediction, tasks: tuple[Task, ...]) -> str:
    text = " ".join(prediction.encoding.text.split())
    if len(text) > _TEXT_WIDTH:
        text = text[: _TEXT_WIDTH - 1] + "…"
    columns = [f"{text:<{_TEXT_WIDTH}}"]
    for task in tasks:
        width = len(task.name) + max(map(len, task.labels)) + 7
        columns.append(f"{task.name}: {_labels(prediction.tasks[task.name])}".ljust(width))
    return "  ".join(columns).rstrip()


def _labels(prediction: TaskPrediction) -> str:
    labels = (prediction.label,) if isinstance(prediction.label, str) else prediction.label
    return ", ".join(f"{label} {prediction.probabilities[label]:.2f}" for label in labels) or "none"
