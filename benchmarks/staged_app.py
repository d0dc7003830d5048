"""Runs the staged app where nothing else is: a bare environment with numpy, Kivy and the phone's generation of LiteRT.

python -m benchmarks.staged_app build/android. Makes the environment first (cached in build/bare), then types, labels,
closes, and opens again: what was learned must be there. Needs the package index once.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from mobile_app.engine import command_line
from mobile_app.engine.command_line import note, say
from mobile_app.engine.errors import CheckFailedError, UndertoneError

ROOT = Path(__file__).parents[1]
PACKAGES = ("numpy", "kivy==2.3.1", "ai-edge-litert==1.4.0")  # 1.4.1 is Android's alone

# Runs inside the bare environment, in the staged folder. Only the driver, which presses the buttons, comes from here.
SESSION = """
import importlib.util, json, logging, sys, tempfile
from pathlib import Path
stage, driver_file, store, text, label = Path(sys.argv[1]), *sys.argv[2:]
sys.path.insert(0, str(stage))
from mobile_app.ui import environment
assert environment.__file__.startswith(str(stage)), environment.__file__
environment.prepare_offscreen(Path(tempfile.mkdtemp()), density=2.0)
logging.getLogger("kivy").setLevel(logging.CRITICAL + 1)
environment.configure_offscreen(1080, 1920)
from mobile_app.ui.app import make_app
spec = importlib.util.spec_from_file_location("mobile_app.ui.driver", driver_file)
module = sys.modules["mobile_app.ui.driver"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
with module.Driver(make_app(stage / "mobile_app/assets/bundle", Path(store), None), patience=120) as driver:
    driver.settle()
    labelling, speech = driver.app.labelling, driver.root.say.ids.speech
    if speech.text:
        driver.root.say.clear()
    driver.tap(speech)
    driver.write(text)
    driver.settle()
    driver.wait(lambda: labelling.is_current, "a prediction")
    task = next(iter(labelling.prediction.tasks))
    chosen = label or list(labelling.prediction.tasks[task].probabilities)[-1]
    before = labelling.prediction.tasks[task].probabilities[chosen]
    after = before
    if not label:
        driver.reveal(driver.chip(task, chosen))
        driver.tap(driver.chip(task, chosen))
        if not labelling.is_answered:
            driver.tap(driver.button(driver.root.say.action))
        driver.wait(lambda: labelling.card.is_saved, "the utterance to be saved")
        driver.settle()
        after = labelling.prediction.tasks[task].probabilities[chosen]
foreign = sorted({name.partition(".")[0] for name in sys.modules if getattr(sys.modules[name], "__file__", None)
                  and "site-packages" in sys.modules[name].__file__})
print("RESULT" + json.dumps({"task": task, "label": chosen, "before": before, "after": after, "packages": foreign}))
"""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.staged_app", description=__doc__.splitlines()[0])
    parser.add_argument("stage", type=Path, nargs="?", default=Path("build", "android"), help="%(default)s")
    parser.add_argument("--environment", type=Path, default=Path("build", "bare"), help="%(default)s")
    parser.add_argument("--text", default="well, that is just great", help="what is typed")
    return command_line.run(_run, parser, sys.argv[1:])


def _run(arguments: argparse.Namespace) -> int:
    stage = arguments.stage.resolve()
    if not (stage / "main.py").is_file():
        raise UndertoneError("a staged app", str(arguments.stage), "python -m mobile_app.packaging stage makes one")
    python = _environment(arguments.environment)
    with tempfile.TemporaryDirectory() as home:
        store = Path(home) / "undertone.db"
        first = _session(python, stage, store, arguments.text, "")
        second = _session(python, stage, store, arguments.text, first["label"])
    say(f"packages: {', '.join(first['packages'])}")
    say(f"typed {arguments.text!r}, labelled {first['task']} = {first['label']}")
    say(f"its probability: {first['before']:.3f} before, {first['after']:.3f} after")
    say(f"after a restart: {second['before']:.3f}")
    if first["after"] <= first["before"] or abs(second["before"] - first["after"]) > 1e-6:
        raise CheckFailedError("a label to be learned and kept", f"{first} and {second}", "look at mobile_app/ui")
    return 0


def _environment(folder: Path) -> Path:
    """Make the environment if it is not there, and return its Python."""
    python = folder.resolve() / "bin" / "python"
    if not python.exists():
        note(f"making {folder} with {', '.join(PACKAGES)}")
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES], check=True)
    return python


def _session(python: Path, stage: Path, store: Path, text: str, label: str) -> dict[str, Any]:
    command = [python, "-c", SESSION, stage, ROOT / "mobile_app" / "ui" / "driver.py", store, text, label]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=stage,
        env=clean | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if done.returncode or not lines:
        last = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise CheckFailedError("the staged app to label and learn", last, "run it by hand: python main.py")
    return dict(json.loads(lines[-1][len("RESULT") :]))


if __name__ == "__main__":
    sys.exit(main())
