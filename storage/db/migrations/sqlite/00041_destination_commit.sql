-- +goose Up
-- 1: what a destination has accepted counts as delivered when it has also
-- committed it to storage (PS3.4 Annex J).
ALTER TABLE destinations ADD COLUMN ask_commitment INTEGER NOT NULL DEFAULT 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
