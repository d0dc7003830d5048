"""Progress on stderr, with a rate and an ETA; nothing where stderr is no terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def progress(what: str, total: int, unit: str) -> Iterator[Callable[[int], object]]:
    """Yield a function that is told how many units were done since it was told last."""
    with tqdm(
        desc=what, total=total, unit=f" {unit}", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False
    ) as bar:
        yield bar.update
