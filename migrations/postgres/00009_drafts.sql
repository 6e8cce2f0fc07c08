-- +goose Up
-- What somebody began to add and has not finished, as typed.
CREATE TABLE drafts (
    id         BIGINT PRIMARY KEY,
    kind       TEXT NOT NULL, -- tree, test
    owner      TEXT NOT NULL,
    typed      TEXT NOT NULL, -- JSON
    step       TEXT NOT NULL, -- that was left last
    lookup_id  BIGINT,           -- whose answer its page waits for
    version    BIGINT NOT NULL,  -- grows with every change
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX drafts_kind ON drafts (kind, updated_at);
CREATE INDEX drafts_lookup ON drafts (lookup_id);

-- Facts from outside that a page needs: asked for by it, answered by a job.
CREATE TABLE lookups (
    id          BIGINT PRIMARY KEY,
    kind        TEXT NOT NULL, -- git.refs, git.files
    key         TEXT NOT NULL, -- what it is about
    asked_at    TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ,
    answer      TEXT NOT NULL, -- JSON
    error       TEXT NOT NULL,
    error_class TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX lookups_asked ON lookups (asked_at);

-- Who acts on a new failure of a live tree within a day.
ALTER TABLE trees ADD COLUMN responder TEXT NOT NULL DEFAULT '';
