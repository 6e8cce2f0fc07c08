-- +goose Up
-- People, as an identity provider names them: by issuer and subject, never by
-- their mail address.
CREATE TABLE users (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    email       TEXT NOT NULL,
    member_of   TEXT NOT NULL,
    created_at  DATETIME NOT NULL,
    seen_at     DATETIME NOT NULL,
    blocked_at  DATETIME
);

CREATE TABLE identities (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    created_at DATETIME NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

-- The cookie of a browser is the token; only its hash is kept. user_id is 0
-- while somebody is on the way to their identity provider.
CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY,
    token      TEXT NOT NULL UNIQUE,
    user_id    INTEGER NOT NULL,
    data       BLOB NOT NULL,
    browser    TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    seen_at    DATETIME NOT NULL,
    expires_at DATETIME NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Who has which role: on a tree, a test, or everything (object_kind '').
CREATE TABLE grants (
    id          INTEGER PRIMARY KEY,
    user_id     INTEGER NOT NULL REFERENCES users (id),
    role        TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id   INTEGER NOT NULL,
    given_by    TEXT NOT NULL,
    created_at  DATETIME NOT NULL,
    UNIQUE (user_id, role, object_kind, object_id)
);
CREATE INDEX grants_object ON grants (object_kind, object_id);

-- What is set in the site itself, such as the banner.
CREATE TABLE site_settings (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    version    INTEGER NOT NULL,
    updated_at DATETIME NOT NULL
);

-- The group that alone may read a tree; '' for everybody.
ALTER TABLE trees ADD COLUMN readers TEXT NOT NULL DEFAULT '';
-- Grows with each change of what forms show of a tree.
ALTER TABLE trees ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX trees_readers ON trees (id) WHERE readers <> '';

ALTER TABLE audit ADD COLUMN user_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX audit_user ON audit (user_id, id);
