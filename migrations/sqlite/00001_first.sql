-- +goose Up
CREATE TABLE id_blocks (name TEXT PRIMARY KEY, next INTEGER NOT NULL);

CREATE TABLE remotes (
    id            INTEGER PRIMARY KEY,
    url           TEXT NOT NULL UNIQUE,
    mirror        TEXT NOT NULL UNIQUE,
    head          TEXT NOT NULL,
    empty         BOOLEAN NOT NULL,
    polled_at     DATETIME,
    failing_since DATETIME,
    failures      INTEGER NOT NULL,
    error         TEXT NOT NULL,
    error_class   TEXT NOT NULL,
    created_at    DATETIME NOT NULL
);

CREATE TABLE refs (
    remote_id INTEGER NOT NULL REFERENCES remotes (id),
    name      TEXT NOT NULL,
    oid       TEXT NOT NULL,
    seen_at   DATETIME NOT NULL,
    gone_at   DATETIME,
    PRIMARY KEY (remote_id, name)
);

CREATE TABLE trees (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    state         TEXT NOT NULL,
    policy        TEXT NOT NULL,
    daily_budget  INTEGER NOT NULL,
    unclear_share REAL NOT NULL,
    deadline_s    INTEGER NOT NULL,
    trusted       BOOLEAN NOT NULL,
    mail_to       TEXT NOT NULL,
    mail_pass     BOOLEAN NOT NULL,
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL
);

CREATE TABLE tree_sources (
    id         INTEGER PRIMARY KEY,
    tree_id    INTEGER NOT NULL REFERENCES trees (id),
    kind       TEXT NOT NULL,
    remote_id  INTEGER NOT NULL REFERENCES remotes (id),
    branches   TEXT NOT NULL,
    note       TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    UNIQUE (tree_id, remote_id)
);
CREATE INDEX tree_sources_remote ON tree_sources (remote_id);

CREATE TABLE tree_builds (
    id       INTEGER PRIMARY KEY,
    tree_id  INTEGER NOT NULL REFERENCES trees (id),
    position INTEGER NOT NULL,
    arch     TEXT NOT NULL,
    config   TEXT NOT NULL,
    compiler TEXT NOT NULL,
    recipe   TEXT NOT NULL,
    settings TEXT NOT NULL,
    UNIQUE (tree_id, arch, config, compiler)
);

CREATE TABLE events (
    id          INTEGER PRIMARY KEY,
    source      TEXT NOT NULL,
    dedup       TEXT NOT NULL UNIQUE,
    tree_id     INTEGER NOT NULL REFERENCES trees (id),
    body        TEXT NOT NULL,
    received_at DATETIME NOT NULL,
    decided_at  DATETIME,
    decision    TEXT NOT NULL,
    reason      TEXT NOT NULL
);
CREATE INDEX events_tree ON events (tree_id, id);

CREATE TABLE commits (
    id           INTEGER PRIMARY KEY,
    sha          TEXT NOT NULL UNIQUE,
    author       TEXT NOT NULL,
    email        TEXT NOT NULL,
    subject      TEXT NOT NULL,
    committed_at DATETIME,
    generation   INTEGER NOT NULL
);

CREATE TABLE commit_parents (
    commit_id INTEGER NOT NULL REFERENCES commits (id),
    position  INTEGER NOT NULL,
    parent_id INTEGER NOT NULL REFERENCES commits (id),
    PRIMARY KEY (commit_id, position)
);
CREATE INDEX commit_parents_parent ON commit_parents (parent_id);

CREATE TABLE checkouts (
    id           INTEGER PRIMARY KEY,
    tree_id      INTEGER NOT NULL REFERENCES trees (id),
    branch       TEXT NOT NULL,
    commit_id    INTEGER NOT NULL REFERENCES commits (id),
    sha          TEXT NOT NULL,
    patchset     TEXT NOT NULL,
    lane         TEXT NOT NULL,
    request      TEXT NOT NULL,
    source       TEXT NOT NULL,
    event_id     INTEGER NOT NULL REFERENCES events (id),
    previous_id  INTEGER,
    describe     TEXT NOT NULL,
    subject      TEXT NOT NULL,
    author       TEXT NOT NULL,
    email        TEXT NOT NULL,
    state        TEXT NOT NULL,
    plan_note    TEXT NOT NULL,
    verdict      TEXT NOT NULL,
    verdict_text TEXT NOT NULL,
    version      INTEGER NOT NULL,
    news         BOOLEAN NOT NULL,
    counts       TEXT NOT NULL,
    reasons      TEXT NOT NULL,
    compared_id  INTEGER,
    compared_back INTEGER NOT NULL,
    not_ancestor BOOLEAN NOT NULL,
    pushed_at    DATETIME NOT NULL,
    planned_at   DATETIME,
    started_at   DATETIME,
    finished_at  DATETIME,
    judged_at    DATETIME,
    UNIQUE (tree_id, branch, sha, patchset, lane, request)
);
CREATE INDEX checkouts_tree ON checkouts (tree_id, branch, id);
CREATE INDEX checkouts_commit ON checkouts (commit_id, tree_id);
CREATE INDEX checkouts_sha ON checkouts (sha);
CREATE INDEX checkouts_state ON checkouts (state, id);

