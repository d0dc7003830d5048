"""The default bundle of the app: one recipe of a distilled run, base separators fitted on what that recipe computes.

``python -m tools.default_bundle RUN --full build/pocket`` writes the bundle with FP32 too, which reports need, to
``--full``, and the one that ships to ``mobile_app/assets/bundle``.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter.build import BuildOptions, build
from mobile_app.engine import npz
from mobile_app.engine.bundle import SEPARATORS_FILE, Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.files import new_folder, sha256_of
from mobile_app.engine.learner import as_stored
from mobile_app.engine.manifest import FILE_NAME, FileEntry
from mobile_app.packaging.bundle_subset import write_subset
from quantization.progress import progress
from training.base_separators import fit_base_separators
from training.checkpoint import load_run
from training.distill_config import DistillConfig
from training.lessons import prepare_lessons
from training.teacher import Teacher
from training.utterance import Utterance

RECIPE = "dynamic_wi8_afp32"
RECIPES = ("fp32", RECIPE)
LENGTHS = (8, 16, 32, 64)  # a fifth bucket would be 0.15 of 6 MB
# Base separators have a few thousand parameters: evenly spaced utterances of the train split are enough.
FITTED_ON = 15_000
SHIPPED = Path(__file__).parents[1] / "mobile_app" / "assets" / "bundle"
ATTRIBUTION = (
    "Distilled by the Undertone project from all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0) with GoEmotions "
    "(Demszky et al. 2020, CC BY 4.0), XED (Öhman et al. 2020, CC BY 4.0) and the project's sample corpus (CC0)."
)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.default_bundle", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, metavar="RUN", help="written by: python -m training distill")
    parser.add_argument("--full", type=Path, required=True, metavar="BUNDLE", help="where the bundle with FP32 goes")
    parser.add_argument("--out", type=Path, default=SHIPPED, metavar="BUNDLE", help="what ships")
    parser.add_argument("--name", default="pocket")
    kept = "where the distillation kept the teacher's answers (default .teacher beside RUN)"
    parser.add_argument("--cache", type=Path, metavar="DIR", help=kept)
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    options = BuildOptions(
        recipes=RECIPES,
        lengths=LENGTHS,
        name=arguments.name,
        licence="Apache-2.0",
        attribution=ATTRIBUTION,
        overwrite=True,
    )
    build(arguments.run, arguments.full, options)
    with tempfile.TemporaryDirectory() as scratch:
        slim = write_subset(Bundle.open(arguments.full), [RECIPE], Path(scratch))
        separators = _refitted(arguments, slim)
        for source, out in ((slim, arguments.out), (Bundle.open(arguments.full), arguments.full)):
            _write(source, out, separators)
    shipped = Bundle.open(arguments.out)
    total = sum(entry.bytes for entry in shipped.manifest.files.values())
    say(f"{arguments.out}: {shipped.manifest.files[shipped.recipe_entry(RECIPE).file].bytes:,} bytes of {total:,}")
    return 0


def _refitted(arguments: argparse.Namespace, bundle: Bundle) -> dict[str, NDArray[Any]]:
    """Fit the base separators on the features of the shipped recipe, over the train split that the run learned from."""
    loaded = load_run(arguments.run)
    about = loaded.provenance["distillation"]
    known = {name: about[name] for name in DistillConfig.__dataclass_fields__ if name in about}
    config = DistillConfig(**{**known, "layers": tuple(about["layers"])})
    teacher = Teacher(Path(config.teacher), arguments.cache or arguments.run.parent / ".teacher")
    train = prepare_lessons(config, teacher, arguments.data_dir).dataset.split("train")
    train = train[:: -(-len(train) // FITTED_ON)]
    return fit_base_separators(loaded.tasks, train, _features(bundle, train), loaded.model.linear_heads())


def _features(bundle: Bundle, utterances: Sequence[Utterance]) -> NDArray[np.float32]:
    rows = []
    with closing(Encoder(bundle)) as encoder, progress("encode", len(utterances), "utterances") as advance:
        for utterance in utterances:
            rows.append(as_stored(encoder.encode(utterance.text).features))
            advance(1)
    return np.stack(rows).astype(np.float32)


def _write(source: Bundle, out: Path, separators: Mapping[str, NDArray[Any]]) -> None:
    """Write a bundle with these separators."""
    with new_folder(out, overwrite=True) as folder:
        for name in source.manifest.files:
            (folder / name).write_bytes((source.path / name).read_bytes())
        path = folder / SEPARATORS_FILE
        path.write_bytes(npz.pack(separators))
        files = {**source.manifest.files, SEPARATORS_FILE: FileEntry(sha256_of(path), path.stat().st_size)}
        text = replace(source.manifest, files=files).to_json()
        (folder / FILE_NAME).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
