"""The first schema. Never changed once released: a later shape is a further migration."""

from __future__ import annotations

STATEMENTS = (
    """CREATE TABLE acts (
        seq INTEGER NOT NULL,
        act_id TEXT NOT NULL,
        subject TEXT DEFAULT '' NOT NULL,
        kind TEXT DEFAULT '' NOT NULL,
        person_id TEXT DEFAULT '' NOT NULL,
        body BLOB NOT NULL,
        status TEXT DEFAULT '' NOT NULL,
        pending INTEGER DEFAULT 1 NOT NULL,
        outcome TEXT DEFAULT '' NOT NULL,
        rev INTEGER DEFAULT 0 NOT NULL,
        code TEXT DEFAULT '' NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        recorded_at INTEGER DEFAULT 0 NOT NULL,
        tries INTEGER DEFAULT 0 NOT NULL,
        PRIMARY KEY (seq)
    )""",
    "CREATE UNIQUE INDEX acts_act_id ON acts (act_id)",
    "CREATE INDEX acts_pending ON acts (subject, seq) WHERE pending = 1",
    "CREATE INDEX acts_status ON acts (status)",
    """CREATE TABLE alert_marks (
        alert_id TEXT NOT NULL,
        shown_at INTEGER,
        acknowledged_at INTEGER,
        snoozed_until INTEGER,
        snoozes INTEGER DEFAULT 0 NOT NULL,
        PRIMARY KEY (alert_id)
    )""",
    """CREATE TABLE center (
        id INTEGER NOT NULL,
        rev INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )""",
    """CREATE TABLE drafts (
        order_id TEXT NOT NULL,
        form TEXT NOT NULL,
        body BLOB NOT NULL,
        saved_at INTEGER NOT NULL,
        PRIMARY KEY (order_id, form)
    )""",
    """CREATE TABLE file_chunks (
        file_id INTEGER NOT NULL,
        n INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (file_id, n),
        FOREIGN KEY(file_id) REFERENCES files (id)
    )""",
    """CREATE TABLE files (
        id INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        name TEXT DEFAULT '' NOT NULL,
        size INTEGER NOT NULL,
        sent INTEGER DEFAULT 0 NOT NULL,
        wanted INTEGER DEFAULT 0 NOT NULL,
        PRIMARY KEY (id)
    )""",
    "CREATE UNIQUE INDEX files_sha256 ON files (sha256)",
    """CREATE TABLE meta (
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (name)
    )""",
    """CREATE TABLE orders (
        id INTEGER NOT NULL,
        order_id TEXT NOT NULL,
        rev INTEGER NOT NULL,
        number TEXT DEFAULT '' NOT NULL,
        tail TEXT DEFAULT '' NOT NULL,
        title TEXT DEFAULT '' NOT NULL,
        village_id TEXT DEFAULT '' NOT NULL,
        village_key TEXT DEFAULT '' NOT NULL,
        tier TEXT DEFAULT '' NOT NULL,
        tier_rank INTEGER DEFAULT 0 NOT NULL,
        stage INTEGER DEFAULT 0 NOT NULL,
        holder TEXT DEFAULT '' NOT NULL,
        dispatched_at INTEGER DEFAULT 0 NOT NULL,
        open INTEGER DEFAULT 1 NOT NULL,
        views INTEGER DEFAULT 0 NOT NULL,
        paused INTEGER DEFAULT 0 NOT NULL,
        people TEXT DEFAULT '' NOT NULL,
        unaccepted TEXT DEFAULT '' NOT NULL,
        cur_start INTEGER DEFAULT 0 NOT NULL,
        cur_safe INTEGER DEFAULT 0 NOT NULL,
        near_at INTEGER DEFAULT 0 NOT NULL,
        conflicts INTEGER DEFAULT 0 NOT NULL,
        pending INTEGER DEFAULT 0 NOT NULL,
        rejected INTEGER DEFAULT 0 NOT NULL,
        searchable INTEGER DEFAULT 0 NOT NULL,
        stamp INTEGER DEFAULT 0 NOT NULL,
        PRIMARY KEY (id)
    )""",
    "CREATE INDEX orders_conflicts ON orders (conflicts) WHERE conflicts > 0",
    """CREATE INDEX orders_closed ON orders (dispatched_at, tier, village_id, stage, people)
 WHERE open = 0""",
    "CREATE UNIQUE INDEX orders_order_id ON orders (order_id)",
    "CREATE INDEX orders_tail ON orders (tail)",
    "CREATE INDEX orders_unsearchable ON orders (searchable) WHERE searchable = 0",
    """CREATE INDEX orders_work ON orders (views, paused, cur_start, cur_safe, near_at, people)
        WHERE open = 1""",
    """CREATE TABLE states (
        id INTEGER NOT NULL,
        base BLOB NOT NULL,
        own BLOB,
        PRIMARY KEY (id)
    )""",
    """CREATE VIRTUAL TABLE search USING fts5(
        body, names, facts, content='', contentless_delete=1,
        tokenize = "unicode61 remove_diacritics 0"
    )""",
)
