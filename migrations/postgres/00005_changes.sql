-- +goose Up
-- What was changed lately, one row for each topic of a transaction: what web
-- processes tell open pages of. Rows go after minutes. The id is that of the
-- transaction itself: it needs no lock, and what is below the oldest
-- transaction that still runs is complete.
CREATE TABLE changes (
    id        BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    object_id BIGINT NOT NULL,
    parts     TEXT NOT NULL,
    at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id, kind, object_id)
);
