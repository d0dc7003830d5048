"""Between the screens and the engine: jobs go to the worker, results come back, errors become one kind sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task
from mobile_app.ui import strings
from mobile_app.ui.worker import Deliver, Worker

if TYPE_CHECKING:  # numpy, the store and the interpreter are not needed for the first frame
    from mobile_app.engine.personalizer import Learned
    from mobile_app.engine.prediction import Prediction
    from mobile_app.engine.separators.base import Label
    from mobile_app.ui.entry import Entry
    from mobile_app.ui.session import Session

Result = TypeVar("Result")


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
        self._worker = Worker(deliver, self.report)
        self._session: Session | None = None
        self._latest = ""
        self.tasks: tuple[Task, ...] = ()

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
            self.tasks = session.tasks
            ready()

        self._worker.submit(job, done)

    def predict(self, text: str, done: Callable[[Prediction], None]) -> None:
        """Predict ``text``; where a newer text was asked for meanwhile, the older is neither computed nor delivered."""
        self._latest = text

        def deliver(prediction: Prediction | None) -> None:
            if prediction is not None and text == self._latest:
                done(prediction)

        self._ask(lambda session: session.predict(text) if text == self._latest else None, deliver)

    def learn(
        self,
        text: str,
        labels: Mapping[str, Label],
        uid: str,
        done: Callable[[Learned], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Save the labels of an utterance and learn from them; an utterance saved before gets the new labels."""
        self._ask(lambda session: session.learn(text, labels, uid), done, failed)

    def forget(self, uid: str, done: Callable[[None], None]) -> None:
        """Remove an utterance, and what was learned from it."""
        self._ask(lambda session: session.forget(uid), done)

    def find(self, uid: str, done: Callable[[Entry | None], None]) -> None:
        """Read one saved utterance; None where the store does not have it."""
        self._ask(lambda session: session.find(uid), done)

    def history(self, query: str, after: Entry | None, limit: int, done: Callable[[Sequence[Entry]], None]) -> None:
        """Read a page of saved utterances, newest first.

        :param query: what must occur in them; empty for all.
        :param after: the last entry of the page before; None for the first page.
        """
        self._ask(lambda session: session.history(query, after, limit), done)

    def count(self, done: Callable[[int], None]) -> None:
        """Count the saved utterances."""
        self._ask(lambda session: session.count(), done)

    def report(self, error: Exception) -> None:
        """Turn an exception into one sentence and show it."""
        if isinstance(error, UndertoneError):
            self._on_problem(
                strings.text("error.input", expected=error.expected, found=error.found, remedy=error.remedy)
            )
        else:
            self._on_problem(strings.text("error.other"))

    def close(self) -> None:
        """Finish what is running and release the engine."""

        def last() -> None:
            if self._session is not None:
                self._session.close()

        self._worker.close(last)

    def _ask(
        self,
        job: Callable[[Session], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        def work() -> Result:
            if self._session is None:
                raise RuntimeError("the engine was not opened")
            return job(self._session)

        self._worker.submit(work, done, failed)
