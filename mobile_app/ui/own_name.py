"""What a feeling of the person's own may be called."""

from collections.abc import Collection

from mobile_app.ui import strings
from mobile_app.ui.tidy import tidy

LONGEST = 24


def own_name(raw: str, taken: Collection[str]) -> str | None:
    """Return the name of a new label; None if it is none, too long, or taken in any spelling.

    :param taken: the labels that the task has, as they are stored; what they are called on the screen counts too.
    """
    name = " ".join(tidy(raw).split()).casefold()
    known = {label.casefold() for label in taken} | {strings.label_name(label).casefold() for label in taken}
    return name if 0 < len(name) <= LONGEST and name not in known and "|" not in name else None
