-- +goose Up
-- Orders that come as messages: what they say beyond the worklist, the messages
-- themselves by their control ID, and which study an order became.
ALTER TABLE orders ADD COLUMN placer TEXT NOT NULL DEFAULT '';          -- ORC-2, or the identifier of a ServiceRequest
ALTER TABLE orders ADD COLUMN procedure_code TEXT NOT NULL DEFAULT '';  -- JJ1017
ALTER TABLE orders ADD COLUMN allergies TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN alerts TEXT NOT NULL DEFAULT '';          -- infection and other danger
ALTER TABLE orders ADD COLUMN contrast TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN onset INTEGER NOT NULL DEFAULT 0;         -- of a stroke, or last known well; 0: not told
ALTER TABLE orders ADD COLUMN canceled_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN source TEXT NOT NULL DEFAULT 'api';       -- api, hl7, fhir
CREATE INDEX orders_placer ON orders (facility_id, placer) WHERE placer <> '';
CREATE INDEX orders_patient ON orders (facility_id, patient_id, start_date);
CREATE INDEX orders_study ON orders (facility_id, study_instance_uid);

-- Messages by their control ID: one that comes twice has its effect once.
CREATE TABLE order_messages (
  facility_id TEXT NOT NULL REFERENCES facilities (id),
  sender      TEXT NOT NULL,               -- MSH-3 and MSH-4
  control_id  TEXT NOT NULL,
  digest      TEXT NOT NULL,               -- SHA-256 of the message
  at          INTEGER NOT NULL,
  code        TEXT NOT NULL,               -- of the acknowledgement
  reason      TEXT NOT NULL,
  PRIMARY KEY (facility_id, sender, control_id)
);

-- Which study an order became, and how that is known.
CREATE TABLE order_studies (
  study_id TEXT PRIMARY KEY REFERENCES studies (id),
  order_id TEXT NOT NULL REFERENCES orders (id),
  how      TEXT NOT NULL,                  -- uid, accession, patient, hand
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL
);
CREATE INDEX order_studies_order ON order_studies (order_id);

-- A study and an order that may belong together and do not agree: somebody decides.
CREATE TABLE reconciliations (
  id          TEXT PRIMARY KEY,
  facility_id TEXT NOT NULL REFERENCES facilities (id),
  study_id    TEXT NOT NULL REFERENCES studies (id),
  order_id    TEXT NOT NULL REFERENCES orders (id),
  reason      TEXT NOT NULL,               -- what differs: patient, several
  created_at  INTEGER NOT NULL,
  resolved_at INTEGER NOT NULL DEFAULT 0,
  resolution  TEXT NOT NULL DEFAULT '',    -- joined, apart
  actor       TEXT NOT NULL DEFAULT '',
  UNIQUE (study_id, order_id)
);
CREATE INDEX reconciliations_open ON reconciliations (facility_id, created_at) WHERE resolved_at = 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
