CREATE INDEX dismissals ON events (review_id, seq) WHERE type IN ('dismissed', 'restored');
