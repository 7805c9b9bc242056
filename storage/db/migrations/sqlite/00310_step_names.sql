-- +goose Up
-- The UID a hospital has made a step under, where the step of another hospital has that
-- already: it goes on knowing its step by it, everybody else by sop_instance_uid.
ALTER TABLE step_requests ADD COLUMN asked_as TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX step_requests_asked_as ON step_requests(facility_id, asked_as) WHERE asked_as <> '';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
