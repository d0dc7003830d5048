"""Labelled utterances as a table that spreadsheets open."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from mobile_app.engine.files import write_file
from mobile_app.engine.labelled import StoredUtterance
from mobile_app.engine.separators.base import Label

# A cell that begins with one of these may be run as a formula.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(path: Path, utterances: Iterable[StoredUtterance], tasks: Sequence[str]) -> None:
    """Write stored utterances as a CSV file, one column a task; several labels are joined by ``|``.

    A cell that a spreadsheet could take for a formula gets an apostrophe in front. Use JSON lines to read it back
    exactly.

    :raises UndertoneError: if the file cannot be written; an old one is kept then.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["id", "time", "text", *tasks, "speaker", "dialogue", "position", "bundle"])
    for stored in utterances:
        utterance = stored.utterance
        labels = [_joined(utterance.labels.get(task, ())) for task in tasks]
        position = "" if utterance.position is None else str(utterance.position)
        cells = [utterance.uid, utterance.when, utterance.text, *labels, utterance.speaker, utterance.dialogue]
        writer.writerow([harmless(cell or "") for cell in [*cells, position, stored.bundle]])
    # The mark tells spreadsheets that this is UTF-8.
    write_file(path, b"\xef\xbb\xbf" + text.getvalue().encode())


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_DANGEROUS) else cell


def _joined(label: Label) -> str:
    return label if isinstance(label, str) else "|".join(label)
