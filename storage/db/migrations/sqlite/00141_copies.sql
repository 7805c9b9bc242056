-- +goose Up
-- The newest copy of everything, of each kind.
CREATE TABLE copies (
  kind    TEXT PRIMARY KEY CHECK (kind IN ('backup', 'mirror')),
  at      INTEGER NOT NULL,
  took_ms INTEGER NOT NULL,
  images  INTEGER NOT NULL,
  copied  INTEGER NOT NULL,
  damaged INTEGER NOT NULL,
  failed  INTEGER NOT NULL,               -- 1: it broke off
  whole   INTEGER NOT NULL                -- when the newest one that did not began; 0: none yet
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
