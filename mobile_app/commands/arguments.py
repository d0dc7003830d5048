"""Arguments that the commands share."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import BundleError, StoreError

if TYPE_CHECKING:
    from mobile_app.engine.store import Store

SHIPPED_BUNDLE = Path(__file__).parents[1] / "assets" / "bundle"


def add_bundle(parser: argparse.ArgumentParser) -> None:
    """Declare ``--bundle`` of a command; the parser above it sets the default."""
    parser.add_argument(
        "--bundle",
        type=Path,
        default=argparse.SUPPRESS,  # else `--bundle B predict` would be overwritten with None
        metavar="FOLDER",
        help="bundle to use (default: the one that ships with the app)",
    )


def add_store(parser: argparse.ArgumentParser) -> None:
    """Declare ``--store`` of a command; the parser above it sets the default, the store of the app."""
    parser.add_argument(
        "--store",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="FILE",
        help="database of the learner (default: the app's)",
    )


def open_store(arguments: argparse.Namespace) -> "Store":
    """Open the store of ``--store``, which must be there.

    :raises StoreError: if there is none, or it cannot be read.
    """
    if not arguments.store.is_file():
        raise StoreError("a store of labelled utterances", f"no {arguments.store}", "name one with --store")
    from mobile_app.engine.store import Store  # predicting needs no database

    return Store(arguments.store)


def bundle_path(arguments: argparse.Namespace) -> Path:
    """Return the folder of the bundle: ``--bundle``, or the one that ships with the app.

    :raises BundleError: if none was named and the app has none.
    """
    path: Path | None = arguments.bundle
    if path is None and not SHIPPED_BUNDLE.is_dir():
        raise BundleError(
            "a bundle",
            "no --bundle, and none that ships with the app",
            "run make demo, then add --bundle build/demo/bundle",
        )
    return path or SHIPPED_BUNDLE


def open_bundle(arguments: argparse.Namespace) -> Bundle:
    """Open the bundle of ``--bundle``, or the one that ships with the app."""
    return Bundle.open(bundle_path(arguments), verify_models=False)
