"""Tables with a header line."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mobile_app.engine.errors import DataError
from training.datasets.reading import Reading, did_you_mean
from training.datasets.text_files import read_records


def read_table(
    path: Path, delimiter: str, required: Sequence[str], reading: Reading
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and fields, by column, of each row of a table; fields are stripped.

    Rows with more or fewer fields than the header are rejected.

    :param required: columns that must be there.
    :raises DataError: if one is not, or two columns have the same name, or no row follows.
    """
    records = read_records(path, delimiter)
    _, header = next(records)
    columns = [column.strip() for column in header]
    _check_columns(path, columns, required)
    n_rows = 0
    for line, fields in records:
        n_rows += 1
        if len(fields) == len(columns):
            yield line, {column: field.strip() for column, field in zip(columns, fields, strict=True)}
        elif any(field.strip() for field in fields):
            reading.reject(path, line, f"{len(fields)} fields instead of {len(columns)}")
        else:
            reading.reject(path, line, "blank row")
    if not n_rows:
        raise DataError(f"rows below the header of {path}", "none", "check that the right file was given")


def _check_columns(path: Path, columns: Sequence[str], required: Sequence[str]) -> None:
    missing = [column for column in required if column not in columns]
    if missing:
        raise DataError(
            f"the columns {', '.join(required)} in {path.name}",
            f"{', '.join(columns)} (no {missing[0]!r})",
            did_you_mean(missing[0], columns).replace("correct it", "name the columns in the first line"),
        )
    twice = [column for column in dict.fromkeys(columns) if columns.count(column) > 1]
    if twice:
        raise DataError(f"columns of different names in {path.name}", f"{twice[0]!r} twice", "rename one of them")
