"""What a signed release needs."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from mobile_app.packaging import pins
from mobile_app.packaging.finding import Finding


def check(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield what is missing for a signed release."""
    for name in pins.SIGNING:
        if not environment.get(name):
            problem = "is not set: the release would be unsigned, and stores refuse it"
            yield Finding("signing", name, problem, f"export {name}=... (docs/android.md, Release).")
    store = environment.get(pins.SIGNING[0])
    if store and not Path(store).is_file():
        yield Finding("signing", store, "is not there", f"Create the keystore, or correct {pins.SIGNING[0]}.")
