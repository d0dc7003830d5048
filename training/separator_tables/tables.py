"""The tables as Markdown, which is also what a terminal shows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from training.separator_tables.choices import PCA_SHARES
from training.separator_tables.published import FINE_TUNED_MELD, LINEAR_MELD, NOTE

SEPARATORS = ("Linear", "Linear, wide", "Linear, Adam", "Hidden", "ELM", "OS-ELM", "Prototypes")
PCA = tuple(f"PCA {share:.1%}".replace(".0%", "%") for share in PCA_SHARES)
SPEAKER_COLUMNS = ("Linear", "Linear, SGD", "OS-ELM", "Linear of all users")
STAGES = {"final": "to the end", "stopped": "stopped early"}


def page(results: Mapping[str, Any]) -> str:
    """Return the four tables of what :func:`training.separator_tables.run.separators` measured."""
    data, task = results["data"], results["task"]
    about = f"Weighted F1 on the test split of {data}, task {task}; settings were chosen on dev."
    sections = [
        ("Table 4: separators on frozen features", _separators(results)),
        ("Table 5: principal components", _components(results)),
        ("Table 6: task-specific pre-training", _pretraining(results)),
        ("Table 7: single users", _speakers(results)),
    ]
    parts = [about, f"Published figures are {NOTE}; what is not known is left empty."]
    parts += [f"## {title}\n\n{text}" for title, text in sections]
    return "\n\n".join(parts) + "\n"


def _separators(results: Mapping[str, Any]) -> str:
    rows = [[name, *[_cell(row.get(column)) for column in SEPARATORS], ""] for name, row in _backbones(results)]
    rows += [[name, _cell(row), *[""] * len(SEPARATORS)] for name, row in results["baselines"].items()]
    if results["data"] == "meld" and results["task"] == "emotion":
        rows += [[f"{name}, published", *[""] * len(SEPARATORS), f"{score:.3f}"] for name, score in LINEAR_MELD.items()]
        rows += [
            [f"{name}, fine-tuned, published", *[""] * len(SEPARATORS), f"{score:.3f}"]
            for name, score in FINE_TUNED_MELD.items()
        ]
    return table(["backbone", *SEPARATORS, "published"], rows)


def _components(results: Mapping[str, Any]) -> str:
    rows = [
        [name, row["n_features"], _cell(row.get("Linear")), *[_cell(row.get(column)) for column in PCA], ""]
        for name, row in _backbones(results)
    ]
    rows += [[name, "", _cell(row), *[""] * len(PCA), ""] for name, row in results["baselines"].items()]
    return table(["backbone", "features", "all", *PCA, "published"], rows)


def _pretraining(results: Mapping[str, Any]) -> str:
    rows = []
    for name, row in _backbones(results):
        origin = row.get("trained_on")
        stage = f"{STAGES.get(row.get('stage', 'final'), '')}, {origin}" if origin else "as it is"
        rows.append([name, stage, *[_cell(row.get(column)) for column in SEPARATORS[:6]], ""])
    rows += [[name, "", _cell(row), *[""] * 6] for name, row in results["baselines"].items()]
    return table(["backbone", "pre-training", *SEPARATORS[:6], "published"], rows)


def _speakers(results: Mapping[str, Any]) -> str:
    floors = {(row["speaker"], row["size"]): row for row in results["speaker_baselines"]}
    rows = []
    for name, backbone in _backbones(results):
        for row in backbone.get("speakers", ()):
            floor = floors[row["speaker"], row["size"]]
            rows.append(
                [
                    name,
                    row["speaker"],
                    row["n"],
                    *[_cell(row.get(column)) for column in SPEAKER_COLUMNS],
                    *[_cell(floor.get(column)) for column in ("majority", "tfidf_lr")],
                    "",
                ]
            )
    if not rows:
        return f"{results['data']} names no speakers with utterances in every split."
    heads = ["backbone", "speaker", "utterances", *SPEAKER_COLUMNS, "majority", "TF-IDF + LR", "published"]
    return table(heads, [*rows, *_means(rows)])


def _means(rows: Sequence[Sequence[Any]]) -> Iterable[list[Any]]:
    """Return for each backbone and size the mean over the speakers; 'all' is whatever each speaker has."""
    groups: dict[tuple[str, str], list[Sequence[Any]]] = {}
    for row in rows:
        size = str(row[2]) if row[2] in (500, 200) else "all"
        groups.setdefault((row[0], size), []).append(row)
    for (backbone, size), members in groups.items():
        columns = zip(*(member[3:9] for member in members), strict=True)
        yield [backbone, "mean", size, *[f"{sum(map(float, one)) / len(one):.3f}" for one in columns], ""]


def _backbones(results: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return results["backbones"].items()


def _cell(measured: Mapping[str, Any] | None) -> str:
    return "" if measured is None else f"{measured['test']['weighted_f1']:.3f}"


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table with aligned columns."""
    lines = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    padded = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([padded[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *padded[1:]])
