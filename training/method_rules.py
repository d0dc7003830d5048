"""Which choices of a method go together: contradictions are refused at the start, by the name of the option."""

from typing import TYPE_CHECKING

from training.architecture import BRANCHES, DISTANCES, HEADS, NONE, PROTOTYPES
from training.class_weights import ADAPTIVE, CLASS_WEIGHTS
from training.rules import Rule

if TYPE_CHECKING:
    from training.config import FitConfig

CROSS_ENTROPY, FOCAL = "cross-entropy", "focal"
LOSSES = (CROSS_ENTROPY, FOCAL)


def method_rules(config: "FitConfig") -> tuple[Rule, ...]:
    """Return option, whether its value may be, and what is expected."""
    return (*_values(config), *_combinations(config))


def _values(config: "FitConfig") -> tuple[Rule, ...]:
    optional = {name: getattr(config, name) for name in ("focal_gamma", "focal_gamma_end", "prototypical_loss")}
    return (
        ("branch", config.branch in BRANCHES, f"one of {', '.join(BRANCHES)}"),
        ("branch_units", config.branch_units is None or config.branch_units >= 1, "of at least 1"),
        ("head", config.head in HEADS, f"one of {', '.join(HEADS)}"),
        ("distance", config.distance is None or config.distance in DISTANCES, f"one of {', '.join(DISTANCES)}"),
        ("temperature", config.temperature is None or config.temperature > 0, "above 0"),
        ("loss", config.loss in LOSSES, f"one of {', '.join(LOSSES)}"),
        ("class_weights", config.class_weights in CLASS_WEIGHTS, f"one of {', '.join(CLASS_WEIGHTS)}"),
        ("word_deletion", 0 <= config.word_deletion < 1, "from 0 to below 1, a share of the words"),
        ("teacher", config.teacher is None or all(config.teacher.split(",")), "with run folders, separated by commas"),
        ("soft", config.soft is None or 0 < config.soft <= 1, "above 0 and up to 1, a share of the targets"),
        *((name, value is None or 0 <= value < 100, "from 0 to below 100") for name, value in optional.items()),
    )


def _combinations(config: "FitConfig") -> tuple[Rule, ...]:
    prototypes, focal = config.head == PROTOTYPES, config.is_focal
    weights = config.class_weights
    above = config.self_attention or config.cross_attention or config.branch != NONE
    one_task = config.tasks is not None and len(config.tasks) < 2
    counted = prototypes or focal or weights != NONE or config.oversample
    return (
        ("cross_attention", not (config.cross_attention and one_task), "with two tasks, between which it goes"),
        ("branch_units", config.branch_units is None or config.branch != NONE, "with --branch dense or leaky"),
        ("distance", config.distance is None or prototypes, "with --head prototypes"),
        ("temperature", config.temperature is None or prototypes, "with --head prototypes"),
        ("prototypical_loss", config.prototypical_loss is None or prototypes, "with --head prototypes"),
        (
            "prototypical_loss",
            config.prototypical_loss is None or focal or not prototypes,
            "with --loss focal (the cross-entropy of a prototype head is the prototypical loss already)",
        ),
        (
            "freeze_backbone",
            not config.freeze_backbone or above or not prototypes,
            "with --branch or --self-attention under --head prototypes, which has no weights to train",
        ),
        ("focal_gamma", config.focal_gamma is None or focal, "with --loss focal"),
        ("focal_gamma_end", config.focal_gamma_end is None or focal, "with --loss focal"),
        ("class_weights", weights != ADAPTIVE or focal, "adaptive with --loss focal, whose alpha they are"),
        (
            "teacher",
            config.teacher is None or not counted,
            "without --head prototypes, --loss focal, --class-weights and --oversample, which need whole labels",
        ),
        ("soft", config.soft is None or config.teacher is not None, "with --teacher"),
        (
            "oversample",
            not config.oversample or weights == NONE,
            "without --class-weights (both answer the same imbalance)",
        ),
    )
