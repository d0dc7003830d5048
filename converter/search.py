"""``python -m converter search``: find the recipe ``mixed`` for a bundle, save it and draw what was tried."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from converter.calibration import CalibrationChoice, curate, require_known_ids
from converter.mixed import LOSS, Mixed, Point, n_trials, search
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import write_file

# Every file tried is run on all of them, and there are some forty files.
SIZE = 64


def search_bundle(
    path: Path, out: Path, choice: CalibrationChoice, *, allowed: float = LOSS, plot: Path | None = None
) -> tuple[Mixed, list[Point]]:
    """Search for a bundle and write the recipe.

    :param path: a bundle with the recipe fp32.
    :param out: the recipe's file.
    :param choice: the calibration data; ``data`` must be named.
    :param allowed: what may be lost, as 1 - mean cosine to FP32 features.
    :param plot: a picture of size and loss of every file tried.
    """
    if not 0 < allowed < 1:
        raise UndertoneError("a loss between 0 and 1, as 1 - cosine", str(allowed), "correct --max-loss")
    bundle = Bundle.open(path)
    content = (bundle.path / bundle.recipe_entry("fp32").file).read_bytes()
    tokenizer, lengths = bundle.tokenizer(), bundle.manifest.lengths
    calibration = curate(choice, str(bundle.manifest.training.get("data", "")), tokenizer, lengths)
    require_known_ids(calibration.batch, bundle.manifest.tokenizer.vocabulary_size)
    with tqdm(total=n_trials(content), desc="files tried", unit="file", disable=None) as bar:
        mixed, points = search(
            content, calibration.batch, lengths, tokenizer.pad_id,
            allowed=allowed, about=calibration.about, advance=lambda: bar.update() and None,
        )  # fmt: skip
    write_file(out, mixed.to_json().encode())
    if plot is not None:
        _draw(points, mixed, plot)
    return mixed, points


def pareto(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats in both size and loss, smallest first."""
    front: list[Point] = []
    for point in sorted(points, key=lambda one: (one.bytes, one.loss)):
        if not front or point.loss < front[-1].loss:
            front.append(point)
    return front


def _draw(points: Sequence[Point], mixed: Mixed, path: Path) -> None:
    import io

    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    smallest = min((point.loss for point in points if point.loss > 0), default=1e-6)
    shown = [replace(point, loss=max(point.loss, smallest)) for point in points]
    axes.scatter([one.bytes / 1e6 for one in shown], [one.loss for one in shown], s=18, color="#8c959f", label="tried")
    front = pareto(shown)
    axes.plot([one.bytes / 1e6 for one in front], [one.loss for one in front], color="#0072b2", label="Pareto front")
    chosen = [one for one in shown if set(one.four_bit) == set(mixed.bits)]
    axes.scatter([one.bytes / 1e6 for one in chosen], [one.loss for one in chosen], color="#c4540a", label="chosen")
    axes.axhline(mixed.allowed, color="#57606a", linestyle="--", linewidth=1, label="allowed loss")
    axes.set(xlabel="file (MB)", ylabel="1 - mean cosine to FP32 features", yscale="log")
    axes.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    write_file(path, buffer.getvalue())
