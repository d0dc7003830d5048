"""Changing one line of a spec, and nothing else in it."""

from pathlib import Path

from mobile_app.engine.files import write_file


def set_key(path: Path, key: str, value: str | None) -> None:
    """Set a key of the ``[app]`` section, or remove it.

    :param value: the new value; None removes the line.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    others = [line for line in lines if line.partition("=")[0].strip() != key]
    if value is not None:
        here = next((number for number, line in enumerate(lines) if line.partition("=")[0].strip() == key), None)
        others.insert(_after_head(others) if here is None else here, f"{key} = {value}")
    write_file(path, ("\n".join(others) + "\n").encode())


def _after_head(lines: list[str]) -> int:
    return lines.index("[app]") + 1
