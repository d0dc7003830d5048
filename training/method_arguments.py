"""The options of ``fit`` that switch on parts of a method."""

import argparse

from training.architecture import BRANCHES, DISTANCES, HEADS, LEAKY_UNITS, TEMPERATURE
from training.class_weights import CLASS_WEIGHTS
from training.config import FOCAL_GAMMA, SOFT, FitConfig
from training.method_rules import LOSSES


def add_method_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them; each is off unless given."""
    off = FitConfig(data="sample")
    method = parser.add_argument_group("parts of the model and its loss, all off by default")
    method.add_argument("--self-attention", action="store_true", help="over the token states, shared by all tasks")
    method.add_argument("--cross-attention", action="store_true", help="between the token states of the tasks")
    method.add_argument(
        "--branch",
        choices=BRANCHES,
        default=off.branch,
        help="layer of a task before its head (default %(default)s)",
    )
    method.add_argument(
        "--branch-units", type=int, metavar="N", help=f"its width (default: dense the backbone's, leaky {LEAKY_UNITS})"
    )
    method.add_argument("--head", choices=HEADS, default=off.head, help="(default %(default)s)")
    method.add_argument("--distance", choices=DISTANCES, help=f"to the prototypes (default {DISTANCES[0]})")
    method.add_argument("--temperature", type=float, metavar="X", help=f"of the prototypes (default {TEMPERATURE})")
    method.add_argument("--loss", choices=LOSSES, default=off.loss, help="(default %(default)s)")
    method.add_argument("--focal-gamma", type=float, metavar="X", help=f"of the focal loss (default {FOCAL_GAMMA:g})")
    method.add_argument(
        "--focal-gamma-end", type=float, metavar="X", help="in the last epoch, reached linearly (default: the same)"
    )
    method.add_argument(
        "--class-weights",
        choices=CLASS_WEIGHTS,
        default=off.class_weights,
        help="static: by frequency; adaptive: also by the train errors of the epoch before (default %(default)s)",
    )
    method.add_argument(
        "--prototypical-loss", type=float, metavar="X", help="its factor beside the focal loss (default: without)"
    )
    method.add_argument(
        "--word-deletion",
        type=float,
        default=off.word_deletion,
        metavar="X",
        help="chance of each word to be left out, anew in each epoch (default %(default)s)",
    )
    method.add_argument(
        "--teacher", metavar="RUN[,RUN]", help="fine-tuned runs whose mean probabilities are part of the targets"
    )
    method.add_argument("--soft", type=float, metavar="X", help=f"their share of the targets (default {SOFT})")
    method.add_argument("--oversample", action="store_true", help="repeat what has rare labels of the first task")
