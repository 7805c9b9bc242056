-- +goose Up
-- Networks the callers of a hospital come from. One that has any is let in from
-- there only.
CREATE TABLE facility_addresses (
  facility_id TEXT NOT NULL REFERENCES facilities(id) ON DELETE CASCADE,
  network     TEXT NOT NULL,              -- CIDR, RFC 4632, without host bits
  position    INTEGER NOT NULL,
  PRIMARY KEY (facility_id, network)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
