"""The flow of the inbox: bring in, ask about the least certain first, save at each tap. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mobile_app.engine.separators.base import Label
from mobile_app.engine.task import Task
from mobile_app.engine.waiting import MAX_WAITING, WaitingUtterance
from mobile_app.ui import inbox_jobs, strings
from mobile_app.ui.controller import Controller
from mobile_app.ui.inbox_jobs import Added, Asked, State
from mobile_app.ui.opinion import Opinion

FILE = "the chosen file"


@dataclass(frozen=True)
class Step:
    """Something to take back.

    :param labels: what was answered before.
    :param is_skip: whether it was passed over, and nothing saved.
    """

    utterance: WaitingUtterance
    labels: Mapping[str, Label] = field(default_factory=dict)
    is_skip: bool = False


class InboxFlow:
    """Holds the utterance that is asked about.

    :param remember: keeps its uid where it survives the end of the process; empty for none.
    :param changed: called whenever something to be shown has changed.
    """

    def __init__(self, controller: Controller, remember: Callable[[str], None], changed: Callable[[], None]) -> None:
        self._controller, self._remember, self._changed = controller, remember, changed
        self._queue: list[WaitingUtterance] = []
        self._steps: list[Step] = []
        self._saving = 0
        self.current: WaitingUtterance | None = None
        self.opinion: Opinion | None = None
        self.marks: dict[str, Label] = {}
        self.state = State(0, 0, {})
        self.notice = ""
        self.is_busy = False
        self.is_adding = False

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that are asked about: those with one answer, or all if there is none of them."""
        tasks = self._controller.tasks
        return tuple(task for task in tasks if not task.is_multi_label) or tasks

    @property
    def task(self) -> Task | None:
        """The task that is asked about now."""
        return next((task for task in self.tasks if task.name not in self.marks), None)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._steps)

    def start(self, uid: str) -> None:
        """Go on with the utterance of the last time, or with the most telling one.

        :param uid: of that utterance; empty for none.
        """
        self._count()
        if self.current is None and uid:
            self._controller.ask(lambda session: inbox_jobs.find(session, uid), self._found)
        elif self.current is None:
            self.next()
        else:
            self._ask(self.current)  # it may have been learned about on another page

    def _found(self, asked: Asked | None) -> None:
        if asked is None:
            self.next()
        else:
            self._show(asked)

    def clear(self) -> None:
        """Let go of everything, after it was forgotten or replaced."""
        self.current, self.opinion, self.marks, self.notice = None, None, {}, ""
        self._queue, self._steps, self.state = [], [], State(0, 0, {})
        self._changed()

    def add_text(self, text: str) -> None:
        """Bring in pasted lines."""
        self._bring(lambda session: inbox_jobs.add_text(session, text))

    def add_file(self, path: Path) -> None:
        """Bring in the utterances of a file."""
        self._bring(lambda session: inbox_jobs.add_file(session, path, FILE))

    def _bring(self, job: Callable[..., Added]) -> None:
        self.is_busy = True
        self._changed()
        self._controller.ask(job, self._added, self._failed)

    def _added(self, added: Added) -> None:
        self.is_busy = self.is_adding = False
        words = strings.plural("inbox.added", added.new) if added.new else strings.text("inbox.known")
        self.notice = f"{words} {strings.text('inbox.cut', n=MAX_WAITING)}" if added.is_cut else words
        self._queue = []
        self._count()
        if self.current is None:
            self.next()
        self._changed()

    def _failed(self, error: Exception) -> None:
        self.is_busy = False
        self._changed()
        self._controller.report(error)

    def next(self) -> None:
        """Ask about the next utterance."""
        self.current, self.opinion, self.marks = None, None, {}
        if self._queue:
            self._ask(self._queue.pop(0))
            return
        self.is_busy = True
        self._changed()
        self._controller.ask(inbox_jobs.queue, self._queued, self._failed)

    def _queued(self, found: list[WaitingUtterance]) -> None:
        self.is_busy = False
        self._queue = found
        if found:
            self._ask(self._queue.pop(0))
        else:
            self._remember("")
            self._changed()

    def _ask(self, utterance: WaitingUtterance) -> None:
        self._controller.ask(lambda session: inbox_jobs.ask(session, utterance), self._show, self._failed)

    def _show(self, asked: Asked) -> None:
        self.current, self.opinion, self.marks = asked.utterance, asked.opinion, dict(asked.labels)
        self.is_busy = False
        self._remember(asked.utterance.uid)
        self._changed()

    def tap(self, label: str) -> None:
        """Answer the task in hand; it is saved at once."""
        task = self.task
        if task is None or self.current is None or self._saving:
            return
        self._answer({**self.marks, task.name: (label,) if task.is_multi_label else label})

    def suggested(self) -> dict[str, Label]:
        """Return what is suggested in the tasks that are open."""
        if self.opinion is None:
            return {}
        return {task.name: self.opinion.suggestion(task.name) for task in self.tasks if task.name not in self.marks}

    def accept(self) -> None:
        """Answer all open tasks with what is suggested."""
        if self.current is not None and self.opinion is not None and not self._saving:
            self._answer({**self.marks, **self.suggested()})

    def _answer(self, marks: dict[str, Label]) -> None:
        utterance, before = self.current, dict(self.marks)
        assert utterance is not None
        self.marks, self.notice = marks, ""
        is_done = self.task is None
        self._saving += 1
        self._changed()
        self._controller.ask(
            lambda session: inbox_jobs.save(session, utterance, marks, is_done=is_done),
            lambda _nothing: self._saved(Step(utterance, before), is_done=is_done),
            lambda error: self._not_saved(before, error),
        )

    def _saved(self, step: Step, *, is_done: bool) -> None:
        self._saving -= 1
        self._steps.append(step)
        self._count()
        if is_done:
            self.next()
        else:
            self._changed()

    def _not_saved(self, before: dict[str, Label], error: Exception) -> None:
        self._saving -= 1
        self.marks = before
        self._changed()
        self._controller.report(error)

    def skip(self) -> None:
        """Pass the utterance over; it comes back after all others."""
        utterance = self.current
        if utterance is None or self._saving:
            return
        self._steps.append(Step(utterance, dict(self.marks), is_skip=True))
        self._controller.ask(lambda session: session.waiting.skip(utterance.uid), lambda _nothing: None)
        self.notice = strings.text("inbox.skipped")
        self.next()

    def undo(self) -> None:
        """Take the last step back."""
        if not self._steps or self._saving:
            return
        step = self._steps.pop()
        if self.current is not None and self.current.uid != step.utterance.uid:
            self._queue.insert(0, self.current)
        self.notice = strings.text("inbox.undone")
        if not step.is_skip:
            self._controller.ask(
                lambda session: inbox_jobs.take_back(session, step.utterance, step.labels), lambda _nothing: None
            )
        self._ask(step.utterance)
        self._count()

    def _count(self) -> None:
        tasks = self.tasks
        if tasks:
            self._controller.ask(lambda session: inbox_jobs.state(session, tasks[0].name), self._counted)

    def _counted(self, state: State) -> None:
        self.state = state
        self._changed()
