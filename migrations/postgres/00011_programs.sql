-- +goose Up
-- Requests that were sent under a key of their sender, with what was answered,
-- so that the same one again gives the same answer and does nothing. acted_at is
-- set in the transaction that does what was asked for.
CREATE TABLE keyed_requests (
    owner         TEXT NOT NULL,
    name          TEXT NOT NULL,
    digest        TEXT NOT NULL, -- of method, address and body
    claim         TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    acted_at      TIMESTAMPTZ,
    answered_at   TIMESTAMPTZ,
    status        BIGINT NOT NULL,
    kind          TEXT NOT NULL, -- media type of the answer
    location      TEXT NOT NULL,
    body          BYTEA,
    PRIMARY KEY (owner, name)
);
CREATE INDEX keyed_requests_created ON keyed_requests (created_at);

-- What happened, for programs that follow it. feed_head has one row: who numbers
-- events holds it until its transaction ends, so that ids are in the order of
-- commits and a reader passes none. trimmed is the newest event that was forgotten.
CREATE TABLE feed_head (
    one     BIGINT PRIMARY KEY CHECK (one = 1),
    newest  BIGINT NOT NULL,
    trimmed BIGINT NOT NULL
);
INSERT INTO feed_head (one, newest, trimmed) VALUES (1, 0, 0);

CREATE TABLE feed_events (
    id          BIGINT PRIMARY KEY,
    kind        TEXT NOT NULL,
    object_id   BIGINT NOT NULL,
    tree_id     BIGINT NOT NULL, -- 0 where another column leads to the tree, or none does
    checkout_id BIGINT NOT NULL, -- 0 without
    test_id     BIGINT NOT NULL, -- 0 without
    detail      TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
