-- +goose Up
-- What a rule does beside the panel: what is asked of the reader, and where the images go too.
ALTER TABLE rules ADD COLUMN task TEXT NOT NULL DEFAULT '';    -- double, opinion
ALTER TABLE rules ADD COLUMN forward TEXT NOT NULL DEFAULT ''; -- facility/destination, comma between them
-- What a rule asks of the reader of an item that begins a reading; its purpose is empty then.
ALTER TABLE workitems ADD COLUMN task TEXT NOT NULL DEFAULT '';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
