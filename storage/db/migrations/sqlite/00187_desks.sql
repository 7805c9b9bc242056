-- +goose Up
-- What a reader has taken up within the hour and completed, counted for every study
-- that looks for a reader: within the index, without the table.
CREATE INDEX workitems_taken ON workitems (claimed_by, claimed_at, completed_at) WHERE state = 'COMPLETED';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
