-- +goose Up
-- The directory: who sends, who reads, where results go. Keys are the short
-- names an operator writes in site.yaml, so that a row and a line of the file
-- are recognisably the same thing.

CREATE TABLE facilities (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  name_en     TEXT NOT NULL DEFAULT '',
  quiet_ms    INTEGER NOT NULL DEFAULT 30000 CHECK (quiet_ms > 0),
  active      INTEGER NOT NULL DEFAULT 1,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
);

-- One calling AE title belongs to one facility: it decides whose study it is.
CREATE TABLE facility_ae_titles (
  ae_title    TEXT PRIMARY KEY,
  facility_id TEXT NOT NULL REFERENCES facilities(id) ON DELETE CASCADE,
  position    INTEGER NOT NULL
);
CREATE INDEX facility_ae_titles_facility ON facility_ae_titles(facility_id, position);

-- A destination taken out of the directory keeps its row while deliveries
-- point to it; active = 0 hides it.
CREATE TABLE destinations (
  id          TEXT PRIMARY KEY,
  facility_id TEXT NOT NULL REFERENCES facilities(id) ON DELETE CASCADE,
  name        TEXT NOT NULL,
  ae_title    TEXT NOT NULL,
  host        TEXT NOT NULL,
  port        INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  objects     TEXT NOT NULL,              -- comma separated: sr,pdf
  active      INTEGER NOT NULL DEFAULT 1,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  UNIQUE (facility_id, name)
);

CREATE TABLE panels (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  name_en     TEXT NOT NULL DEFAULT '',
  active      INTEGER NOT NULL DEFAULT 1,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
);

-- The panel nobody sits on: where a study goes when no rule file was ever
-- applied. Coordinators see it; it can be renamed but not removed.
INSERT INTO panels (id, name, name_en, created_at, updated_at)
VALUES ('unassigned', '未割当', 'Unassigned', 0, 0);

-- Rules in order. The row whose is_fallback is 1 catches what no rule matched.
CREATE TABLE rules (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  position    INTEGER NOT NULL,
  is_fallback INTEGER NOT NULL DEFAULT 0,
  condition   TEXT NOT NULL,              -- JSON, router/rule.Condition
  panel_id    TEXT NOT NULL REFERENCES panels(id),
  priority    TEXT NOT NULL CHECK (priority IN ('', 'STAT', 'URGENT', 'ROUTINE')),
  within_ms   INTEGER NOT NULL CHECK (within_ms > 0),
  updated_at  INTEGER NOT NULL
);
CREATE UNIQUE INDEX rules_one_fallback ON rules(is_fallback) WHERE is_fallback = 1;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
