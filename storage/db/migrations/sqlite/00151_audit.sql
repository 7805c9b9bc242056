-- +goose Up
-- Heads of the trail, signed with a key that is not in the database.
CREATE TABLE audit_checkpoints (
  seq  INTEGER PRIMARY KEY,
  note TEXT NOT NULL                      -- a signed note
);

-- Where the trail begins: what came before was kept for its time and lies in an
-- archive. One row.
CREATE TABLE audit_base (
  id   INTEGER PRIMARY KEY,               -- 1
  seq  INTEGER NOT NULL,                  -- of the last record that is gone; 0: none is
  hash TEXT NOT NULL
);
INSERT INTO audit_base (id, seq, hash) VALUES (1, 0, '');

-- How far a syslog server has been told.
CREATE TABLE audit_exports (
  target TEXT PRIMARY KEY,
  seq    INTEGER NOT NULL
);

DROP TRIGGER audit_no_delete /* ON audit */;
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW
WHEN OLD.seq > (SELECT seq FROM audit_base WHERE id = 1)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
-- +goose StatementEnd

-- +goose Down
-- The schema only goes forward.
SELECT 1;
