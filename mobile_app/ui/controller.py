"""Between the screens and the engine: jobs go to the worker, results come back, errors become one kind sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task
from mobile_app.ui import strings
from mobile_app.ui.worker import Deliver, Worker

if TYPE_CHECKING:  # numpy, the store and the interpreter are not needed for the first frame
    from mobile_app.engine.personalizer import Learned
    from mobile_app.engine.separators.base import Label
    from mobile_app.ui.entry import Entry
    from mobile_app.ui.filters import Filter
    from mobile_app.ui.opinion import Opinion
    from mobile_app.ui.session import Session
    from mobile_app.ui.talk import Talk

Result = TypeVar("Result")
_BETWEEN = 0.1  # seconds between two reports of progress


class Controller:
    """Everything that the screens ask of the engine. Knows no widgets, and never lets a screen wait.

    :param open_session: opens the engine; called on the worker thread, for it takes its time.
    :param deliver: hands a callable to the thread of the screens.
    :param on_problem: shows one sentence about something that failed.
    """

    def __init__(
        self, open_session: Callable[[], Session], deliver: Deliver, on_problem: Callable[[str], None]
    ) -> None:
        self._open_session, self._on_problem = open_session, on_problem
        self._deliver, self._worker = deliver, Worker(deliver, self.report)
        self._session: Session | None = None
        self._latest = ""
        self.tasks: tuple[Task, ...] = ()
        self.has_context = False

    @property
    def is_open(self) -> bool:
        """Whether the engine is there."""
        return bool(self.tasks)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._worker.is_idle

    def open(self, ready: Callable[[], None]) -> None:
        """Open the engine, then call ``ready``."""

        def job() -> Session:
            self._session = self._open_session()
            return self._session

        def done(session: Session) -> None:
            self.tasks, self.has_context = session.tasks, session.has_context
            ready()

        self._worker.submit(job, done)

    def predict(self, text: str, done: Callable[[Opinion], None], talk: Talk | None = None) -> None:
        """Predict ``text``; where a newer text was asked for meanwhile, the older is neither computed nor delivered.

        :param talk: the conversation in which it is said; None for an utterance by itself.
        """
        self._latest = text

        def deliver(opinion: Opinion | None) -> None:
            if opinion is not None and text == self._latest:
                done(opinion)

        self.ask(lambda session: session.predict(text, talk) if text == self._latest else None, deliver)

    def learn(
        self,
        text: str,
        labels: Mapping[str, Label],
        uid: str,
        done: Callable[[Learned], None],
        failed: Callable[[Exception], None] | None = None,
        origin: Mapping[str, Any] | None = None,
    ) -> None:
        """Save the labels of an utterance and learn from them; an utterance saved before gets the new labels.

        :param origin: speaker, dialogue and position, where they are known.
        """

        def job(session: Session) -> Learned:
            from mobile_app.ui.session import Origin  # numpy is loaded by now

            return session.learn(text, labels, uid, Origin(**(origin or {})))

        self.ask(job, done, failed)

    def forget(self, uid: str, done: Callable[[None], None]) -> None:
        """Remove an utterance, and what was learned from it."""
        self.ask(lambda session: session.forget(uid), done)

    def find(self, uid: str, done: Callable[[Entry | None], None]) -> None:
        """Read one saved utterance; None where the store does not have it."""
        self.ask(lambda session: session.find(uid), done)

    def history(
        self,
        query: str,
        after: Entry | None,
        limit: int,
        done: Callable[[Sequence[Entry]], None],
        wanted: Filter | None = None,
    ) -> None:
        """Read a page of saved utterances, newest first.

        :param query: what must occur in them; empty for all.
        :param after: the last entry of the page before; None for the first page.
        :param wanted: what else they must be; None for anything.
        """
        options = {} if wanted is None else {"wanted": wanted}
        self.ask(lambda session: session.history(query, after, limit, **options), done)

    def count(self, done: Callable[[int], None]) -> None:
        """Count the saved utterances."""
        self.ask(lambda session: session.count(), done)

    def report(self, error: Exception) -> None:
        """Turn an exception into one sentence and show it."""
        if isinstance(error, UndertoneError):
            self._on_problem(
                strings.text("error.input", expected=error.expected, found=error.found, remedy=error.remedy)
            )
        else:
            self._on_problem(strings.text("error.unexpected"))

    def close(self) -> None:
        """Finish what is running and release the engine."""

        def last() -> None:
            if self._session is not None:
                self._session.close()

        self._worker.close(last)

    def ask(
        self,
        job: Callable[[Session], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run ``job`` on the engine, then ``done`` with its result, or ``failed``, on the screens' thread.

        :param failed: None reports the error as one sentence.
        """

        def work() -> Result:
            if self._session is None:
                raise RuntimeError("the engine was not opened")
            return job(self._session)

        self._worker.submit(work, done, failed)

    def told(self, progress: Callable[[int, int], None]) -> Callable[[int, int], None]:
        """Return what a long job calls with how many of how many are done; the screens hear of it now and then."""
        last = [0.0]

        def tell(done: int, total: int) -> None:
            now = time.monotonic()
            if done == total or now - last[0] >= _BETWEEN:
                last[0] = now
                self._deliver(lambda: progress(done, total))

        return tell
