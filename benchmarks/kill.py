"""Kill a process that labels as fast as it can, again and again, and count what was lost.

``python -m benchmarks.kill BUNDLE``
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.record import ROOT, Figure, record
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.store import Store
from quantization.progress import progress

# Labels utterance after utterance, and says each one's id once it counts as saved.
_LABELLING = """
import sys
from pathlib import Path
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.store import Store

bundle = Bundle.open(Path(sys.argv[1]))
personalizer = Personalizer(bundle, Encoder(bundle), Store(Path(sys.argv[2])))
for index in range(10_000):
    labels = {task.name: task.labels[index % len(task.labels)] for task in bundle.manifest.tasks}
    uid = f"{sys.argv[3]}-{index}"
    personalizer.learn(f"utterance {index}", labels, uid=uid)
    print(uid, flush=True)
"""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="its tasks have one label an utterance")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    chance = random.Random(arguments.seed)
    acknowledged: list[str] = []
    with tempfile.TemporaryDirectory() as folder, progress("killing", arguments.kills, "kills") as advance:
        path = Path(folder) / "undertone.db"
        for number in range(arguments.kills):
            acknowledged += _killed(arguments.bundle, path, number, chance)
            advance(1)
        bundle = Bundle.open(arguments.bundle)
        with closing(Encoder(bundle)) as encoder, closing(Store(path)) as store:
            stored = {item.utterance.uid for item in store.in_order()}
            equal = _equals_a_replay(Personalizer(bundle, encoder, store))
    lost = len(set(acknowledged) - stored)
    figures = {
        "kill_test_labels_lost": Figure(
            lost, n=arguments.kills, note=f"SIGKILL at random moments; {len(acknowledged)} labels were acknowledged"
        ),
        "kill_test_labels_stored_unsaid": Figure(
            len(stored) - len(set(acknowledged) & stored), note="stored, but killed before it could say so"
        ),
        "kill_test_state_equals_replay": Figure(float(equal), note="1: learner state bit for bit that of a replay"),
    }
    for name, figure in figures.items():
        say(f"{name:<34}{figure.value:>10g}")
    data = {"bundle": bundle.manifest.name, "recipe": bundle.manifest.default_recipe}
    say(str(record("kill", figures, data=data, seeds=[arguments.seed])))
    return 0 if lost == 0 and equal else 1


def _killed(bundle: Path, store: Path, number: int, chance: random.Random) -> list[str]:
    """Label in another process, kill it, and return what it had acknowledged."""
    command = [sys.executable, "-c", _LABELLING, str(bundle), str(store), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().strip() for _ in range(chance.randint(1, 10))]
        time.sleep(chance.uniform(0.0, 0.02))
        os.kill(child.pid, signal.SIGKILL)
        # Without a line that the kill cut off.
        return [*said, *child.stdout.read().split("\n")[:-1]]


def _equals_a_replay(personalizer: Personalizer) -> bool:
    saved = {name: one.to_arrays() for name, one in personalizer.learner.separators().items()}
    personalizer.replay()
    return all(
        np.array_equal(array, saved[name][part])
        for name, one in personalizer.learner.separators().items()
        for part, array in one.to_arrays().items()
    )


if __name__ == "__main__":
    sys.exit(main())
