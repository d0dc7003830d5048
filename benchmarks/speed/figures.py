"""The promised figures, taken from the rows of a run."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.record import Figure
from benchmarks.speed.contestants import OURS

# Promised figure -> the contestants it is about; where there are several, the fastest of them counts.
RIVALS = {
    "vs_reference_way_int8": ("reference_int8",),
    "vs_onnxruntime_int8": ("onnxruntime_int8", "onnxruntime_fused_int8"),
    "vs_pytorch_eager": ("pytorch_eager",),
    "vs_pytorch_compiled": ("pytorch_compiled",),
    "vs_mediapipe_int8": ("mediapipe_int8",),
}


def speed_figures(rows: Sequence[Mapping[str, Any]], headline: Iterable[str]) -> dict[str, Figure]:
    """Return the promised figures: one thread, and of the headline models the one where ours gains least.

    Each model has its own figure beside it, ``<name>_<model>``.

    :param headline: names of models with real weights.
    """
    figures = {}
    for name, rivals in RIVALS.items():
        of_models = {}
        for model in headline:
            found = [row for row in _warm(rows) if row["model"] == model and row["contestant"] in rivals]
            if found:
                row = min(found, key=lambda one: one["times_ours"])
                of_models[model] = row
                figures[f"{name}_{_plain(model)}"] = _figure(row)
        if of_models:
            least = min(of_models.values(), key=lambda one: one["times_ours"])
            figures[name] = _figure(least, f"{least['model']}, where ours gains least of {', '.join(of_models)}; ")
    return figures | _cold_figures(rows)


def _warm(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["kind"] == "warm" and row["threads"] == 1]


def _figure(row: Mapping[str, Any], words: str = "") -> Figure:
    low, high = row["times_ours_quartiles"]
    note = f"{words}{row['shown_as']}: median of paired ratios, quartiles {low:.2f} to {high:.2f}, one thread"
    return Figure(row["times_ours"], n=row["n"], note=note)


def _cold_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    figures = {}
    for row in rows:
        if row["kind"] == "cold":
            low, high = row["s_quartiles"]
            name = "cold_start_first_label_s" if row["contestant"] == OURS else f"cold_start_{row['contestant']}_s"
            note = f"process start to first label, files in the page cache; quartiles {low:.2f} to {high:.2f}"
            figures[name] = Figure(row["s"], n=row["n"], note=note)
    return figures


def _plain(model: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in model)
