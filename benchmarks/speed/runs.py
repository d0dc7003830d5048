"""Runs to measure: the shipped pocket model as a run folder, or backbones of well-known shapes with random weights."""

import re
import sys
from pathlib import Path
from typing import Any

from mobile_app.engine import npz
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder
from mobile_app.engine.task import Task

POCKET = "pocket"
# Turc et al. 2019 (BERT-Tiny, BERT-Medium) and Sun et al. 2020 (MobileBERT); layers, width, heads, inner width.
SHAPES = {"bert-tiny": (2, 128, 2, 512), "bert-medium": (8, 512, 8, 2048), "minilm-l6": (6, 384, 12, 1536)}
MOBILEBERT = "mobilebert"
_VOCABULARY = 30_522


def run_named(name: str, folder: Path) -> Path:
    """Return the run folder called ``name`` inside ``folder``, written now if it is not there yet."""
    out = folder / name / "run"
    if not out.exists():
        with new_folder(out) as fresh:
            _write(name, fresh)
    return out


def _write(name: str, folder: Path) -> None:
    from training.checkpoint import METRICS_FILE, SEPARATORS_FILE, read_json, save_run, write_json
    from training.config import FitConfig
    from training.model import MultitaskModel
    from training.shipped import FOLDER, shipped_backbone, shipped_heads

    shipped = shipped_backbone()
    tasks = tuple(Task.from_dict(task) for task in read_json(FOLDER / POCKET / "provenance.json")["tasks"])
    backbone = shipped.model if name == POCKET else _random_backbone(name)
    model = MultitaskModel(backbone, tasks)
    if name == POCKET:
        model.load_weights_by_name(shipped_heads(tasks) or {}, prefix="heads/")
    save_run(
        folder,
        model,
        shipped.tokenizer,
        tasks=tasks,
        config=FitConfig(data=name),
        backbone_source={"name": name, "kind": "shipped" if name == POCKET else "random"},
        provenance={},
    )
    write_json(folder / METRICS_FILE, {})
    (folder / SEPARATORS_FILE).write_bytes(npz.pack({}))


def _random_backbone(name: str) -> Any:
    from training.tensorflow import transformers

    sizes: dict[str, Any] = {"vocab_size": _VOCABULARY, "max_position_embeddings": 512}
    if name == MOBILEBERT:
        model = transformers.TFMobileBertModel(transformers.MobileBertConfig(**sizes))
    else:
        layers, width, heads, inner = SHAPES[name] if name in SHAPES else _custom(name)
        sizes |= {"num_hidden_layers": layers, "hidden_size": width, "num_attention_heads": heads}
        model = transformers.TFBertModel(transformers.BertConfig(intermediate_size=inner, **sizes))
    model(model.dummy_inputs)
    return model


def _custom(name: str) -> tuple[int, int, int, int]:
    """Read layers and width from a name like d2w384; heads are 32 wide, the inner width is four times the width."""
    found = re.fullmatch(r"d(\d+)w(\d+)", name)
    if not found:
        known = ", ".join([POCKET, *SHAPES, MOBILEBERT])
        raise UndertoneError(f"a shape among {known}, or like d2w384", repr(name), "correct it")
    layers, width = map(int, found.groups())
    return layers, width, width // 32, 4 * width


if __name__ == "__main__":
    run_named(sys.argv[1], Path(sys.argv[2]))
