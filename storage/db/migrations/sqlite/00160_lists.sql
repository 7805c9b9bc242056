-- +goose Up
-- Lists with a name that are shared: a filter and an order of the worklist, as
-- viewer/api reads them. Lists of one's own are among the preferences.
CREATE TABLE shared_lists (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  panel_id   TEXT NOT NULL,               -- whose readers see it; empty: everybody
  owner      TEXT NOT NULL REFERENCES users (id),
  filter     TEXT NOT NULL,               -- JSON
  created_at INTEGER NOT NULL
);
CREATE INDEX shared_lists_panel ON shared_lists (panel_id, name);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