CREATE TABLE checkout_files (
    checkout_id INTEGER NOT NULL REFERENCES checkouts (id),
    path        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    PRIMARY KEY (checkout_id, path)
);

CREATE TABLE untested_commits (
    tree_id   INTEGER NOT NULL REFERENCES trees (id),
    branch    TEXT NOT NULL,
    sha       TEXT NOT NULL,
    subject   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    event_id  INTEGER NOT NULL REFERENCES events (id),
    noted_at  DATETIME NOT NULL,
    PRIMARY KEY (tree_id, branch, sha)
);

CREATE TABLE tests (
    id          INTEGER PRIMARY KEY,
    path        TEXT NOT NULL UNIQUE,
    parent_id   INTEGER,
    description TEXT NOT NULL,
    owner       TEXT NOT NULL,
    command     TEXT NOT NULL,
    recipe      TEXT NOT NULL,
    format      TEXT NOT NULL,
    each_case   BOOLEAN NOT NULL,
    timeout_s   INTEGER NOT NULL,
    state       TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created_at  DATETIME NOT NULL,
    updated_at  DATETIME NOT NULL
);
CREATE INDEX tests_parent ON tests (parent_id);

CREATE TABLE tree_tests (
    tree_id INTEGER NOT NULL REFERENCES trees (id),
    test_id INTEGER NOT NULL REFERENCES tests (id),
    PRIMARY KEY (tree_id, test_id)
);

CREATE TABLE plan_items (
    id          INTEGER PRIMARY KEY,
    checkout_id INTEGER NOT NULL REFERENCES checkouts (id),
    test_id     INTEGER NOT NULL REFERENCES tests (id),
    chosen      BOOLEAN NOT NULL,
    rule        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    file        TEXT NOT NULL,
    UNIQUE (checkout_id, test_id)
);

CREATE TABLE builds (
    id               INTEGER PRIMARY KEY,
    checkout_id      INTEGER NOT NULL REFERENCES checkouts (id),
    tree_build_id    INTEGER NOT NULL,
    arch             TEXT NOT NULL,
    config           TEXT NOT NULL,
    compiler         TEXT NOT NULL,
    compiler_version TEXT NOT NULL,
    recipe           TEXT NOT NULL,
    settings         TEXT NOT NULL,
    scenario         INTEGER NOT NULL,
    status           TEXT NOT NULL,
    shown            TEXT NOT NULL,
    attempt          INTEGER NOT NULL,
    reason           TEXT NOT NULL,
    first_error      TEXT NOT NULL,
    first_error_line INTEGER NOT NULL,
    warnings         INTEGER NOT NULL,
    base_status      TEXT NOT NULL,
    base_checkout_id INTEGER,
    failing_for      INTEGER NOT NULL,
    released         BOOLEAN NOT NULL,
    started_at       DATETIME,
    finished_at      DATETIME,
    UNIQUE (checkout_id, arch, config, compiler)
);
CREATE INDEX builds_scenario ON builds (scenario, id);

CREATE TABLE results (
    id               INTEGER PRIMARY KEY,
    checkout_id      INTEGER NOT NULL REFERENCES checkouts (id),
    build_id         INTEGER NOT NULL REFERENCES builds (id),
    test_id          INTEGER NOT NULL REFERENCES tests (id),
    run_test_id      INTEGER NOT NULL REFERENCES tests (id),
    scenario         INTEGER NOT NULL,
    lane             TEXT NOT NULL,
    attempt          INTEGER NOT NULL,
    final            BOOLEAN NOT NULL,
    status           TEXT NOT NULL,
    shown            TEXT NOT NULL,
    note             TEXT NOT NULL,
    reason           TEXT NOT NULL,
    retry_reason     TEXT NOT NULL,
    host             TEXT NOT NULL,
    job_id           INTEGER,
    first_error      TEXT NOT NULL,
    first_error_line INTEGER NOT NULL,
    test_revision    TEXT NOT NULL,
    base_status      TEXT NOT NULL,
    base_checkout_id INTEGER,
    base_back        INTEGER NOT NULL,
    failing_for      INTEGER NOT NULL,
    started_at       DATETIME,
    finished_at      DATETIME,
    duration_ms      INTEGER NOT NULL,
    UNIQUE (build_id, test_id, attempt)
);
CREATE INDEX results_checkout ON results (checkout_id, final);
CREATE INDEX results_scenario ON results (scenario, id);
CREATE INDEX results_test ON results (test_id, id);
CREATE INDEX results_host ON results (host, id);

CREATE TABLE subresults (
    id        INTEGER PRIMARY KEY,
    result_id INTEGER NOT NULL REFERENCES results (id),
    position  INTEGER NOT NULL,
    name      TEXT NOT NULL,
    status    TEXT NOT NULL,
    line      INTEGER NOT NULL,
    message   TEXT NOT NULL,
    UNIQUE (result_id, position)
);

CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    checkout_id  INTEGER NOT NULL REFERENCES checkouts (id),
    build_id     INTEGER NOT NULL REFERENCES builds (id),
    test_id      INTEGER,
    attempt      INTEGER NOT NULL,
    marker       TEXT NOT NULL UNIQUE,
    runner       TEXT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    isolation    TEXT NOT NULL,
    host         TEXT NOT NULL,
    exit_status  INTEGER NOT NULL,
    cancel       BOOLEAN NOT NULL,
    created_at   DATETIME NOT NULL,
    submitted_at DATETIME,
    started_at   DATETIME,
    finished_at  DATETIME,
    collected_at DATETIME
);
CREATE INDEX jobs_checkout ON jobs (checkout_id);
CREATE INDEX jobs_build ON jobs (build_id, kind);
CREATE INDEX jobs_state ON jobs (state);

CREATE TABLE job_decisions (
    id      INTEGER PRIMARY KEY,
    job_id  INTEGER NOT NULL REFERENCES jobs (id),
    at      DATETIME NOT NULL,
    rule    TEXT NOT NULL,
    action  TEXT NOT NULL,
    reason  TEXT NOT NULL,
    line    TEXT NOT NULL,
    after_s INTEGER NOT NULL
);
CREATE INDEX job_decisions_job ON job_decisions (job_id);

CREATE TABLE files (
    id         INTEGER PRIMARY KEY,
    owner_kind TEXT NOT NULL,
    owner_id   INTEGER NOT NULL,
    name       TEXT NOT NULL,
    blob       TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    note       TEXT NOT NULL,
    stored_at  DATETIME NOT NULL,
    UNIQUE (owner_kind, owner_id, name)
);

CREATE TABLE subscriptions (
    id         INTEGER PRIMARY KEY,
    address    TEXT NOT NULL,
    tree_id    INTEGER NOT NULL,
    token      TEXT NOT NULL UNIQUE,
    muted_at   DATETIME,
    created_at DATETIME NOT NULL,
    UNIQUE (address, tree_id)
);

CREATE TABLE deliveries (
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,
    dedup       TEXT NOT NULL UNIQUE,
    checkout_id INTEGER NOT NULL REFERENCES checkouts (id),
    number      INTEGER NOT NULL,
    verdict     TEXT NOT NULL,
    sentence    TEXT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    recipients  TEXT NOT NULL,
    why         TEXT NOT NULL,
    person      BOOLEAN NOT NULL,
    created_at  DATETIME NOT NULL,
    sent_at     DATETIME
);
CREATE INDEX deliveries_checkout ON deliveries (checkout_id, number);

CREATE TABLE mails (
    id          INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    checkout_id INTEGER NOT NULL REFERENCES checkouts (id),
    message_id  TEXT NOT NULL,
    sender      TEXT NOT NULL,
    recipients  TEXT NOT NULL,
    subject     TEXT NOT NULL,
    raw         TEXT NOT NULL,
    tries       INTEGER NOT NULL,
    answers     TEXT NOT NULL,
    created_at  DATETIME NOT NULL,
    sent_at     DATETIME,
    UNIQUE (delivery_id)
);

CREATE TABLE steps (
    id             INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL,
    object_id      INTEGER NOT NULL,
    due_at         DATETIME NOT NULL,
    wanted         INTEGER NOT NULL,
    taken          INTEGER NOT NULL,
    claim          TEXT NOT NULL,
    claimed_until  DATETIME,
    attempts       INTEGER NOT NULL,
    last_error     TEXT NOT NULL,
    error_class    TEXT NOT NULL,
    parked_at      DATETIME,
    created_at     DATETIME NOT NULL,
    UNIQUE (kind, object_id)
);
CREATE INDEX steps_due ON steps (due_at);

CREATE TABLE step_tries (
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,
    object_id   INTEGER NOT NULL,
    worker      TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    error       TEXT NOT NULL,
    started_at  DATETIME NOT NULL,
    finished_at DATETIME NOT NULL
);
CREATE INDEX step_tries_object ON step_tries (kind, object_id);

CREATE TABLE rollup_tests (
    lane    TEXT NOT NULL,
    test_id INTEGER NOT NULL,
    day     INTEGER NOT NULL,
    passed  INTEGER NOT NULL,
    failed  INTEGER NOT NULL,
    infra   INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    retried INTEGER NOT NULL,
    flaky   INTEGER NOT NULL,
    PRIMARY KEY (lane, test_id, day)
);

CREATE TABLE rollup_trees (
    lane    TEXT NOT NULL,
    day     INTEGER NOT NULL,
    tree_id INTEGER NOT NULL,
    arch    TEXT NOT NULL,
    passed  INTEGER NOT NULL,
    failed  INTEGER NOT NULL,
    infra   INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    retried INTEGER NOT NULL,
    flaky   INTEGER NOT NULL,
    PRIMARY KEY (lane, day, tree_id, arch)
);

CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    at          DATETIME NOT NULL,
    who         TEXT NOT NULL,
    what        TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id   INTEGER NOT NULL,
    before      TEXT NOT NULL,
    after       TEXT NOT NULL
);
CREATE INDEX audit_object ON audit (object_kind, object_id);
