-- +goose Up
-- Reading workstations: a calling AE title that means a reader, and the
-- certificates it must hold when there are any.
CREATE TABLE reader_ae_titles (
  ae_title TEXT PRIMARY KEY,
  user_id  TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  position INTEGER NOT NULL
);
CREATE TABLE reader_certificates (
  user_id     TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  fingerprint TEXT NOT NULL,              -- SHA-256, 64 lower-case hexadecimal digits
  position    INTEGER NOT NULL,
  PRIMARY KEY (user_id, fingerprint)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
