"""Every recipe's file from one fp32 file.

Decoder: the names say what is inside (see ``mobile_app.engine.recipe``); here is how it gets there.

- ``fp32``: the converted graph with the attention mask's sentinel bounded.
- ``fp16``: weights as float16.
- ``dynamic_wi8_afp32``: weights as int8, dense layers with a scale per output channel; dense layers round their inputs
  on the fly.
- ``static_wi8_ai8``: dense layers read and write int8 with calibrated ranges; attention's products, softmax, GELU,
  layer norms and residual sums stay in float32, because int8 there costs more than it saves (docs/converter.md).
  The census says which share of the multiplications runs on integers.
- ``static_wi8_ai16``: the same with int16 between dense layers.
- ``mixed``: as dynamic, with 4 bits where a search on calibration data found that they pay.
"""

from collections.abc import Sequence
from functools import cached_property

from converter.calibration import Calibration
from converter.mixed import Mixed
from converter.observe import Observed, observe
from converter.repair import bound_mask
from converter.static import StaticPlan, to_static, watched
from converter.weights import to_dynamic, to_float16
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.recipe import Recipe

BUILDABLE = ("fp32", "fp16", "dynamic_wi8_afp32", "static_wi8_ai8", "static_wi8_ai16", "mixed")
WITHOUT_CALIBRATION = BUILDABLE[:3]
FIVE = BUILDABLE[:5]
PLANS = {
    "static_wi8_ai8": StaticPlan(),
    "static_wi8_ai16": StaticPlan(bits=16, move_inputs=False, move_outputs=False, by_error=False),
}


class RecipeMaker:
    """Makes files of all recipes.

    :param converted: the fp32 file as the TensorFlow converter wrote it.
    :param lengths: its length buckets.
    :param pad_id: the token of padding.
    :param calibration: what the static recipes are calibrated with.
    :param mixed: what ``mixed`` is.
    """

    def __init__(
        self,
        converted: bytes,
        lengths: Sequence[int],
        pad_id: int,
        *,
        calibration: Calibration | None = None,
        mixed: Mixed | None = None,
    ) -> None:
        self.exact = bound_mask(converted)
        self._lengths, self._pad_id, self._calibration, self._mixed = lengths, pad_id, calibration, mixed

    def make(self, recipe: Recipe) -> bytes:
        """Return the file of a recipe.

        :raises UndertoneError: if it needs calibration data or a search's result that is not there.
        """
        if recipe.name in PLANS:
            # What stays in float between integer operators still is stored as int8: tables, and layers left out.
            return to_dynamic(to_static(self.exact, self._observed, PLANS[recipe.name]))
        if recipe.name == "mixed":
            if self._mixed is None:
                raise UndertoneError(
                    "--mixed FILE for the recipe mixed", "none", "find one with: python -m converter search"
                )
            return self._mixed.apply(self.exact)
        if recipe.name == "fp16":
            return to_float16(self.exact)
        return to_dynamic(self.exact) if recipe.name == "dynamic_wi8_afp32" else self.exact

    @cached_property
    def _observed(self) -> dict[int, Observed]:
        if self._calibration is None:
            raise UndertoneError("calibration data", "none", "name data with --calibrate")
        rows, values = watched(self.exact, StaticPlan())
        return observe(self.exact, self._calibration.batch, self._lengths, self._pad_id, rows=rows, values=values)
