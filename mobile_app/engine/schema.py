"""The tables of the store, as the list of changes that made them."""

# "Undt": tells this database from those of other programs.
APPLICATION_ID = 0x556E6474

# Migration n takes a database from PRAGMA user_version n to n + 1. Published ones are never edited: add another.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE utterance (
        number      INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of learning; never used twice
        uid         TEXT NOT NULL UNIQUE,
        text        TEXT NOT NULL,
        time        TEXT NOT NULL,                     -- ISO 8601, of the label
        speaker     TEXT,
        dialogue    TEXT,
        position    INTEGER,
        bundle      TEXT NOT NULL,                     -- name and version, of the model that said what was said
        model_hash  TEXT NOT NULL                      -- SHA-256 of the model file
    ) STRICT;

    CREATE TABLE label (
        number           INTEGER NOT NULL REFERENCES utterance (number) ON DELETE CASCADE,
        task             TEXT NOT NULL,
        label            TEXT NOT NULL,                -- JSON: a string, or a list of strings for a sigmoid task
        said             TEXT NOT NULL,                -- JSON, as label: by the personal learner, before it learned
        probabilities    TEXT NOT NULL,                -- JSON: label to probability, by the personal learner
        base_said        TEXT NOT NULL,                -- JSON, as label: by the bundle's own model
        learner_version  INTEGER NOT NULL,
        PRIMARY KEY (number, task)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE features (
        number      INTEGER NOT NULL REFERENCES utterance (number) ON DELETE CASCADE,
        model_hash  TEXT NOT NULL,
        features    BLOB NOT NULL,                     -- little-endian float16
        PRIMARY KEY (number, model_hash)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE learner (
        model_hash  TEXT NOT NULL,
        kind        TEXT NOT NULL,                     -- of separator
        task        TEXT NOT NULL,
        version     INTEGER NOT NULL,                  -- updates it has seen
        up_to       INTEGER NOT NULL,                  -- number of the last utterance it has learned
        arrays      BLOB NOT NULL,                     -- .npz
        PRIMARY KEY (model_hash, kind, task)
    ) STRICT;
    """,
    """
    CREATE TABLE snapshot (                            -- learner states as they were before an update
        model_hash  TEXT NOT NULL,
        kind        TEXT NOT NULL,
        task        TEXT NOT NULL,
        version     INTEGER NOT NULL,
        up_to       INTEGER NOT NULL,
        arrays      BLOB NOT NULL,
        PRIMARY KEY (model_hash, kind, task, version)
    ) STRICT;
    """,
    """
    CREATE TABLE waiting (                             -- utterances brought in, not labelled yet
        number    INTEGER PRIMARY KEY AUTOINCREMENT,
        uid       TEXT NOT NULL UNIQUE,
        text      TEXT NOT NULL,
        speaker   TEXT,
        dialogue  TEXT,
        position  INTEGER,
        skipped   INTEGER NOT NULL DEFAULT 0           -- how often the person passed it over
    ) STRICT;

    CREATE TABLE setting (
        name   TEXT PRIMARY KEY,
        value  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX utterance_text ON utterance (text);
    """,
)
