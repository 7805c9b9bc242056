-- +goose Up
-- What ordering doctors have written with a step, for who signed.
CREATE INDEX loop_answers ON loop_receipts (at) WHERE note <> '';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
