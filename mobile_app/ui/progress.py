"""The page that shows what was learned: in words, as a curve, label by label."""

from __future__ import annotations

from typing import Any

from kivy.factory import Factory
from kivy.properties import BooleanProperty, ListProperty, StringProperty
from kivy.uix.screenmanager import Screen

from mobile_app.ui import action_row, progress_report, strings
from mobile_app.ui.bar_row import BarRow
from mobile_app.ui.controller import Controller
from mobile_app.ui.kv import load_kv
from mobile_app.ui.platform.interfaces import Sharing
from mobile_app.ui.progress_report import FEW, Report, TaskReport

load_kv(action_row.__file__)
load_kv(__file__)


class ProgressScreen(Screen):
    """Shows a :class:`Report`, one task at a time."""

    headline = StringProperty()
    verdict = StringProperty()
    week = StringProperty()
    axis = StringProperty()
    confusions = StringProperty()
    message = StringProperty()
    shared = StringProperty()
    has_labels = BooleanProperty(False)
    yours = ListProperty()
    base = ListProperty()

    def __init__(self, controller: Controller, sharing: Sharing, **options: Any) -> None:
        super().__init__(name="progress", **options)
        self._controller, self._sharing = controller, sharing
        self._report: Report | None = None
        self.task = ""

    def on_pre_enter(self) -> None:
        """Count anew."""
        self.message = self.shared = ""
        if self._controller.is_open:
            self._controller.ask(progress_report.report, self._counted)

    def _counted(self, report: Report) -> None:
        self._report = report
        labelled = [task for task in report.tasks if task.n]
        self.has_labels = bool(labelled)
        self.week = strings.plural("progress.week", report.week, corrected=report.week_corrected)
        self.ids.tasks.clear_widgets()
        for task in labelled if len(labelled) > 1 else []:
            button = Factory.TabButton(text=strings.task_title(task.task))
            button.task = task.task
            button.bind(on_release=lambda button: self.show_task(button.task))
            self.ids.tasks.add_widget(button)
        if labelled:
            names = [task.task for task in labelled]
            self.show_task(self.task if self.task in names else names[0])

    def show_task(self, name: str) -> None:
        """Show what was learned in one task."""
        assert self._report is not None
        self.task = name
        for button in self.ids.tasks.children:
            button.is_chosen = button.task == name
        task = next(task for task in self._report.tasks if task.task == name)
        self.headline = strings.plural("progress.headline", task.n, yours=task.yours, base=task.base)
        self.verdict = verdict(task)
        self.axis = strings.text("progress.curve.axis", n=task.n)
        self.yours = [yours for yours, _base in task.curve]
        self.base = [base for _yours, base in task.curve]
        lines = [
            f"{strings.text('progress.confusion', heard=strings.label_name(heard), said=strings.label_name(said))}: "
            f"{strings.plural('progress.times', n)}"
            for heard, said, n in task.confusions
        ]
        self.confusions = "\n".join(lines) or strings.text("progress.no_confusions")
        self._show_labels(task)

    def _show_labels(self, task: TaskReport) -> None:
        self.ids.labels.clear_widgets()
        most = max((count.n for count in task.labels), default=1)
        for count in task.labels:
            self.ids.labels.add_widget(
                BarRow(
                    label=count.label,
                    name=strings.label_name(count.label),
                    icon=strings.icon(count.label),
                    words=strings.text("progress.accuracy", n=count.n, right=count.right),
                    fraction=count.n / most,
                )
            )

    def share(self) -> None:
        """Hand the numbers, and none of the person's own words, to another app."""
        lines = [strings.task_title(self.task), self.headline, self.verdict, self.week]
        if not self._sharing.share("\n".join(lines), strings.text("progress.share.title")):
            self.shared = strings.text("progress.share.copied")

    def show_problem(self, sentence: str) -> None:
        """Say in one sentence what did not work."""
        self.message = sentence

    def go_back(self) -> bool:
        """Return False: nothing opens on this page."""
        return False


def verdict(task: TaskReport) -> str:
    """Return in a sentence whether learning has helped."""
    if task.n < FEW:
        return strings.text("progress.too_few")
    if task.yours == task.base:
        return strings.text("progress.same")
    return strings.text("progress.better" if task.yours > task.base else "progress.worse")
