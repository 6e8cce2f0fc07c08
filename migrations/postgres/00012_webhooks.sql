-- +goose Up
-- Addresses outside that are told what happens: one at a time, in order, each
-- event at least once. The secrets that sign what is sent are sealed; the former
-- one signs beside the new one until former_until.
CREATE TABLE webhooks (
    id            BIGINT PRIMARY KEY,
    tree_id       BIGINT NOT NULL, -- 0 for everything
    url           TEXT NOT NULL,
    kinds         TEXT NOT NULL,   -- of events, one a line; '' for all
    secret        TEXT NOT NULL,
    former_secret TEXT NOT NULL,
    former_until  TIMESTAMPTZ,
    sent_to       BIGINT NOT NULL, -- the newest event that it is done with
    state         TEXT NOT NULL,   -- on, paused, off
    note          TEXT NOT NULL,   -- why it is off, or what was lost
    failures      BIGINT NOT NULL, -- in a row
    failing_since TIMESTAMPTZ,
    next_at       TIMESTAMPTZ,     -- not before this after a failure
    stopped_at    TIMESTAMPTZ,     -- since when it is not on
    ping_at       TIMESTAMPTZ,     -- since when somebody waits for a test
    last_at       TIMESTAMPTZ,
    last_status   BIGINT NOT NULL, -- of the last answer; 0 without one
    last_error    TEXT NOT NULL,
    made_by       TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT NOT NULL
);
CREATE INDEX webhooks_tree ON webhooks (tree_id, id);

CREATE TABLE webhook_deliveries (
    id         BIGINT PRIMARY KEY,
    webhook_id BIGINT NOT NULL,
    event_id   BIGINT NOT NULL, -- 0 for a ping
    kind       TEXT NOT NULL,
    status     BIGINT NOT NULL, -- of the answer; 0 without one
    error      TEXT NOT NULL,   -- '' if it was taken
    answer     TEXT NOT NULL,   -- the beginning of it
    took_ms    BIGINT NOT NULL,
    at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_at ON webhook_deliveries (at, id);
