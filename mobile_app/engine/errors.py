"""Errors that a person can act on: what was expected, what was found, what to do."""


class UndertoneError(Exception):
    """Wrong input or arguments; the command line turns it into one line on stderr and exit code 2.

    :param expected: what should have been there, as the end of "expected ...".
    :param found: what was there instead.
    :param remedy: what to do about it, as an imperative clause.
    """

    exit_code = 2

    def __init__(self, expected: str, found: str, remedy: str) -> None:
        self.expected, self.found, self.remedy = expected, found, remedy
        super().__init__(f"expected {expected}; found {found}; {remedy}")


class DataError(UndertoneError):
    """A dataset or a file of utterances cannot be used."""


class BundleError(UndertoneError):
    """A bundle, or one of its files, cannot be used."""


class InterpreterError(UndertoneError):
    """A model file cannot be opened or run."""


class SeparatorError(UndertoneError):
    """A separator was given arrays or labels that it cannot use."""


class StoreError(UndertoneError):
    """The learner's database cannot be opened, read or written."""


class CheckFailedError(UndertoneError):
    """The input is fine, but a check or a gate says no: exit code 1."""

    exit_code = 1
