-- +goose Up
-- When a file was removed to make room; NULL where it is kept, or never was.
ALTER TABLE files ADD COLUMN trimmed_at DATETIME;
CREATE INDEX files_blob ON files (blob);
CREATE INDEX files_kept ON files (owner_kind, id) WHERE trimmed_at IS NULL AND name <> 'config';
CREATE INDEX files_trimmed ON files (id) WHERE trimmed_at IS NOT NULL AND blob <> '';
CREATE INDEX events_body ON events (received_at) WHERE body <> '';
CREATE INDEX step_tries_finished ON step_tries (finished_at);

-- What the search looks names up in.
CREATE INDEX checkouts_describe ON checkouts (describe);
CREATE INDEX checkouts_event ON checkouts (event_id);
CREATE INDEX untested_commits_sha ON untested_commits (sha);
CREATE INDEX mails_message ON mails (message_id);

-- The grid of a tree is read from this index alone.
DROP INDEX results_checkout;
CREATE INDEX results_checkout ON results (checkout_id, test_id, final, status, shown, build_id);
