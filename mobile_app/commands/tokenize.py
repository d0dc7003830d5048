"""The command ``tokenize``: lines in, token ids out, as the model would see them untruncated."""

import argparse

from mobile_app.commands.arguments import add_bundle, open_bundle
from mobile_app.commands.lines import stdin_lines
from mobile_app.engine.command_line import say_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_bundle(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print one JSON list of token ids for each line of stdin, blank lines included."""
    tokenizer = open_bundle(arguments).tokenizer()
    for line in stdin_lines():
        say_json(tokenizer.encode(line))
    return 0
