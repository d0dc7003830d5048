"""Text in, features and probabilities out: tokenizer, length bucket and interpreter in one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mobile_app.engine.batch import Padded, bucket
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.prediction import Encoding
from mobile_app.engine.wordpiece import truncate

if TYPE_CHECKING:
    from mobile_app.engine.bundle import Bundle


class Encoder:
    """Runs a recipe of a bundle on text, each utterance in the smallest length bucket that holds it.

    Utterances with more tokens than the largest bucket are truncated. Use it from one thread at a time.

    :param bundle: an opened bundle.
    :param recipe: the recipe to run; None is the bundle's default.
    :param threads: how many threads a run may use.
    :param lengths: restricts the buckets to these; None is all of the bundle's.
    :param remembered: how many of the latest utterances are not run again when they come again; none unless asked for,
        so that what is measured is run. The arrays of a remembered encoding cannot be written to.
    :raises UndertoneError: if ``lengths`` has a length that the bundle does not.
    :raises BundleError: if the bundle does not have the recipe, or its files do not fit the manifest.
    :raises InterpreterError: if the model cannot be loaded.
    """

    def __init__(
        self,
        bundle: "Bundle",
        recipe: str | None = None,
        *,
        threads: int = 1,
        lengths: Sequence[int] | None = None,
        remembered: int = 0,
    ) -> None:
        known = bundle.manifest.lengths
        if lengths is not None and not set(known).issuperset(lengths or [0]):
            raise UndertoneError(
                f"lengths of this bundle ({', '.join(map(str, known))})",
                ", ".join(map(str, lengths)) or "none",
                "choose among these",
            )
        self.recipe = recipe or bundle.manifest.default_recipe
        self.lengths = known if lengths is None else tuple(sorted(lengths))
        self.tokenizer = bundle.tokenizer()
        self._tasks = tuple(task.name for task in bundle.manifest.tasks)
        self._padded = {length: Padded(length, self.tokenizer.pad_id) for length in self.lengths}
        # One encoder runs one model file, so that the text alone is the key; the oldest come first.
        self._remembered, self._known = remembered, dict[str, Encoding]()
        self._interpreter = bundle.open_recipe(self.recipe, threads=threads)

    def encode(self, text: str) -> Encoding:
        """Run the model on one utterance, or recall what it said if it is among the remembered ones."""
        known = self._known.pop(text, None) if self._remembered else None
        encoding = self._run(text) if known is None else known
        if self._remembered:
            self._remember(encoding)
        return encoding

    def _run(self, text: str) -> Encoding:
        ids = self.tokenizer.encode(text)
        length = bucket(len(ids), self.lengths)
        kept = truncate(ids, length, self.tokenizer.sep_id)
        padded = self._padded[length]
        outputs = self._interpreter.run(padded.signature, padded.fill(kept))
        return Encoding(
            text=text,
            n_tokens=len(kept),
            truncated=len(kept) < len(ids),
            length_bucket=length,
            features=outputs["features"][0],
            probabilities={name: outputs[name][0] for name in self._tasks},
        )

    def _remember(self, encoding: Encoding) -> None:
        for array in (encoding.features, *encoding.probabilities.values()):
            array.flags.writeable = False  # the next one who asks gets the same arrays
        self._known[encoding.text] = encoding
        if len(self._known) > self._remembered:
            del self._known[next(iter(self._known))]

    def close(self) -> None:
        """Release the model, and forget the remembered utterances."""
        self._known.clear()
        self._interpreter.close()
