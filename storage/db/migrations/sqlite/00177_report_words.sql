-- +goose Up
-- What signed reports are found by: pairs of characters of runs of kanji and kana,
-- words of other scripts, and codes ("code=24725-4", "modality=ct").
CREATE TABLE report_words (
  word      TEXT NOT NULL COLLATE BINARY,
  report_id TEXT NOT NULL REFERENCES reports (id),
  PRIMARY KEY (word, report_id)
);
CREATE INDEX report_words_report ON report_words (report_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
