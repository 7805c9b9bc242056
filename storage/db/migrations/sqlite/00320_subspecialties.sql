-- +goose Up
-- What a reader must know to read what a rule sends on: subspecialties, comma between
-- them, all of which are asked for. The item keeps what its rule has asked.
ALTER TABLE rules ADD COLUMN requires TEXT NOT NULL DEFAULT '';
ALTER TABLE workitems ADD COLUMN requires TEXT NOT NULL DEFAULT '';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
