-- +goose Up
-- Certificates of a hospital, by SHA-256 fingerprint. One that has any is let
-- in with one of them only. Two hospitals may share a gateway, and so a
-- certificate.
CREATE TABLE facility_certificates (
  facility_id TEXT NOT NULL REFERENCES facilities(id) ON DELETE CASCADE,
  fingerprint TEXT NOT NULL,              -- 64 lower-case hexadecimal digits
  position    INTEGER NOT NULL,
  PRIMARY KEY (facility_id, fingerprint)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
