-- +goose Up
-- What an order says beside its question: the history of the patient, and ordering
-- doctors after the first. What a study's order was before it was replaced or canceled
-- is asked about, so a question may be opened again.
ALTER TABLE orders ADD COLUMN history TEXT NOT NULL DEFAULT '';          -- (0010,21B0)
ALTER TABLE orders ADD COLUMN other_physicians TEXT NOT NULL DEFAULT ''; -- names, a line each

-- +goose Down
-- The schema only goes forward.
SELECT 1;
