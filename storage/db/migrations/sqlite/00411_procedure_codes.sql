-- +goose Up
-- What the parts of JJ1017 codes are called: a house brings its own tables, for they are
-- the guideline's and in part each hospital's (worklist/order).
CREATE TABLE procedure_codes (
  part    TEXT NOT NULL CHECK (part IN ('modality', 'technique', 'detail', 'site', 'side', 'posture', 'direction')),
  code    TEXT NOT NULL,
  name    TEXT NOT NULL,
  name_en TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (part, code)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
