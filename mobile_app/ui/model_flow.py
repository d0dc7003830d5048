"""The flow of the page about the model: what it is, how fast, whether it computes as it should. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.golden import GoldenResult, self_check
from mobile_app.engine.phone_results import PhoneResults, measure, this_device
from mobile_app.engine.recipe import recipe_named
from mobile_app.ui import strings
from mobile_app.ui.controller import Controller
from mobile_app.ui.platform.interfaces import Platform
from mobile_app.ui.session import Session

REPETITIONS = 10
RESULTS_NAME = "undertone-phone-results.json"


@dataclass(frozen=True)
class RecipeInfo:
    """A kind of the model.

    :param name: its name in code.
    :param shown_as: what a person reads.
    :param size: bytes of its file.
    """

    name: str
    shown_as: str
    size: int


@dataclass(frozen=True)
class ModelInfo:
    """What there is to say about the bundle.

    :param size: bytes of all its files.
    :param recipes: that it has.
    :param recipe: the one in use.
    """

    name: str
    version: str
    date: str
    licence: str
    attribution: str
    features: int
    tokens: int
    size: int
    recipes: tuple[RecipeInfo, ...]
    recipe: str


def look_up(session: Session) -> ModelInfo:
    """Read what there is to say about the bundle; runs on the worker thread."""
    manifest = session.bundle.manifest
    return ModelInfo(
        manifest.name,
        manifest.version,
        manifest.created[:10],
        manifest.licence,
        manifest.attribution,
        manifest.feature_dimension,
        manifest.lengths[-1],
        sum(entry.bytes for entry in manifest.files.values()),
        tuple(
            RecipeInfo(name, recipe_named(name).shown_as, manifest.files[entry.file].bytes)
            for name, entry in manifest.recipes.items()
        ),
        session.encoder.recipe,
    )


class ModelFlow:
    """Holds what was found out about the model.

    :param chosen: keeps a recipe that the person chose.
    :param changed: called whenever something to be shown has changed.
    """

    def __init__(
        self,
        controller: Controller,
        platform: Platform,
        chosen: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self._controller, self._platform = controller, platform
        self._chosen, self._changed = chosen, changed
        self.info: ModelInfo | None = None
        self.results: PhoneResults | None = None
        self.check: GoldenResult | None = None
        self.busy = ""
        self.notice = ""

    def refresh(self) -> None:
        """Read anew what there is to say about the bundle."""
        self._controller.ask(look_up, self._looked_up)

    def _looked_up(self, info: ModelInfo) -> None:
        self.info = info
        self._changed()

    def measure(self) -> None:
        """Time the recipe in use on the texts of the bundle."""
        device = this_device()  # on Android this must be the thread of the screens

        def job(session: Session) -> PhoneResults:
            texts = session.bundle.golden().texts
            return measure(session.bundle, session.encoder.recipe, texts, REPETITIONS, device=device)

        self._begin(strings.text("model.speed.running"))
        self._controller.ask(job, self._measured, self._failed)

    def _measured(self, results: PhoneResults) -> None:
        self.results = results if self.results is None else self.results.joined(results)
        self._end("")

    @property
    def speed(self) -> str:
        """What was measured of the recipe in use, in words; empty before."""
        if self.results is None or self.info is None or self.info.recipe not in self.results.recipes:
            return ""
        latency = self.results.recipes[self.info.recipe].latency_ms
        figures = {name: f"{vars(latency)[field]:.2f}" for name, field in _FIGURES.items()}
        return strings.text("model.speed.words", n=latency.n, **figures)

    def save_results(self) -> None:
        """Let the person choose where the measurements go."""
        if self.results is None:
            self._end(strings.text("model.speed.none"))
            return
        results, path = self.results, self._platform.folders.cache() / RESULTS_NAME

        def written(_nothing: object) -> None:
            try:
                self._platform.documents.save(
                    path, path.name, "application/json", lambda saved: self._saved(path, saved), self._failed
                )
            except UndertoneError as error:  # a phone without a document picker
                self._failed(error)

        self._begin(strings.text("yours.busy"))
        self._controller.ask(lambda _session: path.write_text(results.to_json(), "utf-8"), written, self._failed)

    def _saved(self, path: Path, is_saved: bool) -> None:
        path.unlink(missing_ok=True)
        self._end(strings.text("yours.saved" if is_saved else "yours.not_saved"))

    def self_check(self) -> None:
        """Compare what this device computes with the answers in the bundle."""
        self._begin(strings.text("yours.busy"))
        self._controller.ask(
            lambda session: self_check(session.bundle, session.encoder.recipe), self._checked, self._failed
        )

    def _checked(self, check: GoldenResult) -> None:
        self.check = check
        self._end("")

    def use(self, recipe: str) -> None:
        """Run another recipe; the learner is built again from the stored labels."""
        if self.busy or (self.info is not None and self.info.recipe == recipe):
            return
        told = self._controller.told(self._progressed)
        self._begin(strings.text("yours.busy"))
        self._controller.ask(
            lambda session: session.use_recipe(recipe, told), lambda _nothing: self._used(recipe), self._failed
        )

    def _progressed(self, done: int, total: int) -> None:
        if self.busy:
            self.busy = strings.text("model.switching", done=done, total=total)
            self._changed()

    def _used(self, recipe: str) -> None:
        self._chosen(recipe)
        self.check = None
        self._end(strings.text("model.switched", recipe=recipe_named(recipe).shown_as))
        self.refresh()

    def _begin(self, words: str) -> None:
        self.busy, self.notice = words, ""
        self._changed()

    def _end(self, notice: str) -> None:
        self.busy, self.notice = "", notice
        self._changed()

    def _failed(self, error: Exception) -> None:
        self._end("")
        self._controller.report(error)


_FIGURES = {"mean": "mean", "sd": "std", "p50": "p50", "p95": "p95"}
