"""One thread for everything slow; results and errors come back to the thread of the screens."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")
# Runs a callable on the thread of the screens, soon.
Deliver = Callable[[Callable[[], None]], None]


class Worker:
    """Runs jobs one after the other, in the order in which they came.

    :param deliver: hands a callable to the thread of the screens.
    :param on_error: called there with the exception of a job that failed.
    """

    def __init__(self, deliver: Deliver, on_error: Callable[[Exception], None]) -> None:
        self._deliver, self._on_error = deliver, on_error
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._pending = 0

    @property
    def is_idle(self) -> bool:
        """Whether every job is done and its result delivered."""
        return self._pending == 0

    def submit(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run ``job`` on the worker thread, then ``done`` with its result, or ``failed``, on the screens' thread."""
        self._pending += 1

        def work() -> None:
            try:
                result = job()
            except Exception as error:  # whatever it is, it must reach the screen and not die with the thread
                logging.getLogger(__name__).info("a job failed", exc_info=True)
                self._deliver(lambda error=error: self._finish(failed or self._on_error, error))  # type: ignore[misc]
            else:
                self._deliver(lambda: self._finish(done, result))

        self._thread.submit(work)

    def _finish(self, callback: Callable[[Any], None], value: Any) -> None:
        self._pending -= 1
        callback(value)

    def close(self, last: Callable[[], None]) -> None:
        """Finish what is running, drop what waits, run ``last`` on the worker thread and end it."""
        self._thread.submit(last)
        self._thread.shutdown(wait=True)
