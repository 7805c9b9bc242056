-- +goose Up
-- Until when an offer to a reader, and to a deputy, is theirs alone, in microseconds;
-- then the panel may take it too. 0: the panel may from the first. Offers under way keep
-- the moment their timer has.
ALTER TABLE workitems ADD COLUMN alone_until INTEGER NOT NULL DEFAULT 0;
UPDATE workitems SET alone_until = COALESCE(
  (SELECT due_at FROM timers WHERE timers.workitem_id = workitems.id AND timers.kind = 'offer.panel'), created_at)
 WHERE state = 'SCHEDULED' AND main_reader <> '';

-- How long that is by a rule, in milliseconds. 0: as its way of assigning has it.
ALTER TABLE rules ADD COLUMN alone_ms INTEGER NOT NULL DEFAULT 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
