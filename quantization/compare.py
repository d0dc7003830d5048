"""Measure every recipe of a bundle on labelled utterances, as the phone would run it."""

import random
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TypeVar

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import BundleError, DataError
from mobile_app.engine.files import sha256_of
from mobile_app.engine.manifest import FILE_NAME
from mobile_app.engine.recipe import RECIPES, recipe_named
from quantization.baselines import baselines
from quantization.bootstrap import RESAMPLES, SEED
from quantization.conditions import this_machine
from quantization.decisions import decide
from quantization.evaluation import Outcome, evaluate
from quantization.flips import find_flips
from quantization.footprint import Footprint, measure_footprint
from quantization.gate import Gate
from quantization.gold import gold_labels, labelled_tasks
from quantization.latency import SAMPLES, Latency, measure_latency
from quantization.options import CompareOptions
from quantization.progress import progress
from quantization.report import REFERENCE, BundleInfo, DatasetInfo, Flip, RecipeReport, Report
from quantization.task_report import report_task
from quantization.verdict import with_verdicts
from training.datasets import Dataset
from training.utterance import Utterance

PROBE_TEXTS = 50

T = TypeVar("T")


@dataclass(frozen=True)
class Measured:
    """What the three passes over the recipes gave."""

    footprints: Mapping[str, Footprint | None]
    latencies: Mapping[str, Latency]
    outcome: Outcome


def compare(options: CompareOptions, bundle: Bundle, dataset: Dataset) -> Report:
    """Measure and report.

    :raises UndertoneError: if the bundle lacks the reference or a recipe, or the data does not fit the bundle.
    """
    recipes = choose_recipes(bundle, options.recipes)
    tasks = bundle.manifest.tasks
    labelled = labelled_tasks(tasks, dataset)
    utterances = _draw(dataset.split(options.split), options.limit)
    for task in labelled:
        if not any(task.name in utterance.labels for utterance in utterances):
            raise DataError(
                f"labels for task {task.name} in split {options.split} of {dataset.name}",
                "none",
                "choose another split, or leave the task out with --tasks",
            )
    names = [task.name for task in labelled]
    gate = options.gate and Gate.read(
        options.gate, recipes=recipes[1:], tasks=[task.name for task in tasks], labelled=names
    )
    measured = _measure(options, bundle, recipes, [utterance.text for utterance in utterances])
    reports, flips = _report_recipes(bundle, recipes, utterances, measured)
    return Report(
        measured_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        command=options.command,
        bundle=_describe(bundle),
        dataset=DatasetInfo(
            name=dataset.name,
            split=options.split,
            n=len(utterances),
            of=len(dataset.split(options.split)),
            sha256=dataset.split_sha256(options.split),
            licence=dataset.licence,
        ),
        machine=this_machine(options.threads),
        reference=REFERENCE,
        lengths=dict(sorted(measured.outcome.lengths.items())),
        truncated=measured.outcome.truncated,
        utterances_per_second=len(utterances) / measured.outcome.seconds,
        bootstrap={"resamples": RESAMPLES, "seed": SEED},
        recipes=reports,
        flips=flips,
        baselines=baselines(bundle.manifest.training, names),
        gate=gate.check(reports) if gate else None,
    )


def choose_recipes(bundle: Bundle, wanted: Sequence[str] | None) -> list[str]:
    """Return the recipes to compare in the order of the recipe list, the reference first.

    :raises BundleError: if the bundle lacks the reference or a wanted recipe.
    """
    available = bundle.manifest.recipes
    if REFERENCE not in available:
        raise BundleError(
            f"a bundle with the reference recipe {REFERENCE}",
            f"only {', '.join(available)} in {bundle.path}",
            f"build the bundle with {REFERENCE} among its recipes",
        )
    for recipe in wanted or ():
        bundle.recipe_entry(recipe)
    chosen = {REFERENCE, *(wanted or available)}
    return [recipe for recipe in RECIPES if recipe in chosen]


def _measure(options: CompareOptions, bundle: Bundle, recipes: Sequence[str], texts: Sequence[str]) -> Measured:
    footprints = {}
    with progress("load time and memory", len(recipes), "recipes") as advance:
        for recipe in recipes:
            footprints[recipe] = measure_footprint(bundle.path, recipe, texts[:PROBE_TEXTS], options.threads)
            advance(1)
    with ExitStack() as stack:
        encoders = {
            recipe: stack.enter_context(closing(Encoder(bundle, recipe, threads=options.threads))) for recipe in recipes
        }
        timed = _draw(texts, SAMPLES)
        with progress("latency", len(recipes) * len(timed), "utterances") as advance:
            latencies = measure_latency(encoders, timed, options.threads, advance)
        with progress("comparison", len(texts), "utterances") as advance:
            outcome = evaluate(encoders, REFERENCE, bundle, texts, workers=options.workers, advance=advance)
    return Measured(footprints, latencies, outcome)


def _report_recipes(
    bundle: Bundle, recipes: Sequence[str], utterances: Sequence[Utterance], measured: Measured
) -> tuple[dict[str, RecipeReport], tuple[Flip, ...]]:
    reports = {recipe: _report_recipe(bundle, recipe, measured) for recipe in recipes}
    flips: list[Flip] = []
    texts = [utterance.text for utterance in utterances]
    for task in bundle.manifest.tasks:
        gold, labelled = gold_labels(task, utterances)
        reference = measured.outcome.recipes[REFERENCE].probabilities_of(task.name)
        for recipe in recipes:
            found = measured.outcome.recipes[recipe].probabilities_of(task.name)
            of_task = report_task(task, gold, labelled, found, None if recipe == REFERENCE else reference)
            reports[recipe].tasks[task.name] = of_task
            labels = (decide(task, reference), decide(task, found))
            flips += find_flips(recipe, task, texts, (gold, labelled), labels, (reference, found))
    return with_verdicts(reports, REFERENCE), tuple(flips)


def _report_recipe(bundle: Bundle, recipe: str, measured: Measured) -> RecipeReport:
    manifest = bundle.manifest
    sizes = {name: manifest.files[manifest.recipes[name].file].bytes for name in (recipe, REFERENCE)}
    outcome, footprint = measured.outcome.recipes[recipe], measured.footprints[recipe]
    report = RecipeReport(
        shown_as=recipe_named(recipe).shown_as,
        bytes=sizes[recipe],
        bytes_ratio=sizes[REFERENCE] / sizes[recipe],
        non_finite=outcome.non_finite,
        latency_ms=measured.latencies[recipe],
        tasks={},
        census=manifest.recipes[recipe].census,
        load_ms=footprint.load_ms if footprint else None,
        peak_rss_mb=footprint.peak_rss_mb if footprint else None,
    )
    if recipe == REFERENCE:
        return report
    return replace(
        report,
        feature_squared_error=outcome.error.squared_error(),
        feature_squared_error_by_length=outcome.error.squared_error_by_length() or None,
        feature_squared_error_by_feature=outcome.error.mean_by_feature() or None,
        cosine=outcome.error.cosine(),
    )


def _describe(bundle: Bundle) -> BundleInfo:
    manifest = bundle.manifest
    backbone = str(manifest.backbone.get("name", "unnamed"))
    return BundleInfo(manifest.name, manifest.version, backbone, sha256_of(bundle.path / FILE_NAME))


def _draw(items: Sequence[T], limit: int | None) -> Sequence[T]:
    """Return at most ``limit`` items in their order, drawn with a fixed seed."""
    if limit is None or limit >= len(items):
        return items
    return [items[place] for place in sorted(random.Random(SEED).sample(range(len(items)), limit))]
