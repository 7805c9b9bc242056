-- +goose Up
-- What a subscription to all steps is narrowed to (PS3.4 CC.2.3, filtered global
-- subscription): a data set of matching keys, kept as attributes of steps are; empty: to
-- nothing.
ALTER TABLE step_subscriptions ADD COLUMN filter TEXT NOT NULL DEFAULT '';

-- That a reading under way should be canceled: the last wish for each item, told to who
-- has subscribed to it (PS3.4 CC.2.4, UPS Cancel Requested).
CREATE TABLE step_cancel_requests (
  workitem_id  TEXT PRIMARY KEY REFERENCES workitems(id) ON DELETE CASCADE,
  requested_by TEXT NOT NULL,             -- AE title, empty when it was asked for by HTTP
  reason       TEXT NOT NULL,
  requested_at INTEGER NOT NULL
);

-- Subscriptions of accounts by HTTP (PS3.18 11.10), told on a WebSocket while one is
-- open.
CREATE TABLE step_listeners (
  user_id  TEXT NOT NULL,
  ae_title TEXT NOT NULL,
  step_uid TEXT NOT NULL,                 -- empty: every step the account may see
  filter   TEXT NOT NULL,                 -- as in step_subscriptions
  PRIMARY KEY (user_id, ae_title, step_uid)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
