ALTER TABLE entries ADD COLUMN next_check_in TEXT;
ALTER TABLE entries ADD COLUMN outcome TEXT;
UPDATE entries SET next_check_in = json_extract(data, '$.check_in_on');
CREATE INDEX entries_by_date ON entries (happened_on);

CREATE TABLE entry_marks (
    kind TEXT NOT NULL CHECK (kind IN ('tag', 'control')),
    mark TEXT NOT NULL,
    entry_id TEXT NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    PRIMARY KEY (kind, mark, entry_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_marks_by_entry ON entry_marks (entry_id);
INSERT OR IGNORE INTO entry_marks
    SELECT 'tag', lower(tag.value), entries.id FROM entries, json_each(entries.data, '$.tags') AS tag;
INSERT OR IGNORE INTO entry_marks
    SELECT 'control', json_extract(factor.value, '$.chosen'), entries.id FROM entries, json_each(entries.data, '$.factors') AS factor
    WHERE json_extract(factor.value, '$.chosen') IS NOT NULL;

CREATE TABLE check_ins (
    entry_id TEXT NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('kept', 'no_occasion', 'not_kept', 'dropped')),
    note TEXT NOT NULL,
    next_on TEXT,
    PRIMARY KEY (entry_id, seq)
) STRICT;

CREATE TABLE patterns (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    named_by TEXT NOT NULL CHECK (named_by IN ('person', 'coach')),
    hidden INTEGER NOT NULL
) STRICT;

CREATE TABLE placings (
    entry_id TEXT PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    pattern_id TEXT REFERENCES patterns (id) ON DELETE CASCADE,
    placed_by TEXT NOT NULL CHECK (placed_by IN ('person', 'coach'))
) STRICT;
CREATE INDEX placings_by_pattern ON placings (pattern_id);
