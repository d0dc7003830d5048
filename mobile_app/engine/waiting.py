"""Utterances that were brought in and wait for labels: part of the person's database."""

from collections.abc import Iterable
from dataclasses import dataclass

from mobile_app.engine.store import Store

_COLUMNS = "uid, text, speaker, dialogue, position"
# More would take the phone minutes to look through, and nobody labels so many.
MAX_WAITING = 10_000


@dataclass(frozen=True)
class WaitingUtterance:
    """An utterance without labels.

    :param speaker: who said it, where that is known.
    :param dialogue: identifier of the conversation it is from.
    :param position: place in it, counted from 0.
    """

    uid: str
    text: str
    speaker: str | None = None
    dialogue: str | None = None
    position: int | None = None


class Waiting:
    """The utterances of a store that wait.

    :param store: of the person; not closed by this class.
    """

    def __init__(self, store: Store) -> None:
        self._database = store.database

    def __len__(self) -> int:
        return int(self._database.query("SELECT count(*) FROM waiting")[0][0])

    def add(self, utterances: Iterable[WaitingUtterance]) -> int:
        """Keep utterances, all or nothing; those that wait already, or whose text was labelled, are left out.

        :return: how many were new, as far as there is room for them.
        :raises StoreError: if the store cannot be written.
        """
        added = 0
        room = MAX_WAITING - len(self)
        with self._database.transaction() as connection:
            for utterance in utterances:
                if added >= room:
                    break
                row = (utterance.uid, utterance.text, utterance.speaker, utterance.dialogue, utterance.position)
                cursor = connection.execute(
                    f"INSERT OR IGNORE INTO waiting ({_COLUMNS}) SELECT ?, ?, ?, ?, ?"
                    " WHERE NOT EXISTS (SELECT 1 FROM utterance WHERE uid = ?)",
                    (*row, utterance.uid),
                )
                added += cursor.rowcount
        return added

    def sample(self, limit: int) -> list[WaitingUtterance]:
        """Return at most ``limit``, spread evenly over those that were passed over least often."""
        rows = self._database.query(
            "SELECT number FROM waiting WHERE skipped = (SELECT min(skipped) FROM waiting) ORDER BY number"
        )
        fresh = [number for (number,) in rows]
        step = max(1, len(fresh) // limit)
        numbers = sorted({*fresh[::step][:limit]})
        marks = ", ".join("?" * len(numbers))
        return [
            WaitingUtterance(*row)
            for row in self._database.query(f"SELECT {_COLUMNS} FROM waiting WHERE number IN ({marks})", numbers)
        ]

    def get(self, uid: str) -> WaitingUtterance | None:
        """Return one; None if it does not wait."""
        rows = self._database.query(f"SELECT {_COLUMNS} FROM waiting WHERE uid = ?", [uid])
        return WaitingUtterance(*rows[0]) if rows else None

    def put_back(self, utterance: WaitingUtterance) -> None:
        """Let an utterance wait again whose labels were taken back."""
        row = (utterance.uid, utterance.text, utterance.speaker, utterance.dialogue, utterance.position)
        with self._database.transaction() as connection:
            connection.execute(f"INSERT OR IGNORE INTO waiting ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)", row)

    def skip(self, uid: str) -> None:
        """Note that the person passed it over: it comes after all others now."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE waiting SET skipped = skipped + 1 WHERE uid = ?", [uid])

    def remove(self, uid: str) -> None:
        """Let it wait no longer."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM waiting WHERE uid = ?", [uid])

    def clear(self) -> None:
        """Let none wait."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM waiting")
