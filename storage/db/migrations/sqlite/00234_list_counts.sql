-- +goose Up
-- The sizes of the lists are asked with every list, however much is open: what is rare
-- among it is found without a walk through all of it.
CREATE INDEX workitems_open_purpose ON workitems (purpose, panel_id) WHERE state IN ('SCHEDULED', 'IN PROGRESS');
CREATE INDEX workitems_escalated_panel ON workitems (panel_id, escalated) WHERE escalated > 0 AND state IN ('SCHEDULED', 'IN PROGRESS');
CREATE INDEX workitems_open_facility ON workitems (facility_id, priority_rank, deadline, id) WHERE state IN ('SCHEDULED', 'IN PROGRESS');

-- +goose Down
-- The schema only goes forward.
SELECT 1;
