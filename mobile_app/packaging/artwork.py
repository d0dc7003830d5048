"""Draws the pictures in ``art/``: python -m mobile_app.packaging.artwork. Needs Pillow, as nothing else here."""

from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

ART = Path(__file__).parent / "art"
_PAPER, _WAVE = (255, 253, 250, 255), (203, 112, 44, 255)
_FINE = 4  # drawn so much larger, then made smaller: smooth edges
# The wave of a voice, as height over width of the bubble; the bubble and its tail in the same units.
_WAVE_POINTS = ((0.16, 0.5), (0.27, 0.62), (0.42, 0.3), (0.58, 0.74), (0.73, 0.4), (0.85, 0.5))


def mark(size: int, share: float) -> Image.Image:
    """Return the mark, a speech bubble with a wave in it, on nothing.

    :param size: width and height of the picture in pixels.
    :param share: width of the bubble, as part of the picture's.
    """
    fine = size * _FINE
    width = fine * share
    height = width * 0.67
    left, top = (fine - width) / 2, (fine - height * 1.28) / 2
    picture = Image.new("RGBA", (fine, fine), (*_PAPER[:3], 0))
    draw = ImageDraw.Draw(picture)
    draw.polygon(
        [(left + width * x, top + height * y) for x, y in ((0.21, 0.9), (0.17, 1.35), (0.5, 0.98))], fill=_PAPER
    )
    draw.rounded_rectangle((left, top, left + width, top + height), height * 0.42, fill=_PAPER)
    points = [(left + width * x, top + height * y) for x, y in _smooth()]
    for x, y in points:
        radius = width * 0.033
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_WAVE)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _smooth(steps: int = 160) -> list[tuple[float, float]]:
    """Return points on a curve through the wave's points, with flat tangents (cubic Hermite)."""
    curve = []
    for (x0, y0), (x1, y1) in pairwise(_WAVE_POINTS):
        for step in range(steps):
            t = step / steps
            bend = t * t * (3 - 2 * t)
            curve.append((x0 + (x1 - x0) * t, y0 + (y1 - y0) * bend))
    return curve


def main() -> None:
    """Write the foreground of the adaptive icon, and the picture shown while the app starts."""
    ART.mkdir(exist_ok=True)
    # Adaptive icons: 108 dp, of which the middle 66 dp are never cut away.
    mark(432, 0.5).save(ART / "foreground.png", optimize=True)
    tile = Image.new("RGBA", (2048, 2048), (0, 0, 0, 0))
    ImageDraw.Draw(tile).rounded_rectangle((640, 640, 1408, 1408), 170, fill=(123, 63, 99, 255))
    tile = tile.resize((512, 512), Image.Resampling.LANCZOS)
    small = mark(192, 0.63)
    tile.alpha_composite(small, (160, 160))
    tile.save(ART / "presplash.png", optimize=True)


if __name__ == "__main__":
    main()
