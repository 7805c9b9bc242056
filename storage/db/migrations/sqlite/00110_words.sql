-- +goose Up
-- What a search for words looks up: the folded words of studies.search, of a run of
-- kanji or kana every end of it too (catalog.Where.AddText).
CREATE TABLE study_words (
  word     TEXT NOT NULL COLLATE BINARY,
  study_id TEXT NOT NULL REFERENCES studies (id),
  PRIMARY KEY (word, study_id)
);
CREATE INDEX study_words_study ON study_words (study_id, word);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
