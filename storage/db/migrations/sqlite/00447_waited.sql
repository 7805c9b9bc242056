-- +goose Up
-- How long a study has been waited for in the trash, in microseconds that a service ran:
-- a clock that is set forward does not end the grace time. What is in the trash already
-- begins anew.
ALTER TABLE deletions ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
