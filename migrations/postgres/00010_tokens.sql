-- +goose Up
-- What programs of people sign in with. Only the hash of a token is kept.
CREATE TABLE api_tokens (
    id         BIGINT PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    scopes     TEXT NOT NULL, -- one a line
    created_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ,      -- to ten minutes
    expires_at TIMESTAMPTZ NOT NULL,
    UNIQUE (user_id, name)
);
CREATE INDEX api_tokens_expires ON api_tokens (expires_at);
