CREATE TABLE period_reviews (
    id TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (id, saved_at)
) STRICT;
