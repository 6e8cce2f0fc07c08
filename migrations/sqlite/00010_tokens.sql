-- +goose Up
-- What programs of people sign in with. Only the hash of a token is kept.
CREATE TABLE api_tokens (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    scopes     TEXT NOT NULL, -- one a line
    created_at DATETIME NOT NULL,
    used_at    DATETIME,      -- to ten minutes
    expires_at DATETIME NOT NULL,
    UNIQUE (user_id, name)
);
CREATE INDEX api_tokens_expires ON api_tokens (expires_at);
