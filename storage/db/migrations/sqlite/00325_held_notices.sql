-- +goose Up
-- A word to a reader waits for the end of their quiet hours. When that comes it goes
-- out only if it still concerns them; otherwise it is stopped.
ALTER TABLE notices ADD COLUMN reader_id TEXT NOT NULL DEFAULT ''; -- user; empty: a coordinator, a webhook
ALTER TABLE notices ADD COLUMN stopped_at INTEGER NOT NULL DEFAULT 0;
DROP INDEX notices_next;
CREATE INDEX notices_next ON notices (next_at) WHERE sent_at = 0 AND stopped_at = 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
