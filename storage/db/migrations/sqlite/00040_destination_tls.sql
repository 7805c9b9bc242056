-- +goose Up
-- How to know a destination that is called over TLS: verify, or the SHA-256
-- fingerprint of its certificate; nothing: it is called without TLS.
ALTER TABLE destinations ADD COLUMN tls TEXT NOT NULL DEFAULT '';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
