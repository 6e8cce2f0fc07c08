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
