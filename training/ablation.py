"""The ablation of the multitask prototypical network: each part left out or replaced in turn, over several seeds."""

import json
import shutil
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import note
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import write_file
from training.architecture import DENSE, LINEAR, NONE, PROTOTYPES
from training.class_weights import ADAPTIVE, STATIC
from training.class_weights import NONE as UNWEIGHTED
from training.config import FitConfig
from training.datasets import Dataset
from training.method_rules import CROSS_ENTROPY, FOCAL
from training.provenance import provenance_of

FULL: Mapping[str, Any] = {
    "self_attention": True,
    "cross_attention": True,
    "branch": DENSE,
    "head": PROTOTYPES,
    "loss": FOCAL,
    "focal_gamma": 2.0,
    "focal_gamma_end": 1.0,
    "class_weights": ADAPTIVE,
    "prototypical_loss": 0.5,
    "word_deletion": 0.1,
}
_NO_FOCAL = {
    "loss": CROSS_ENTROPY,
    "focal_gamma": None,
    "focal_gamma_end": None,
    "class_weights": UNWEIGHTED,
    "prototypical_loss": None,
}
_NO_ATTENTION = {"self_attention": False, "cross_attention": False}
# What each variant has different from the full method. Oversampling and static weights take the place of the focal
# weighted loss, as the comparators that they are.
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "without-augmentation": {"word_deletion": 0.0},
    "without-prototypes": {"head": LINEAR, "prototypical_loss": None},
    "without-focal-loss": _NO_FOCAL,
    "without-attention": _NO_ATTENTION,
    "with-oversampling": {**_NO_FOCAL, "oversample": True},
    "with-class-weighting": {**_NO_FOCAL, "class_weights": STATIC},
    "plain": {**_NO_FOCAL, **_NO_ATTENTION, "branch": NONE, "head": LINEAR, "word_deletion": 0.0},
}
MEASURES = ("weighted_f1", "macro_f1", "accuracy")
EFFICIENCY_TEXTS = 200
RESULT_FILE, PICTURE_FILE, _PLAN_FILE = "ablation.json", "ablation.png", "plan.json"


@dataclass(frozen=True)
class Ablation:
    """Which cells to fill.

    :param base: what all variants share; its parts of the method and its seed are ignored.
    :param variants: names of :data:`VARIANTS`.
    :param seeds: each variant is fitted with each.
    :param efficiency: whether to measure what each variant costs to use.
    """

    base: FitConfig
    variants: tuple[str, ...] = tuple(VARIANTS)
    seeds: tuple[int, ...] = (1, 2, 3)
    efficiency: bool = True

    def __post_init__(self) -> None:
        unknown = [name for name in self.variants if name not in VARIANTS]
        if unknown or not self.variants:
            raise UndertoneError(
                f"--variants among {', '.join(VARIANTS)}", ", ".join(unknown) or "none", "correct the names"
            )
        if not self.seeds:
            raise UndertoneError("--seeds of at least 1", "0", "choose a larger number")

    def config(self, variant: str, seed: int, dataset: Dataset) -> FitConfig:
        """Return the choices of a cell; between the tasks of a dataset with one task there is no attention."""
        changes = {**FULL, **VARIANTS[variant]}
        if len(dataset.tasks) < 2:
            changes["cross_attention"] = False
        return replace(self.base, seed=seed, **changes)


