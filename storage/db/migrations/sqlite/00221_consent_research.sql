-- +goose Up
-- 1: what the patient has said covers reports given out for research, without names.
ALTER TABLE consents ADD COLUMN research INTEGER NOT NULL DEFAULT 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
