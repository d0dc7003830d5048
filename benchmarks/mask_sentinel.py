"""Change the number that a BERT graph adds for masked tokens, in the bytes of a .tflite file and nowhere else."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema


def with_sentinel(content: bytes, value: float) -> bytes:
    """Return the file with its mask sentinel replaced: the negative float scalar that multiplies the inverted mask.

    :raises ValueError: if there is none.
    """
    changed = bytearray(content)
    model = schema.Model.GetRootAs(changed, 0)
    found = 0
    for place in range(model.SubgraphsLength()):
        subgraph = model.Subgraphs(place)
        for number in range(subgraph.OperatorsLength()):
            for tensor in subgraph.Operators(number).InputsAsNumpy():
                entry = subgraph.Tensors(tensor) if tensor >= 0 else None
                if entry is None or entry.Type() != schema.TensorType.FLOAT32 or not entry.Buffer():
                    continue
                data = model.Buffers(entry.Buffer()).DataAsNumpy()
                # A view of the file itself: writing into it changes the file.
                if isinstance(data, np.ndarray) and data.size == 4 and data.view("<f4")[0] < -5:
                    data.view("<f4")[0] = value
                    found += 1
    if not found:
        raise ValueError("no mask sentinel in this file")
    return bytes(changed)
