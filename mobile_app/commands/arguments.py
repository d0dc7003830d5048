"""Arguments that the commands share."""

import argparse
from pathlib import Path

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import BundleError

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
    return Bundle.open(bundle_path(arguments))
