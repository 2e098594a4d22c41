CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'closed', 'discarded')),
    stage TEXT NOT NULL,
    started_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE events (
    review_id TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (review_id, seq)
) STRICT;

CREATE TABLE drafts (
    review_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    text TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (review_id, slot)
) STRICT;

CREATE TABLE entries (
    id TEXT PRIMARY KEY,
    review_id TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    happened_on TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;

CREATE TABLE vectors (
    entry_id TEXT NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    view TEXT NOT NULL,
    embedder TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (entry_id, view, embedder)
) STRICT;

CREATE VIRTUAL TABLE entry_words USING fts5 (entry_id UNINDEXED, text, tokenize = 'porter unicode61');
