CREATE TABLE entry_versions (
    entry_id TEXT NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    until TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (entry_id, seq)
) STRICT;
ALTER TABLE entries ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
