"""What a person labelled, what was said about it then, and what was learned from it."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine import snapshots
from mobile_app.engine.database import Database
from mobile_app.engine.errors import StoreError
from mobile_app.engine.labelled import LabelledUtterance, LearnerState, Said, StoredUtterance
from mobile_app.engine.separators.base import Label

_UTTERANCE = "number, uid, text, time, speaker, dialogue, position, bundle, model_hash"


class Store:
    """The database of one person: utterances, labels, predictions and learner state.

    One process may have it open, and its methods may be called from any thread.

    :param path: of the SQLite file; made if it is not there.
    :raises StoreError: as :class:`Database`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path)

    @property
    def database(self) -> Database:
        """The file, for tables beside those of labels."""
        return self._database

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __len__(self) -> int:
        return int(self._database.query("SELECT count(*) FROM utterance")[0][0])

    def __contains__(self, uid: str) -> bool:
        return bool(self._database.query("SELECT 1 FROM utterance WHERE uid = ?", [uid]))

    def add(
        self,
        utterance: LabelledUtterance,
        said: Mapping[str, Said],
        *,
        bundle: str,
        model_hash: str,
        features: NDArray[np.float16],
        kind: str,
        states: Mapping[str, LearnerState],
        replacing: str | None = None,
    ) -> int:
        """Write an utterance with its labels and the learner that has learned them, all or nothing.

        :param said: what was said about it before, per labelled task.
        :param features: ``[d]``, of the model with ``model_hash``.
        :param kind: of the separators in ``states``.
        :param states: per task whose separator changed; ``up_to`` becomes the number of this utterance.
        :param replacing: uid of an utterance that ``states`` no longer contain, removed together with its labels.
        :return: the number of the utterance.
        :raises StoreError: if the uid is taken, or it cannot be written; nothing has changed then.
        """
        with self._database.transaction() as connection:
            if replacing is not None:
                self._delete(connection, [replacing])
            if utterance.uid in self:
                raise StoreError("an id that is not in the store yet", repr(utterance.uid), "forget that one first")
            values = (utterance.uid, utterance.text, utterance.when, utterance.speaker, utterance.dialogue)
            number = connection.execute(
                "INSERT INTO utterance (uid, text, time, speaker, dialogue, position, bundle, model_hash)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
                (*values, utterance.position, bundle, model_hash),
            ).fetchone()[0]
            rows = [(number, task, *_row(label, said[task])) for task, label in utterance.labels.items()]
            connection.executemany("INSERT INTO label VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self._write_features(connection, number, model_hash, features)
            snapshots.take(connection, model_hash, kind, states)
            self._write_states(connection, model_hash, kind, states, up_to=number)
        return int(number)

    def remove(self, uids: Collection[str], *, model_hash: str, kind: str, states: Mapping[str, LearnerState]) -> None:
        """Remove utterances, and write the learner that never saw them, all or nothing.

        Learners of other models and kinds had seen them: they are removed too, and learn anew when they are wanted.

        :raises StoreError: if it cannot be written; nothing has changed then.
        """
        with self._database.transaction() as connection:
            self._delete(connection, uids)
            self._write_states(connection, model_hash, kind, states)

    def clear(self) -> None:
        """Remove everything."""
        with self._database.transaction() as connection:
            for table in ("utterance", "learner", "snapshot", "waiting", "setting"):
                connection.execute(f"DELETE FROM {table}")
        self._database.shrink()

    @property
    def learned_after(self) -> int:
        """The number up to which utterances are kept but not learned from; 0 unless learning was started afresh."""
        found = self._database.query("SELECT value FROM setting WHERE name = 'learned_after'")
        return int(found[0][0]) if found else 0

    def start_afresh(self) -> None:
        """Keep every utterance, and remove every learner: from now on only later labels are learned.

        :raises StoreError: if it cannot be written; nothing has changed then.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO setting SELECT 'learned_after', coalesce(max(number), 0) FROM utterance"
            )
            for table in ("learner", "snapshot"):
                connection.execute(f"DELETE FROM {table}")

    def save_learner(self, model_hash: str, kind: str, states: Mapping[str, LearnerState]) -> None:
        """Write learner states that were built again from the stored labels."""
        with self._database.transaction() as connection:
            self._write_states(connection, model_hash, kind, states)

    def learner(self, model_hash: str, kind: str) -> dict[str, LearnerState]:
        """Return the learner states of that model and kind of separator, by task."""
        rows = self._database.query(
            "SELECT task, version, up_to, arrays FROM learner WHERE model_hash = ? AND kind = ?", [model_hash, kind]
        )
        return {task: LearnerState(version, up_to, arrays) for task, version, up_to, arrays in rows}

    def learner_before(self, number: int, model_hash: str, kind: str) -> Mapping[str, LearnerState]:
        """Return per task the latest kept state that had not learned that utterance or a later one."""
        rows = self._database.query(
            "SELECT task, version, up_to, arrays FROM snapshot WHERE model_hash = ? AND kind = ? AND up_to < ?",
            [model_hash, kind, number],
        )
        return snapshots.latest(rows)

    def keep_models(self, model_hashes: Collection[str]) -> None:
        """Remove features and learners of all other models than these and that of the newest utterance."""
        newest = self._database.query("SELECT model_hash FROM utterance ORDER BY number DESC LIMIT 1")
        kept = [*model_hashes, *(model_hash for (model_hash,) in newest)]
        marks = ", ".join("?" * len(kept))
        with self._database.transaction() as connection:
            for table in ("features", "learner", "snapshot"):
                connection.execute(f"DELETE FROM {table} WHERE model_hash NOT IN ({marks})", kept)

    def copy_to(self, path: Path) -> None:
        """Write the whole database, as it is now, to another file.

        :raises StoreError: if it cannot be written.
        """
        self._database.copy_to(path)

    def size(self) -> int:
        """Return the bytes that the database takes on the disk, without its log."""
        return int(self._database.query("PRAGMA page_count")[0][0] * self._database.query("PRAGMA page_size")[0][0])

    def save_features(self, number: int, model_hash: str, features: NDArray[np.float16]) -> None:
        """Keep features that were computed again, for another model."""
        with self._database.transaction() as connection:
            self._write_features(connection, number, model_hash, features)

    def last_labelled(self) -> dict[str, int]:
        """Return per task the number of the last utterance that was labelled in it, of those to be learned."""
        return dict(
            self._database.query(
                "SELECT task, max(number) FROM label WHERE number > ? GROUP BY task", [self.learned_after]
            )
        )

    def features(self, model_hash: str, *, after: int = 0) -> dict[int, NDArray[np.float16]]:
        """Return the cached features of a model by utterance number, of utterances after a number."""
        rows = self._database.query(
            "SELECT number, features FROM features WHERE model_hash = ? AND number > ?", [model_hash, after]
        )
        return {number: np.frombuffer(content, dtype="<f2").astype(np.float16) for number, content in rows}

    def in_order(self, *, after: int = 0) -> list[StoredUtterance]:
        """Return the utterances after a number in the order of learning."""
        return self._read("number > ? ORDER BY number", [after])

    def history(self, *, limit: int = 50, before: int | None = None, search: str = "") -> list[StoredUtterance]:
        """Return a page of utterances, the newest first.

        :param limit: at most so many.
        :param before: only those with a smaller number, which is the next page after the last one seen.
        :param search: only those whose text has this in it, in any case.
        """
        clauses, values = ["1"], []
        if before is not None:
            clauses, values = ["number < ?"], [before]
        if not search:
            return self._read(f"{clauses[0]} ORDER BY number DESC LIMIT ?", [*values, limit])
        # SQLite folds the case of ASCII only, Python that of every script.
        wanted = search.casefold()
        texts = self._database.query(
            f"SELECT number, text FROM utterance WHERE {clauses[0]} ORDER BY number DESC", values
        )
        numbers = [number for number, text in texts if wanted in text.casefold()][:limit]
        marks = ", ".join("?" * len(numbers))
        return self._read(f"number IN ({marks}) ORDER BY number DESC", numbers)

    def newest_with(self, text: str) -> StoredUtterance | None:
        """Return the utterance labelled last of those with exactly this text; None if there is none."""
        found = self._read("number = (SELECT max(number) FROM utterance WHERE text = ?)", [text])
        return found[0] if found else None

    def get(self, uid: str) -> StoredUtterance:
        """Return one utterance.

        :raises StoreError: if there is none of that id.
        """
        found = self._read("uid = ?", [uid])
        if not found:
            raise StoreError("the id of a stored utterance", repr(uid), "look it up in the history")
        return found[0]

    def _read(self, where: str, values: list[Any]) -> list[StoredUtterance]:
        rows = self._database.query(f"SELECT {_UTTERANCE} FROM utterance WHERE {where}", values)
        numbers = f"SELECT number FROM utterance WHERE {where}"
        labels: dict[int, dict[str, Label]] = {}
        said: dict[int, dict[str, Said]] = {}
        for number, task, label, *rest in self._database.query(
            f"SELECT * FROM label WHERE number IN ({numbers})", values
        ):
            labels.setdefault(number, {})[task] = _label(label)
            said.setdefault(number, {})[task] = _said(rest)
        return [_stored(row, labels.get(row[0], {}), said.get(row[0], {})) for row in rows]

    @staticmethod
    def _delete(connection: Any, uids: Collection[str]) -> None:
        """Delete utterances and whatever has learned them."""
        for uid in uids:
            found = connection.execute("SELECT number FROM utterance WHERE uid = ?", [uid]).fetchone()
            if found is not None:
                snapshots.drop_from(connection, found[0])
        connection.executemany("DELETE FROM utterance WHERE uid = ?", [(uid,) for uid in uids])
        connection.execute("DELETE FROM learner")

    @staticmethod
    def _write_features(connection: Any, number: int, model_hash: str, features: NDArray[np.float16]) -> None:
        content = features.astype("<f2").tobytes()
        connection.execute("INSERT OR REPLACE INTO features VALUES (?, ?, ?)", [number, model_hash, content])

    @staticmethod
    def _write_states(
        connection: Any, model_hash: str, kind: str, states: Mapping[str, LearnerState], up_to: int | None = None
    ) -> None:
        rows = [
            (model_hash, kind, task, state.version, state.up_to if up_to is None else up_to, state.arrays)
            for task, state in states.items()
        ]
        connection.executemany("INSERT OR REPLACE INTO learner VALUES (?, ?, ?, ?, ?, ?)", rows)


def _row(label: Label, said: Said) -> tuple[str, str, str, str, int]:
    probabilities = {name: round(probability, 6) for name, probability in said.probabilities.items()}
    written = (_json(label), _json(said.label), _json(probabilities), _json(said.base_label))
    return (*written, said.learner_version)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _label(written: str) -> Label:
    value = json.loads(written)
    return value if isinstance(value, str) else tuple(value)


def _said(row: list[Any]) -> Said:
    label, probabilities, base_label, learner_version = row
    return Said(_label(label), json.loads(probabilities), _label(base_label), learner_version)


def _stored(row: tuple[Any, ...], labels: Mapping[str, Label], said: Mapping[str, Said]) -> StoredUtterance:
    number, uid, text, when, speaker, dialogue, position, bundle, model_hash = row
    utterance = LabelledUtterance(uid, text, labels, when, speaker, dialogue, position)
    return StoredUtterance(number, utterance, bundle, model_hash, said)
