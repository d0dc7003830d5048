"""Files that a person chooses on a phone: Android's Storage Access Framework, which needs no permission."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.java import java_class, java_errors
from mobile_app.ui.platform.android.results import ActivityResults
from mobile_app.ui.platform.checks import receive
from mobile_app.ui.platform.transfer import Transfer
from mobile_app.ui.worker import Deliver

_REMEDY = "choose another place, or try again"


class AndroidDocuments:
    """Copies documents through file descriptors, so that no byte crosses from Java to Python.

    :param activity: the running ``android.app.Activity``.
    :param results: brings the answers of the document picker.
    :param deliver: hands a callable to the thread of the screens.
    """

    def __init__(self, activity: Any, results: ActivityResults, deliver: Deliver) -> None:
        self._resolver = activity.getContentResolver()
        self._results, self._deliver = results, deliver

    def open(
        self,
        mime_types: Sequence[str],
        copy: Path,
        done: Callable[[bool], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Let the person choose a document and copy it; see Documents.

        :raises UndertoneError: if the phone has no document picker.
        """

        def take(uri: Any) -> None:
            with self._stream(uri, "r") as stream:
                receive(stream, copy)

        intent = java_class("android.content.Intent")("android.intent.action.OPEN_DOCUMENT")
        intent.setType(mime_types[0] if len(mime_types) == 1 else "*/*")
        intent.putExtra(intent.EXTRA_MIME_TYPES, list(mime_types))
        self._ask(intent, Transfer(self._deliver, "to read the chosen document", done, failed), take)

    def save(
        self,
        source: Path,
        name: str,
        mime_type: str,
        done: Callable[[bool], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Let the person choose a place for a file and copy it there; see Documents.

        :raises UndertoneError: if the phone has no document picker.
        """

        def give(uri: Any) -> None:
            with source.open("rb") as stream, self._stream(uri, "wt") as target:
                while block := stream.read(1 << 20):
                    target.write(block)

        intent = java_class("android.content.Intent")("android.intent.action.CREATE_DOCUMENT")
        intent.setType(mime_type)
        intent.putExtra(intent.EXTRA_TITLE, name)
        self._ask(intent, Transfer(self._deliver, "to write the chosen document", done, failed), give)

    def _ask(self, intent: Any, transfer: Transfer, copy: Callable[[Any], None]) -> None:
        def answered(uri: Any) -> None:
            def work() -> bool:
                if uri is not None:
                    copy(uri)
                return uri is not None

            transfer.start(work)

        intent.addCategory(intent.CATEGORY_OPENABLE)
        with java_errors(UndertoneError, "the document picker of this phone", "enable the Files app"):
            self._results.start(intent, answered)

    def _stream(self, uri: Any, mode: str) -> BinaryIO:
        with java_errors(UndertoneError, "the chosen document to open", _REMEDY):
            descriptor = self._resolver.openFileDescriptor(uri, mode)
        if descriptor is None:
            raise UndertoneError("the chosen document to open", "an app that does not hand it out", _REMEDY)
        return os.fdopen(descriptor.detachFd(), "rb" if mode == "r" else "wb")
