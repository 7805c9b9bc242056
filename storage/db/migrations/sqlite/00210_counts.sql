-- +goose Up
-- What a reader has completed is counted and listed within an index.
CREATE INDEX workitems_done_by ON workitems (claimed_by, completed_at, id) WHERE state = 'COMPLETED';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
