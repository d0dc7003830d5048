"""Measure every recipe of a bundle on labelled utterances, as the phone would run it."""

import random
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from typing import TypeVar

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import BundleError, DataError
from mobile_app.engine.files import sha256_of
from mobile_app.engine.manifest import FILE_NAME
from mobile_app.engine.recipe import RECIPES, recipe_named
from mobile_app.engine.task import Task
from quantization.baselines import baselines
from quantization.bootstrap import RESAMPLES, SEED
from quantization.collapse import signs
from quantization.conditions import this_machine
from quantization.decisions import decide
from quantization.engines import engine_named
from quantization.evaluation import evaluate
from quantization.flips import find_flips, golden_flips
from quantization.footprint import Footprint, measure_footprint
from quantization.gate import Gate
from quantization.gold import gold_labels, labelled_tasks
from quantization.inside import Inside, look_inside
from quantization.latency import SAMPLES, Latency, measure_latency
from quantization.options import CompareOptions
from quantization.outcome import Outcome
from quantization.phone import merge_phones
from quantization.previous import compare_with, read_previous
from quantization.progress import progress
from quantization.report import REFERENCE, BundleInfo, Collapse, DatasetInfo, Flip, RecipeReport, Report
from quantization.study import MOST_TEST, Split, Study, study
from quantization.task_report import report_task
from quantization.verdict import with_verdicts
from quantization.work import Work, forget
from quantization.xnnpack import xnnpack_share
from training.datasets import Dataset
from training.utterance import Utterance

TRAIN = "train"
PROBE_TEXTS = 50

T = TypeVar("T")


@dataclass(frozen=True)
class Measured:
    """What the passes over the recipes gave.

    :param golden: per recipe the texts of the gate's golden list that changed their label; None without a list.
    :param xnnpack: per recipe the share of operators inside the delegate.
    """

    footprints: Mapping[str, Footprint | None]
    latencies: Mapping[str, Latency]
    outcome: Outcome
    golden: Mapping[str, list[str]] | None
    studies: Mapping[str, Study]
    inside: Inside
    xnnpack: Mapping[str, float | None]


@dataclass(frozen=True)
class _Subject:
    """What is measured on.

    :param labelled: the tasks that the data labels.
    :param learnt: utterances of the train split, for the separator study.
    :param golden: texts whose labels must not change.
    """

    utterances: Sequence[Utterance]
    labelled: Sequence[Task]
    learnt: Sequence[Utterance]
    golden: Sequence[str]


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
    info = DatasetInfo(
        name=dataset.name,
        split=options.split,
        n=len(utterances),
        of=len(dataset.split(options.split)),
        sha256=dataset.split_sha256(options.split),
        licence=dataset.licence,
    )
    before = options.previous and read_previous(options.previous, info, bundle.manifest.name)
    phones = merge_phones(bundle, options.phones, recipes)
    subject = _Subject(utterances, labelled, _learnt(options, dataset, labelled), gate.golden if gate else ())
    measured = _measure(options, bundle, recipes, [utterance.text for utterance in utterances], subject)
    reports, flips = _report_recipes(bundle, recipes, utterances, measured)
    machine = this_machine(options.threads)
    previous = compare_with(before, reports, machine.cpu) if before else None
    return Report(
        measured_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        command=options.command,
        bundle=_describe(bundle),
        dataset=info,
        machine=machine,
        reference=REFERENCE,
        lengths=dict(sorted(measured.outcome.lengths.items())),
        truncated=measured.outcome.truncated,
        utterances_per_second=len(utterances) / measured.outcome.seconds,
        bootstrap={"resamples": RESAMPLES, "seed": SEED},
        recipes=reports,
        flips=flips,
        baselines=baselines(bundle.manifest.training, names),
        gate=gate.check(reports, previous) if gate else None,
        layer_conditions=measured.inside.conditions if measured.inside.layers else None,
        phones=phones,
        previous=previous,
    )


def check_fits(options: CompareOptions, bundle: Bundle, dataset: Dataset) -> None:
    """Refuse what :func:`compare` would refuse about recipes and labels, before anything is measured.

    :raises UndertoneError: if the bundle lacks the reference or a recipe, or the data has other labels.
    """
    choose_recipes(bundle, options.recipes)
    labelled_tasks(bundle.manifest.tasks, dataset)


