"""What share of the operators XNNPACK takes, counted in an opened interpreter and not guessed from their kinds."""

from pathlib import Path
from typing import Any

from quantization.tensor_trace import quiet

_DELEGATE = "DELEGATE"


def xnnpack_share(path: Path) -> float | None:
    """Return the share of operators of the first subgraph that run inside a delegate; None where it cannot be told.

    A delegate replaces the operators between its inputs and outputs; all signatures have the same operators.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        with quiet():
            model: Any = Interpreter(model_path=str(path), num_threads=1)
            model.allocate_tensors()
            operators = model._get_ops_details()  # there is no public way to ask
    except (AttributeError, RuntimeError, ValueError):
        return None
    delegates = [one for one in operators if one["op_name"] == _DELEGATE]
    own = [one for one in operators if one["op_name"] != _DELEGATE]
    if not own:
        return None
    producers = {int(tensor): place for place, one in enumerate(own) for tensor in one["outputs"]}
    taken: set[int] = set()
    for delegate in delegates:
        borders = {int(tensor) for tensor in delegate["inputs"]}
        waiting = [int(tensor) for tensor in delegate["outputs"]]
        while waiting:
            tensor = waiting.pop()
            place = producers.get(tensor)
            if tensor not in borders and place is not None and place not in taken:
                taken.add(place)
                waiting += [int(one) for one in own[place]["inputs"]]
    return len(taken) / len(own)
