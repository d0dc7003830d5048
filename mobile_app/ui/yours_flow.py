"""The flow of the page of one's own things: take out, bring in, go back, forget. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from mobile_app.engine.bringing import Brought, Conflict
from mobile_app.engine.errors import UndertoneError
from mobile_app.ui import own_data, strings
from mobile_app.ui.chosen_copy import new_copy, used_up
from mobile_app.ui.controller import Controller
from mobile_app.ui.own_data import Day
from mobile_app.ui.platform.interfaces import Platform

ANY = ("*/*",)


class YoursFlow:
    """Passes wishes on to the engine and the system, and says in a sentence what came of them.

    :param emptied: called after everything was forgotten or replaced.
    :param changed: called whenever something to be shown has changed.
    """

    def __init__(
        self,
        controller: Controller,
        platform: Platform,
        emptied: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._controller, self._platform = controller, platform
        self._emptied, self._changed = emptied, changed
        self.notice = ""
        self.is_busy = False
        self.size = 0
        self.conflicts: tuple[Conflict, ...] = ()
        self.days: list[Day] | None = None

    def refresh(self) -> None:
        """Read anew how much there is."""
        if self._controller.is_open:
            self._controller.ask(own_data.size, self._sized)

    def _sized(self, size: int) -> None:
        self.size = size
        self._changed()

    def save(self, kind: str) -> None:
        """Write labels or everything to a file, and let the person choose where it goes."""
        path = self._platform.folders.cache() / own_data.NAMES[kind]
        self._begin()

        def written(is_something: bool) -> None:
            if not is_something:
                self._end(strings.text("yours.nothing"))
                return
            try:
                self._platform.documents.save(
                    path, path.name, own_data.MIME_TYPES[kind], lambda saved: self._saved(path, saved), self._failed
                )
            except UndertoneError as error:  # a phone without a document picker
                self._failed(error)

        self._controller.ask(lambda session: own_data.write(session, kind, path), written, self._failed)

    def _saved(self, path: Path, is_saved: bool) -> None:
        path.unlink(missing_ok=True)  # a copy in the cache would outlive "forget everything"
        self._end(strings.text("yours.saved" if is_saved else "yours.not_saved"))

    def bring(self) -> None:
        """Let the person choose a file of labels, and learn them."""
        self._choose(self._bring)

    def _bring(self, path: Path) -> None:
        told = self._controller.told(self._progressed)
        self._controller.ask(
            lambda session: used_up(path, lambda copy: own_data.bring(session, copy, told)), self._brought, self._failed
        )

    def _brought(self, brought: Brought) -> None:
        self.conflicts = brought.conflicts
        words = [strings.plural("yours.imported", brought.learned)]
        if brought.known:
            words.append(strings.plural("yours.known", brought.known))
        if brought.conflicts:
            words.append(strings.plural("yours.conflicts", len(brought.conflicts)))
        self._end(" ".join(words))

    def take_conflicts(self) -> None:
        """Let the labels of the file win where they differ."""
        conflicts, self.conflicts = self.conflicts, ()
        self._begin()
        self._controller.ask(
            lambda session: own_data.take(session, conflicts),
            lambda _nothing: self._end(strings.text("yours.taken")),
            self._failed,
        )

    def restore(self) -> None:
        """Let the person choose a backup, and put it in place of what is here."""
        self._choose(self._restore)

    def _restore(self, path: Path) -> None:
        self._controller.ask(lambda session: used_up(path, session.restore), self._restored, self._failed)

    def _restored(self, _nothing: None) -> None:
        self._emptied()
        self._end(strings.text("yours.restored"))

    def list_days(self) -> None:
        """Look up the days to go back to; None in ``days`` hides the list."""
        now = datetime.now(timezone.utc).astimezone()
        self._controller.ask(lambda session: own_data.days(session, now), self._listed, self._failed)

    def _listed(self, days: list[Day]) -> None:
        self.days = days or None
        self.notice = "" if days else strings.text("yours.rollback.none")
        self._changed()

    def roll_back(self, day: Day) -> None:
        """Forget what was labelled after a day."""
        self._begin()
        self._controller.ask(
            lambda session: own_data.roll_back(session, day),
            lambda n: self._end(strings.plural("yours.rolled", n)),
            self._failed,
        )

    def start_afresh(self) -> None:
        """Keep the labels, and forget what was learned."""
        self._begin()
        self._controller.ask(
            lambda session: session.personalizer.start_afresh(),
            lambda _nothing: self._end(strings.text("yours.afresh.done")),
            self._failed,
        )

    def forget_everything(self) -> None:
        """Remove everything that the person ever typed."""
        self._begin()
        self._controller.ask(own_data.forget_everything, self._forgotten, self._failed)

    def _forgotten(self, _nothing: None) -> None:
        self._emptied()
        self._end(strings.text("yours.forgotten"))

    def _choose(self, use: Callable[[Path], None]) -> None:
        copy = new_copy(self._platform.folders.cache())

        def chosen(there: bool) -> None:
            if there:
                use(copy)
            else:
                self._end(strings.text("yours.not_chosen"))

        self._begin()
        try:
            self._platform.documents.open(ANY, copy, chosen, self._failed)
        except UndertoneError as error:
            self._failed(error)

    def _begin(self) -> None:
        self.is_busy, self.days = True, None
        self.notice = strings.text("yours.busy")
        self._changed()

    def _progressed(self, done: int, total: int) -> None:
        if self.is_busy:
            self.notice = strings.text("yours.working", done=done, total=total)
            self._changed()

    def _end(self, notice: str) -> None:
        self.is_busy, self.notice, self.days = False, notice, None
        self._changed()
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._end("")
        self._controller.report(error)