def _learnt(options: CompareOptions, dataset: Dataset, labelled: Sequence[Task]) -> Sequence[Utterance]:
    """Return utterances of the train split for the study; none if the measured split holds them too."""
    if not options.study or options.split in (TRAIN, "all"):
        return ()
    names = {task.name for task in labelled}
    train = [one for one in dataset.utterances if one.split == TRAIN and names & set(one.labels)]
    return _draw(train, options.study)


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


def _measure(
    options: CompareOptions, bundle: Bundle, recipes: Sequence[str], texts: Sequence[str], subject: "_Subject"
) -> Measured:
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
        golden = golden_flips(bundle.manifest.tasks, encoders, REFERENCE, subject.golden)
    run = partial(
        evaluate,
        Work(str(bundle.path.resolve()), tuple(recipes), REFERENCE),
        bundle,
        engine=engine_named(options.engine, workers=options.workers, address=options.address),
        resume=options.resume,
    )
    kept = _places(len(texts), MOST_TEST) if subject.learnt else ()
    with progress("comparison", len(texts), "utterances") as advance:
        outcome = run(texts, advance=advance, kept=kept)
    studies: dict[str, Study] = {}
    if subject.learnt:
        with progress("separator study", len(subject.learnt), "utterances") as advance:
            train = run([one.text for one in subject.learnt], advance=advance, kept=range(len(subject.learnt)))
        judged = [subject.utterances[place] for place in kept]
        studies = study(
            subject.labelled,
            REFERENCE,
            _split(subject.labelled, subject.learnt, train),
            _split(subject.labelled, judged, outcome),
        )
    with progress("along the network", len(recipes) - 1, "recipes") as advance:
        inside = look_inside(bundle, recipes, REFERENCE, texts, advance)
    forget()
    shares = {recipe: xnnpack_share(bundle.path / bundle.recipe_entry(recipe).file) for recipe in recipes}
    return Measured(footprints, latencies, outcome, golden, studies, inside, shares)


def _split(tasks: Sequence[Task], utterances: Sequence[Utterance], outcome: Outcome) -> Split:
    return Split(
        {name: recipe.kept_features() for name, recipe in outcome.recipes.items()},
        {task.name: gold_labels(task, utterances) for task in tasks},
    )


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
    return with_verdicts(_with_collapses(bundle, reports, measured), REFERENCE), tuple(flips)


def _with_collapses(bundle: Bundle, reports: Mapping[str, RecipeReport], measured: Measured) -> dict[str, RecipeReport]:
    found = dict(reports)
    for name, report in reports.items():
        if name == REFERENCE:
            continue
        shown = signs(
            report.tasks,
            reports[REFERENCE].tasks,
            non_finite=report.non_finite,
            cosine=report.cosine,
            dead=len(report.dead_features or ()),
            dimension=bundle.manifest.feature_dimension,
        )
        if shown:
            found[name] = replace(report, collapse=Collapse(shown, measured.inside.culprits.get(name)))
    return found


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
        xnnpack_share=measured.xnnpack[recipe],
    )
    if recipe == REFERENCE:
        return report
    return replace(
        report,
        feature_squared_error=outcome.error.squared_error(),
        feature_squared_error_by_length=outcome.error.squared_error_by_length() or None,
        feature_squared_error_by_feature=outcome.error.mean_by_feature() or None,
        cosine=outcome.error.cosine(),
        dead_features=outcome.error.dead_features() or None,
        layers=measured.inside.layers.get(recipe),
        separator=measured.studies.get(recipe),
        golden_flips=measured.golden[recipe] if measured.golden is not None else None,
    )


def _describe(bundle: Bundle) -> BundleInfo:
    manifest = bundle.manifest
    backbone = str(manifest.backbone.get("name", "unnamed"))
    return BundleInfo(manifest.name, manifest.version, backbone, sha256_of(bundle.path / FILE_NAME))


def _draw(items: Sequence[T], limit: int | None) -> Sequence[T]:
    """Return at most ``limit`` items in their order, drawn with a fixed seed."""
    return items if limit is None or limit >= len(items) else [items[place] for place in _places(len(items), limit)]


def _places(n: int, limit: int) -> Sequence[int]:
    return range(n) if limit >= n else sorted(random.Random(SEED).sample(range(n), limit))
