"""The file dialog of a desktop, in a process of its own: Tk and Kivy cannot share one."""

import subprocess
import sys
from pathlib import Path

from mobile_app.engine.errors import UndertoneError

_PROGRAM = """
import sys, tkinter
from tkinter import filedialog
tkinter.Tk().withdraw()
name = sys.argv[1]
print(filedialog.asksaveasfilename(initialfile=name) if name else filedialog.askopenfilename())
"""


def ask(name: str | None) -> Path | None:
    """Let the person choose a file, and wait.

    :param name: proposed name of a file to write; None to choose one to read.
    :return: the file; None if the person closed the dialog.
    :raises UndertoneError: if this desktop cannot show the dialog.
    """
    command = [sys.executable, "-c", _PROGRAM, name or ""]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        found = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise UndertoneError("Tk to choose a file with", found, "install it: sudo apt-get install -y python3-tk")
    answer = done.stdout.strip()
    return Path(answer) if answer else None