def ablate(
    ablation: Ablation,
    dataset: Dataset,
    out: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Fill every cell, keep each as soon as it is finished, and write table and picture.

    :param out: the folder with ``ablation.json``, ``ablation.png`` and ``cells/``.
    :param resume: whether to keep the cells that are there; more variants and seeds may be added.
    :param overwrite: whether what is there may be thrown away.
    :return: the content of ``ablation.json``.
    :raises UndertoneError: if ``out`` is taken, or was begun with other choices or data.
    :raises CheckFailedError: if the loss of a cell became NaN.
    """
    _begin(out, {"base": ablation.base.to_dict(), "data sha256": dataset.sha256}, resume=resume, overwrite=overwrite)
    cells: dict[str, list[dict[str, Any]]] = {variant: [] for variant in ablation.variants}
    for seed in ablation.seeds:  # a stopped ablation has whole rounds of all variants
        for variant in ablation.variants:
            cells[variant].append(_cell(ablation, dataset, out, variant, seed))
    result = {
        "data": dataset.name,
        "backbone": Path(ablation.base.backbone).name,
        "seeds": list(ablation.seeds),
        "base": {**ablation.base.to_dict(), "backbone": Path(ablation.base.backbone).name},
        "full": dict(FULL),
        "rows": [
            {"variant": variant, "changes": dict(VARIANTS[variant]), **_summary(found)}
            for variant, found in cells.items()
        ],
        "provenance": provenance_of(dataset, seed=ablation.seeds[0], command=command),
    }
    write_json(out / RESULT_FILE, result)
    from training.ablation_plot import draw_ablation

    draw_ablation(out / PICTURE_FILE, result)
    note(f"wrote {out}")
    return result


def write_json(path: Path, values: Any) -> None:
    """Write JSON as a whole or not at all."""
    write_file(path, (json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode())


def _begin(out: Path, plan: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
    if out.exists() and not (resume or overwrite):
        raise UndertoneError(
            "a path that is free", f"{out} exists", "choose another path, or add --resume or --overwrite"
        )
    if overwrite and not resume:
        shutil.rmtree(out, ignore_errors=True)
    path = out / _PLAN_FILE
    if not path.exists():
        write_json(path, plan)
    elif json.loads(path.read_text(encoding="utf-8")) != json.loads(json.dumps(plan)):
        raise UndertoneError(
            f"the choices and data that {out} was begun with", "other ones", "give the same, or --overwrite alone"
        )


def _cell(ablation: Ablation, dataset: Dataset, out: Path, variant: str, seed: int) -> dict[str, Any]:
    """Return what a cell holds, from the disk if it is finished, else from a new run."""
    path = out / "cells" / f"{variant}.{seed}.json"
    if path.exists():
        cell: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not ablation.efficiency or seed != ablation.seeds[0] or "efficiency" in cell:
            return cell
    from training.efficiency import measure_in_child
    from training.fit import fit_dataset
    from training.tensorflow import keras

    note(f"{variant}, seed {seed}")
    run = path.with_suffix("")
    config = ablation.config(variant, seed, dataset)
    metrics = fit_dataset(config, dataset, run, baselines=False, resume=True, overwrite=True)
    cell = {"variant": variant, "seed": seed, "best_epoch": metrics["best_epoch"]}
    cell |= {split: metrics[split] for split in ("dev", "test")}
    if ablation.efficiency and seed == ablation.seeds[0]:
        texts = [one.text for one in dataset.split("test")][:EFFICIENCY_TEXTS]
        cell["efficiency"] = measure_in_child(run, texts)
    write_json(path, cell)
    shutil.rmtree(run)
    keras.backend.clear_session()  # or every cell would leave its graphs in memory
    return cell


def _summary(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return mean and standard deviation over seeds of each measure, per task, and what the variant costs."""
    summary: dict[str, Any] = {}
    for split in ("dev", "test"):
        summary[split] = {
            task: {
                **{name: _spread([cell[split][task][name] for cell in cells]) for name in MEASURES},
                "ece": _spread([cell[split][task]["calibration"]["ece"] for cell in cells]),
                "per_label_f1": {
                    label: _spread([cell[split][task]["per_label"][label]["f1"] for cell in cells])
                    for label in cells[0][split][task]["per_label"]
                },
            }
            for task in cells[0][split]
        }
    measured = [cell["efficiency"] for cell in cells if "efficiency" in cell]
    return summary | ({"efficiency": measured[0]} if measured else {})


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"mean": statistics.fmean(values), "sd": statistics.stdev(values) if len(values) > 1 else 0.0}
