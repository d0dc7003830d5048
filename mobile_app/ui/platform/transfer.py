"""Copying documents off the thread of the screens."""

import threading
from collections.abc import Callable

from mobile_app.engine.errors import UndertoneError
from mobile_app.ui.worker import Deliver


class Transfer:
    """One document on its way: chosen by a person, copied on a thread of its own, answered on that of the screens.

    :param deliver: hands a callable to the thread of the screens.
    :param what: the task, as the end of "expected ..." in an error.
    :param done: called once with whether there was something to copy.
    :param failed: called instead with an UndertoneError if the copy failed.
    """

    def __init__(
        self, deliver: Deliver, what: str, done: Callable[[bool], None], failed: Callable[[Exception], None]
    ) -> None:
        self._deliver, self._what, self._done, self._failed = deliver, what, done, failed

    def start(self, copy: Callable[[], bool]) -> None:
        """Run ``copy``, which returns whether there was something, on a new thread."""
        threading.Thread(target=self._run, args=(copy,), name="documents", daemon=True).start()

    def _run(self, copy: Callable[[], bool]) -> None:
        try:
            answer = copy()
        except UndertoneError as error:
            self._deliver(lambda error=error: self._failed(error))  # type: ignore[misc]
        except OSError as error:
            sentence = UndertoneError(self._what, error.strerror or str(error), "choose another place, or try again")
            self._deliver(lambda: self._failed(sentence))
        else:
            self._deliver(lambda: self._done(answer))
