-- +goose Up
-- Who was offered an item and has said no. It is theirs no more, nor is what replaces
-- it, unless a coordinator gives it to them by hand: then the row goes.
CREATE TABLE declines (
  workitem_id TEXT    NOT NULL REFERENCES workitems (id),
  reader_id   TEXT    NOT NULL REFERENCES users (id),
  reason      TEXT    NOT NULL,
  declined_at INTEGER NOT NULL,
  PRIMARY KEY (workitem_id, reader_id)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
