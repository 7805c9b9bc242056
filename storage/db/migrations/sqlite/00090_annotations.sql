-- +goose Up
-- What a reader has put on the images of a workitem: marks and key images, as
-- JSON (reports.Annotations). revision is compared and raised by every save.
-- report_id is the version they were signed with; empty while it is a draft.
CREATE TABLE annotations (
  workitem_id TEXT PRIMARY KEY REFERENCES workitems (id),
  study_id    TEXT NOT NULL REFERENCES studies (id),
  revision    INTEGER NOT NULL CHECK (revision > 0),
  body        TEXT NOT NULL,
  report_id   TEXT NOT NULL DEFAULT '',
  saved_at    INTEGER NOT NULL
);
CREATE INDEX annotations_study ON annotations (study_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
