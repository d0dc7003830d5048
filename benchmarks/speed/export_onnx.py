"""Export a run to ONNX, as float32 and with dynamic INT8; runs in the peers' environment.

``python -m benchmarks.speed.export_onnx RUN FOLDER`` writes ``fp32.onnx`` and ``int8.onnx``, and the same two after
ONNX Runtime's own transformer optimizer, which fuses attention, layer norms and GELU: ``fused_fp32.onnx``,
``fused_int8.onnx``.
"""

import json
import sys
from pathlib import Path

import torch
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.optimizer import optimize_model

from benchmarks.speed.torch_model import read_model


def main(run: str, out: str) -> None:
    """Write the four files."""
    model, folder = read_model(Path(run)), Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    config = json.loads((Path(run) / "backbone" / "config.json").read_text(encoding="utf-8"))
    example = torch.ones(1, 12, dtype=torch.int64)
    names = ["features", *model.heads]
    torch.onnx.export(
        model,
        (example, example),
        str(folder / "fp32.onnx"),
        input_names=["input_ids", "attention_mask"],
        output_names=names,
        dynamic_axes={"input_ids": {1: "length"}, "attention_mask": {1: "length"}},
        opset_version=17,
        dynamo=False,
    )
    width = config.get("width", config["hidden_size"])
    fused = optimize_model(
        str(folder / "fp32.onnx"), model_type="bert", num_heads=config["num_attention_heads"], hidden_size=width
    )
    fused.save_model_to_file(str(folder / "fused_fp32.onnx"))
    for kind in ("", "fused_"):
        # Weights as unsigned bytes: with signed ones x86 processors without VNNI saturate and answer wrongly.
        quantize_dynamic(
            folder / f"{kind}fp32.onnx",
            folder / f"{kind}int8.onnx",
            weight_type=QuantType.QUInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},  # shapes of fused operators are not inferred
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
