-- +goose Up
-- A study that is still arriving is looked at for being a STAT: at its first image, at
-- each new series, and from time to time, for its order may come after its images.
ALTER TABLE studies ADD COLUMN early_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE studies ADD COLUMN early_series INTEGER NOT NULL DEFAULT 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
