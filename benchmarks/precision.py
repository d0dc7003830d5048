"""What bfloat16 gains in training: ``python -m benchmarks.precision --backbone X``; writes results/precision.json.

The same batches are learned in float32 and in bfloat16, in turns.
"""

import argparse
import os
import statistics
import sys
import time

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from training.config import PRECISIONS, FitConfig
from training.datasets.arguments import add_data_arguments, load_from

ROUNDS = 4  # the first one compiles


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__.splitlines()[0])
    parser.add_argument("--backbone", default="pocket", help="as for fit (default %(default)s)")
    parser.add_argument("--batches", type=int, default=40, help="of 64 utterances in each turn (default %(default)s)")
    add_data_arguments(parser, default="goemotions")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    from training.backbone_choice import choose_backbone
    from training.examples import Examples
    from training.loop import TrainingLoop
    from training.model import MultitaskModel
    from training.tensorflow import keras

    dataset = load_from(arguments)
    texts = [one.text for one in dataset.split("train")]
    loops = {}
    for precision in PRECISIONS:
        config = FitConfig(
            data=dataset.name, backbone=arguments.backbone, batch_size=64, epochs=ROUNDS, precision=precision
        )
        keras.utils.set_random_seed(config.seed)
        backbone = choose_backbone(config.backbone, texts, dataset.tasks, max_length=config.max_length).backbone
        keras.utils.set_random_seed(config.seed)
        engine = backbone.tokenizer.engine
        examples = Examples.of(dataset.split("train"), dataset.tasks, engine, config.max_length)
        model = MultitaskModel(backbone.model, dataset.tasks)
        loops[precision] = TrainingLoop(model, dataset.tasks, examples, config, pad_id=engine.pad_id)
    speeds: dict[str, list[float]] = {precision: [] for precision in PRECISIONS}
    losses: dict[str, list[float]] = {precision: [] for precision in PRECISIONS}
    for epoch in range(1, ROUNDS + 1):
        for precision, loop in loops.items():
            start = time.perf_counter()
            losses[precision].append(loop.run_epoch(epoch, lambda done: done >= arguments.batches)["total"])
            if epoch > 1:
                speeds[precision].append(64 * arguments.batches / (time.perf_counter() - start))
            say(
                f"{precision:<10} loss {losses[precision][-1]:.4f}" + "".join(f"  {s:.1f}/s" for s in speeds[precision])
            )
    exact, rounded = PRECISIONS
    gains = [fast / slow for fast, slow in zip(speeds[rounded], speeds[exact], strict=True)]
    apart = max(abs(a - b) / a for a, b in zip(losses[exact], losses[rounded], strict=True))
    said = f"median of {ROUNDS - 1} turns of {arguments.batches} batches of 64"
    figures = {
        f"train_utterances_per_s_{precision}": Figure(statistics.median(found), statistics.stdev(found), note=said)
        for precision, found in speeds.items()
    }
    figures["bfloat16_gain"] = Figure(statistics.median(gains), statistics.stdev(gains), len(gains), "times as fast")
    figures["bfloat16_loss_apart"] = Figure(
        apart, n=ROUNDS, note="largest relative difference of the mean loss of a turn"
    )
    data = {"dataset": dataset.name, "sha256": dataset.split_sha256("train"), "backbone": backbone.source}
    path = record("precision", figures, data=data, seeds=[1], packages=("tensorflow",), threads=os.cpu_count() or 1)
    say(str(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
