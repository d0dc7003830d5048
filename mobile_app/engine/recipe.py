"""Recipes: the quantization schemes, by names that say what is inside.

Decoder: ``fp32`` and ``fp16`` name the type of the weights. ``<mode>_wi<bits>_a<type>`` says how ranges of the
activations are found (``dynamic`` on the fly, ``static`` from calibration data), how many bits an integer weight has,
and the type of the activations (``fp32``, or ``i8``/``i16`` for integers). "INT8" alone is never a name: dynamic-range
and static files behave differently in accuracy, speed and on accelerators. In static files the dense layers, nearly all
multiplications of a transformer, take and give calibrated integers; attention's products, softmax, GELU, layer norms
and residual sums stay in float32 between them, so "full integer" is no name of theirs either. ``mixed`` is found by a
search: some weights of 4 bits, the others as ``dynamic_wi8_afp32``.
"""

from dataclasses import dataclass

from mobile_app.engine.errors import UndertoneError


@dataclass(frozen=True)
class Recipe:
    """A quantization scheme.

    :param name: its name in code, files and on the command line.
    :param shown_as: what a person reads.
    :param weights: type of the stored weights.
    :param activations: type of the activations between operators.
    :param needs_calibration: whether converting needs calibration data.
    """

    name: str
    shown_as: str
    weights: str
    activations: str
    needs_calibration: bool = False

    @property
    def file_name(self) -> str:
        """The name of the model file in a bundle."""
        return f"model.{self.name}.tflite"


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("fp32", "FP32", "float32", "float32"),
        Recipe("fp16", "FP16", "float16", "float32"),
        Recipe("dynamic_wi8_afp32", "INT8 (dynamic range)", "int8", "float32"),
        Recipe("static_wi8_ai8", "INT8 (static)", "int8", "int8", needs_calibration=True),
        Recipe("static_wi8_ai16", "INT8x16", "int8", "int16", needs_calibration=True),
        Recipe("mixed", "Mixed (by search)", "mixed", "float32"),
    )
}


def recipe_named(name: str) -> Recipe:
    """Return the recipe of that name.

    :raises UndertoneError: if there is none.
    """
    if name not in RECIPES:
        raise UndertoneError(f"a recipe, one of {', '.join(RECIPES)}", repr(name), "choose one of these names")
    return RECIPES[name]
