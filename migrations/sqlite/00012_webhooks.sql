-- +goose Up
-- Addresses outside that are told what happens: one at a time, in order, each
-- event at least once. The secrets that sign what is sent are sealed; the former
-- one signs beside the new one until former_until.
CREATE TABLE webhooks (
    id            INTEGER PRIMARY KEY,
    tree_id       INTEGER NOT NULL, -- 0 for everything
    url           TEXT NOT NULL,
    kinds         TEXT NOT NULL,   -- of events, one a line; '' for all
    secret        TEXT NOT NULL,
    former_secret TEXT NOT NULL,
    former_until  DATETIME,
    sent_to       INTEGER NOT NULL, -- the newest event that it is done with
    state         TEXT NOT NULL,   -- on, paused, off
    note          TEXT NOT NULL,   -- why it is off, or what was lost
    failures      INTEGER NOT NULL, -- in a row
    failing_since DATETIME,
    next_at       DATETIME,     -- not before this after a failure
    stopped_at    DATETIME,     -- since when it is not on
    ping_at       DATETIME,     -- since when somebody waits for a test
    last_at       DATETIME,
    last_status   INTEGER NOT NULL, -- of the last answer; 0 without one
    last_error    TEXT NOT NULL,
    made_by       TEXT NOT NULL,
    created_at    DATETIME NOT NULL,
    version       INTEGER NOT NULL
);
CREATE INDEX webhooks_tree ON webhooks (tree_id, id);

CREATE TABLE webhook_deliveries (
    id         INTEGER PRIMARY KEY,
    webhook_id INTEGER NOT NULL,
    event_id   INTEGER NOT NULL, -- 0 for a ping
    kind       TEXT NOT NULL,
    status     INTEGER NOT NULL, -- of the answer; 0 without one
    error      TEXT NOT NULL,   -- '' if it was taken
    answer     TEXT NOT NULL,   -- the beginning of it
    took_ms    INTEGER NOT NULL,
    at         DATETIME NOT NULL
);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_at ON webhook_deliveries (at, id);
