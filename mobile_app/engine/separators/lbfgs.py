"""A minimiser for smooth convex functions, so that training to the optimum needs no more than numpy."""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MEMORY = 10
SUFFICIENT_DECREASE = 1e-4
SHORTEST_STEP = 1e-12


def minimise(
    function: Callable[[Array], tuple[float, Array]],
    start: Array,
    *,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
) -> Array:
    """Return where a convex function is smallest, by limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5).

    :param function: gives the value and the gradient at a point.
    :param start: where to begin; not changed.
    :param tolerance: stop when no component of the gradient is larger.
    :param max_iterations: stop after so many steps in any case.
    """
    point = start.copy()
    value, gradient = function(point)
    pairs: deque[tuple[Array, Array]] = deque(maxlen=MEMORY)
    for _ in range(max_iterations):
        if np.abs(gradient).max() <= tolerance:
            break
        direction = -_times_inverse_hessian(gradient, pairs)
        step = 1.0 if pairs else min(1.0, 1.0 / float(np.linalg.norm(gradient)))
        slope = float(gradient @ direction)
        while True:
            new_point = point + step * direction
            new_value, new_gradient = function(new_point)
            if new_value <= value + SUFFICIENT_DECREASE * step * slope:
                break
            step /= 2.0
            if step < SHORTEST_STEP:  # rounding hides any further progress
                return point
        moved, bent = new_point - point, new_gradient - gradient
        if float(moved @ bent) > 0.0:
            pairs.append((moved, bent))
        point, value, gradient = new_point, new_value, new_gradient
    return point


def _times_inverse_hessian(gradient: Array, pairs: deque[tuple[Array, Array]]) -> Array:
    """Return the two-loop product (Nocedal and Wright 2006, algorithm 7.4)."""
    result = gradient.copy()
    weights = []
    for moved, bent in reversed(pairs):
        weight = float(moved @ result) / float(moved @ bent)
        result -= weight * bent
        weights.append(weight)
    if pairs:
        moved, bent = pairs[-1]
        result *= float(moved @ bent) / float(bent @ bent)
    for (moved, bent), weight in zip(pairs, reversed(weights), strict=True):
        result += (weight - float(bent @ result) / float(moved @ bent)) * moved
    return result
