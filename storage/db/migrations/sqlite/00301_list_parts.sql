-- +goose Up
-- The lists of a hospital, a panel or a reader are read in their order from an index
-- that leads to nobody else's items.
CREATE INDEX workitems_done_facility ON workitems (facility_id, completed_at, id) WHERE state = 'COMPLETED';
-- These say what always holds, so that no other query takes them for its own: without
-- statistics a query of what is open would walk through all that ever was.
CREATE INDEX workitems_created_facility ON workitems (facility_id, created_at, id) WHERE created_at >= 0;
CREATE INDEX workitems_created_panel ON workitems (panel_id, created_at, id) WHERE created_at >= 0;
CREATE INDEX workitems_created_by ON workitems (claimed_by, created_at, id) WHERE created_at >= 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
