-- +goose Up
-- What an item is put in order by when a list is sorted by patient: the folded name, as
-- it stands in study_names, where an index of the list can follow it.
ALTER TABLE workitems ADD COLUMN patient_key TEXT NOT NULL DEFAULT '' COLLATE BINARY;
UPDATE workitems SET patient_key = COALESCE(
  (SELECT folded FROM study_names n WHERE n.study_id = workitems.study_id AND n.attribute = 'patient' ORDER BY component LIMIT 1), '');
CREATE INDEX workitems_open_patient ON workitems (patient_key, id) WHERE state IN ('SCHEDULED', 'IN PROGRESS');
CREATE INDEX workitems_open_panel_patient ON workitems (panel_id, patient_key, id) WHERE state IN ('SCHEDULED', 'IN PROGRESS');
CREATE INDEX workitems_done_patient ON workitems (patient_key, id) WHERE state = 'COMPLETED';
CREATE INDEX workitems_done_panel_patient ON workitems (panel_id, patient_key, id) WHERE state = 'COMPLETED';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
