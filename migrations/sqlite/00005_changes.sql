-- +goose Up
-- What was changed lately, one row for each topic of a transaction: what web
-- processes tell open pages of. Rows go after minutes.
CREATE TABLE changes (
    id        INTEGER NOT NULL, -- of the transaction, growing
    kind      TEXT NOT NULL,
    object_id INTEGER NOT NULL,
    parts     TEXT NOT NULL,
    at        DATETIME NOT NULL,
    PRIMARY KEY (id, kind, object_id)
) WITHOUT ROWID;
