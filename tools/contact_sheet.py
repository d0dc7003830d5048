"""Every page in light and dark, upright and across, two sizes of text and four languages, on one picture.

``python -m tools.contact_sheet docs/images/app-sheet.png`` takes some minutes and needs Pillow.
"""

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from mobile_app.engine import command_line
from mobile_app.engine.command_line import note, say
from mobile_app.engine.files import write_file
from mobile_app.ui import environment

DENSITY = 0.6
UPRIGHT, ACROSS = (216, 432), (432, 216)  # 360 x 720 dp
SHOWN = 0.75  # of these pixels on the sheet
COLOURS = 48

# Size of the window, of the text, whether it is dark, language.
Variant = tuple[tuple[int, int], float, bool, str]
EVERY: Sequence[Variant] = tuple(product((UPRIGHT, ACROSS), (1.0, 1.6), (False, True), ("en", "de", "tr", "ru")))
# Any two of these properties meet in all their values.
PAIRS: Sequence[Variant] = (
    (UPRIGHT, 1.0, False, "en"),
    (UPRIGHT, 1.6, True, "de"),
    (UPRIGHT, 1.0, True, "tr"),
    (UPRIGHT, 1.6, False, "ru"),
    (ACROSS, 1.6, True, "en"),
    (ACROSS, 1.0, False, "de"),
    (ACROSS, 1.6, False, "tr"),
    (ACROSS, 1.0, True, "ru"),
)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.contact_sheet", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--all", action="store_true", help="all 32 combinations instead of eight that hold every pair")
    parser.add_argument("--bundle", type=Path, default=Path("mobile_app", "assets", "bundle"), help="%(default)s")
    return command_line.run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment.prepare_offscreen(folder, density=DENSITY)
        logging.getLogger("kivy").setLevel(logging.CRITICAL + 1)
        environment.configure_offscreen(max(UPRIGHT), max(UPRIGHT))  # it cannot grow later
        pictures = _pictures(arguments.bundle, folder, list(EVERY) if arguments.all else PAIRS)
        content = _sheet(pictures)
    write_file(arguments.out, content)
    say(f"{arguments.out}: {len(pictures)} pictures, {len(content) / 1000:.0f} kB")
    return 0


def _pictures(bundle: Path, folder: Path, variants: Sequence[Variant]) -> list[Path]:
    from kivy.metrics import Metrics

    from mobile_app.ui.app import make_app
    from mobile_app.ui.driver import Driver
    from mobile_app.ui.saved_state import SavedState, StateFile
    from tools.scenes import fill, scenes, speak

    store = folder / "sheet.db"
    StateFile.beside(store).save(SavedState(intro=True))
    pictures: list[Path] = []
    with Driver(make_app(bundle, store, None), patience=120) as driver:
        driver.settle()
        fill(driver)
        for size, scale, is_dark, language in variants:
            Metrics.fontscale = scale
            driver.resize(*size)
            speak(driver, "en" if language != "en" else "de", is_dark=is_dark)  # pages are made anew with this size
            speak(driver, language, is_dark=is_dark)
            for scene in scenes(driver):
                pictures.append(driver.screenshot(folder / f"{len(pictures):04d}-{scene}.png"))
            note(f"{len(pictures)} pictures: {language}, {size[0]} x {size[1]}, text {scale}, dark {is_dark}")
        driver.resize(*UPRIGHT)
    return pictures


def _sheet(pictures: list[Path]) -> bytes:
    """Return a PNG: a row a variant, first all upright ones, then all across."""
    import io

    from PIL import Image

    rows: dict[str, list[Any]] = {"upright": [], "across": []}
    for path in pictures:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        kind = "upright" if picture.height > picture.width else "across"
        shown = (round(picture.width * SHOWN), round(picture.height * SHOWN))
        rows[kind].append(picture.resize(shown, Image.Resampling.LANCZOS))
    width = 9 * round(UPRIGHT[0] * SHOWN)
    places, x, y = [], 0, 0
    for kind in ("upright", "across"):
        for picture in rows[kind]:
            if x + picture.width > width:
                x, y = 0, y + picture.height
            places.append((picture, x, y))
            x += picture.width
        x, y = 0, y + (rows[kind][-1].height if rows[kind] else 0)
    sheet = Image.new("RGB", (width, y), "white")
    for picture, left, top in places:
        sheet.paste(picture, (left, top))
    stream = io.BytesIO()
    sheet.quantize(COLOURS, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


if __name__ == "__main__":
    sys.exit(main())
