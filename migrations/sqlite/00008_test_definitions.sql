-- +goose Up
-- What chooses a test, and what it needs. Conditions are YAML as rules/targeting reads it; '' chooses always.
ALTER TABLE tests ADD COLUMN maintainers TEXT NOT NULL DEFAULT ''; -- beside its owner, one a line
ALTER TABLE tests ADD COLUMN conditions TEXT NOT NULL DEFAULT '';
ALTER TABLE tests ADD COLUMN cost TEXT NOT NULL DEFAULT '';
ALTER TABLE tests ADD COLUMN host_type TEXT NOT NULL DEFAULT '';
ALTER TABLE tests ADD COLUMN host_needs TEXT NOT NULL DEFAULT '';
ALTER TABLE tests ADD COLUMN state_since DATETIME;
ALTER TABLE tests ADD COLUMN quarantine_issue TEXT NOT NULL DEFAULT '';
ALTER TABLE tests ADD COLUMN quarantine_until DATETIME;
ALTER TABLE tests ADD COLUMN edition INTEGER NOT NULL DEFAULT 0; -- number of the newest of its test_versions

-- Every edition of a test's definition, as YAML, with who wrote it.
CREATE TABLE test_versions (
    test_id    INTEGER NOT NULL REFERENCES tests (id),
    number     INTEGER NOT NULL,
    at         DATETIME NOT NULL,
    who        TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (test_id, number)
);

CREATE TABLE test_sets (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    includes    TEXT NOT NULL, -- names of other sets, one a line
    version     INTEGER NOT NULL,
    created_at  DATETIME NOT NULL,
    updated_at  DATETIME NOT NULL
);

CREATE TABLE test_set_members (
    set_id  INTEGER NOT NULL REFERENCES test_sets (id),
    test_id INTEGER NOT NULL REFERENCES tests (id),
    PRIMARY KEY (set_id, test_id)
);
CREATE INDEX test_set_members_test ON test_set_members (test_id);

-- What a tree runs when no file of a change chooses a test: 'none' besides tests without conditions on paths, 'sets' (those
-- named too), 'all'; '' is 'none'. Always: every test on every checkout.
ALTER TABLE trees ADD COLUMN unmatched TEXT NOT NULL DEFAULT '';
ALTER TABLE trees ADD COLUMN unmatched_sets TEXT NOT NULL DEFAULT '';
ALTER TABLE trees ADD COLUMN always BOOLEAN NOT NULL DEFAULT FALSE;

-- How many tests cover a changed file, and the first few of them; NULL where nobody looked.
ALTER TABLE checkout_files ADD COLUMN covering INTEGER;
ALTER TABLE checkout_files ADD COLUMN covered_by TEXT NOT NULL DEFAULT '';
-- The path before a rename.
ALTER TABLE checkout_files ADD COLUMN old_path TEXT NOT NULL DEFAULT '';

-- The arches on which a chosen test runs, one a line; '' is all that are built.
ALTER TABLE plan_items ADD COLUMN arches TEXT NOT NULL DEFAULT '';
-- How the tests of a checkout were chosen, in a sentence.
ALTER TABLE checkouts ADD COLUMN selection TEXT NOT NULL DEFAULT '';
