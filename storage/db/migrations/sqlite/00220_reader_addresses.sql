-- +goose Up
-- Where a reader's workstation takes images that it asks to be moved to it (PS3.4
-- C.4.2): host:port, '' for one that only calls.
ALTER TABLE reader_ae_titles ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
