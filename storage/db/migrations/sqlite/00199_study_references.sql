-- +goose Up
-- What refers to a study is found by an index, or deleting one would read all.
CREATE INDEX looks_study ON looks (study_id);
CREATE INDEX peer_reviews_study ON peer_reviews (study_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
