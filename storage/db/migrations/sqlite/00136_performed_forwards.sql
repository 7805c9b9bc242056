-- +goose Up
-- Who is told what modalities say of their work (Modality Performed Procedure Step
-- as SCU), until told what the step says now.
ALTER TABLE destinations ADD COLUMN performed INTEGER NOT NULL DEFAULT 0;
CREATE TABLE performed_forwards (
  id             TEXT PRIMARY KEY,
  destination_id TEXT NOT NULL REFERENCES destinations(id),
  step_id        TEXT NOT NULL REFERENCES performed_steps(id),
  state          TEXT NOT NULL CHECK (state IN ('pending', 'told', 'expired')),
  created        INTEGER NOT NULL DEFAULT 0, -- 1: the receiver has the step, changes are set
  version        INTEGER NOT NULL DEFAULT 1, -- of what is to be told
  attempts       INTEGER NOT NULL DEFAULT 0,
  next_at        INTEGER NOT NULL,
  last_error     TEXT NOT NULL DEFAULT '',
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  UNIQUE (destination_id, step_id)
);
CREATE INDEX performed_forwards_pending ON performed_forwards(destination_id, next_at) WHERE state = 'pending';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
