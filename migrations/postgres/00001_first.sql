-- +goose Up
CREATE SEQUENCE drover_ids;

CREATE TABLE remotes (
    id            BIGINT PRIMARY KEY,
    url           TEXT NOT NULL UNIQUE,
    mirror        TEXT NOT NULL UNIQUE,
    head          TEXT NOT NULL,
    empty         BOOLEAN NOT NULL,
    polled_at     TIMESTAMPTZ,
    failing_since TIMESTAMPTZ,
    failures      BIGINT NOT NULL,
    error         TEXT NOT NULL,
    error_class   TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE refs (
    remote_id BIGINT NOT NULL REFERENCES remotes (id),
    name      TEXT NOT NULL,
    oid       TEXT NOT NULL,
    seen_at   TIMESTAMPTZ NOT NULL,
    gone_at   TIMESTAMPTZ,
    PRIMARY KEY (remote_id, name)
);

CREATE TABLE trees (
    id            BIGINT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    state         TEXT NOT NULL,
    policy        TEXT NOT NULL,
    daily_budget  BIGINT NOT NULL,
    unclear_share DOUBLE PRECISION NOT NULL,
    deadline_s    BIGINT NOT NULL,
    trusted       BOOLEAN NOT NULL,
    mail_to       TEXT NOT NULL,
    mail_pass     BOOLEAN NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE tree_sources (
    id         BIGINT PRIMARY KEY,
    tree_id    BIGINT NOT NULL REFERENCES trees (id),
    kind       TEXT NOT NULL,
    remote_id  BIGINT NOT NULL REFERENCES remotes (id),
    branches   TEXT NOT NULL,
    note       TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (tree_id, remote_id)
);
CREATE INDEX tree_sources_remote ON tree_sources (remote_id);

CREATE TABLE tree_builds (
    id       BIGINT PRIMARY KEY,
    tree_id  BIGINT NOT NULL REFERENCES trees (id),
    position BIGINT NOT NULL,
    arch     TEXT NOT NULL,
    config   TEXT NOT NULL,
    compiler TEXT NOT NULL,
    recipe   TEXT NOT NULL,
    settings TEXT NOT NULL,
    UNIQUE (tree_id, arch, config, compiler)
);

CREATE TABLE events (
    id          BIGINT PRIMARY KEY,
    source      TEXT NOT NULL,
    dedup       TEXT NOT NULL UNIQUE,
    tree_id     BIGINT NOT NULL REFERENCES trees (id),
    body        TEXT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    decided_at  TIMESTAMPTZ,
    decision    TEXT NOT NULL,
    reason      TEXT NOT NULL
);
CREATE INDEX events_tree ON events (tree_id, id);

CREATE TABLE commits (
    id           BIGINT PRIMARY KEY,
    sha          TEXT NOT NULL UNIQUE,
    author       TEXT NOT NULL,
    email        TEXT NOT NULL,
    subject      TEXT NOT NULL,
    committed_at TIMESTAMPTZ,
    generation   BIGINT NOT NULL
);

CREATE TABLE commit_parents (
    commit_id BIGINT NOT NULL REFERENCES commits (id),
    position  BIGINT NOT NULL,
    parent_id BIGINT NOT NULL REFERENCES commits (id),
    PRIMARY KEY (commit_id, position)
);
CREATE INDEX commit_parents_parent ON commit_parents (parent_id);

CREATE TABLE checkouts (
    id           BIGINT PRIMARY KEY,
    tree_id      BIGINT NOT NULL REFERENCES trees (id),
    branch       TEXT NOT NULL,
    commit_id    BIGINT NOT NULL REFERENCES commits (id),
    sha          TEXT NOT NULL,
    patchset     TEXT NOT NULL,
    lane         TEXT NOT NULL,
    request      TEXT NOT NULL,
    source       TEXT NOT NULL,
    event_id     BIGINT NOT NULL REFERENCES events (id),
    previous_id  BIGINT,
    describe     TEXT NOT NULL,
    subject      TEXT NOT NULL,
    author       TEXT NOT NULL,
    email        TEXT NOT NULL,
    state        TEXT NOT NULL,
    plan_note    TEXT NOT NULL,
    verdict      TEXT NOT NULL,
    verdict_text TEXT NOT NULL,
    version      BIGINT NOT NULL,
    news         BOOLEAN NOT NULL,
    counts       TEXT NOT NULL,
    reasons      TEXT NOT NULL,
    compared_id  BIGINT,
    compared_back BIGINT NOT NULL,
    not_ancestor BOOLEAN NOT NULL,
    pushed_at    TIMESTAMPTZ NOT NULL,
    planned_at   TIMESTAMPTZ,
    started_at   TIMESTAMPTZ,
    finished_at  TIMESTAMPTZ,
    judged_at    TIMESTAMPTZ,
    UNIQUE (tree_id, branch, sha, patchset, lane, request)
);
CREATE INDEX checkouts_tree ON checkouts (tree_id, branch, id);
CREATE INDEX checkouts_commit ON checkouts (commit_id, tree_id);
CREATE INDEX checkouts_sha ON checkouts (sha);
CREATE INDEX checkouts_state ON checkouts (state, id);

CREATE TABLE checkout_files (
    checkout_id BIGINT NOT NULL REFERENCES checkouts (id),
    path        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    PRIMARY KEY (checkout_id, path)
);

CREATE TABLE untested_commits (
    tree_id   BIGINT NOT NULL REFERENCES trees (id),
    branch    TEXT NOT NULL,
    sha       TEXT NOT NULL,
    subject   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    event_id  BIGINT NOT NULL REFERENCES events (id),
    noted_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tree_id, branch, sha)
);

CREATE TABLE tests (
    id          BIGINT PRIMARY KEY,
    path        TEXT NOT NULL UNIQUE,
    parent_id   BIGINT,
    description TEXT NOT NULL,
    owner       TEXT NOT NULL,
    command     TEXT NOT NULL,
    recipe      TEXT NOT NULL,
    format      TEXT NOT NULL,
    each_case   BOOLEAN NOT NULL,
    timeout_s   BIGINT NOT NULL,
    state       TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX tests_parent ON tests (parent_id);

CREATE TABLE tree_tests (
    tree_id BIGINT NOT NULL REFERENCES trees (id),
    test_id BIGINT NOT NULL REFERENCES tests (id),
    PRIMARY KEY (tree_id, test_id)
);

CREATE TABLE plan_items (
    id          BIGINT PRIMARY KEY,
    checkout_id BIGINT NOT NULL REFERENCES checkouts (id),
    test_id     BIGINT NOT NULL REFERENCES tests (id),
    chosen      BOOLEAN NOT NULL,
    rule        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    file        TEXT NOT NULL,
    UNIQUE (checkout_id, test_id)
);

CREATE TABLE builds (
    id               BIGINT PRIMARY KEY,
    checkout_id      BIGINT NOT NULL REFERENCES checkouts (id),
    tree_build_id    BIGINT NOT NULL,
    arch             TEXT NOT NULL,
    config           TEXT NOT NULL,
    compiler         TEXT NOT NULL,
    compiler_version TEXT NOT NULL,
    recipe           TEXT NOT NULL,
    settings         TEXT NOT NULL,
    scenario         BIGINT NOT NULL,
    status           TEXT NOT NULL,
    shown            TEXT NOT NULL,
    attempt          BIGINT NOT NULL,
    reason           TEXT NOT NULL,
    first_error      TEXT NOT NULL,
    first_error_line BIGINT NOT NULL,
    warnings         BIGINT NOT NULL,
    base_status      TEXT NOT NULL,
    base_checkout_id BIGINT,
    failing_for      BIGINT NOT NULL,
    released         BOOLEAN NOT NULL,
    started_at       TIMESTAMPTZ,
    finished_at      TIMESTAMPTZ,
    UNIQUE (checkout_id, arch, config, compiler)
);
CREATE INDEX builds_scenario ON builds (scenario, id);

CREATE TABLE results (
    id               BIGINT PRIMARY KEY,
    checkout_id      BIGINT NOT NULL REFERENCES checkouts (id),
    build_id         BIGINT NOT NULL REFERENCES builds (id),
    test_id          BIGINT NOT NULL REFERENCES tests (id),
    run_test_id      BIGINT NOT NULL REFERENCES tests (id),
    scenario         BIGINT NOT NULL,
    lane             TEXT NOT NULL,
    attempt          BIGINT NOT NULL,
    final            BOOLEAN NOT NULL,
    status           TEXT NOT NULL,
    shown            TEXT NOT NULL,
    note             TEXT NOT NULL,
    reason           TEXT NOT NULL,
    retry_reason     TEXT NOT NULL,
    host             TEXT NOT NULL,
    job_id           BIGINT,
    first_error      TEXT NOT NULL,
    first_error_line BIGINT NOT NULL,
    test_revision    TEXT NOT NULL,
    base_status      TEXT NOT NULL,
    base_checkout_id BIGINT,
    base_back        BIGINT NOT NULL,
    failing_for      BIGINT NOT NULL,
    started_at       TIMESTAMPTZ,
    finished_at      TIMESTAMPTZ,
    duration_ms      BIGINT NOT NULL,
    UNIQUE (build_id, test_id, attempt)
);
CREATE INDEX results_checkout ON results (checkout_id, final);
CREATE INDEX results_scenario ON results (scenario, id);
CREATE INDEX results_test ON results (test_id, id);
CREATE INDEX results_host ON results (host, id);

CREATE TABLE subresults (
    id        BIGINT PRIMARY KEY,
    result_id BIGINT NOT NULL REFERENCES results (id),
    position  BIGINT NOT NULL,
    name      TEXT NOT NULL,
    status    TEXT NOT NULL,
    line      BIGINT NOT NULL,
    message   TEXT NOT NULL,
    UNIQUE (result_id, position)
);

CREATE TABLE jobs (
    id           BIGINT PRIMARY KEY,
    kind         TEXT NOT NULL,
    checkout_id  BIGINT NOT NULL REFERENCES checkouts (id),
    build_id     BIGINT NOT NULL REFERENCES builds (id),
    test_id      BIGINT,
    attempt      BIGINT NOT NULL,
    marker       TEXT NOT NULL UNIQUE,
    runner       TEXT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    isolation    TEXT NOT NULL,
    host         TEXT NOT NULL,
    exit_status  BIGINT NOT NULL,
    cancel       BOOLEAN NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    submitted_at TIMESTAMPTZ,
    started_at   TIMESTAMPTZ,
    finished_at  TIMESTAMPTZ,
    collected_at TIMESTAMPTZ
);
CREATE INDEX jobs_checkout ON jobs (checkout_id);
CREATE INDEX jobs_build ON jobs (build_id, kind);
CREATE INDEX jobs_state ON jobs (state);

CREATE TABLE job_decisions (
    id      BIGINT PRIMARY KEY,
    job_id  BIGINT NOT NULL REFERENCES jobs (id),
    at      TIMESTAMPTZ NOT NULL,
    rule    TEXT NOT NULL,
    action  TEXT NOT NULL,
    reason  TEXT NOT NULL,
    line    TEXT NOT NULL,
    after_s BIGINT NOT NULL
);
CREATE INDEX job_decisions_job ON job_decisions (job_id);

CREATE TABLE files (
    id         BIGINT PRIMARY KEY,
    owner_kind TEXT NOT NULL,
    owner_id   BIGINT NOT NULL,
    name       TEXT NOT NULL,
    blob       TEXT NOT NULL,
    bytes      BIGINT NOT NULL,
    note       TEXT NOT NULL,
    stored_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (owner_kind, owner_id, name)
);

CREATE TABLE subscriptions (
    id         BIGINT PRIMARY KEY,
    address    TEXT NOT NULL,
    tree_id    BIGINT NOT NULL,
    token      TEXT NOT NULL UNIQUE,
    muted_at   TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (address, tree_id)
);

CREATE TABLE deliveries (
    id          BIGINT PRIMARY KEY,
    kind        TEXT NOT NULL,
    dedup       TEXT NOT NULL UNIQUE,
    checkout_id BIGINT NOT NULL REFERENCES checkouts (id),
    number      BIGINT NOT NULL,
    verdict     TEXT NOT NULL,
    sentence    TEXT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    recipients  TEXT NOT NULL,
    why         TEXT NOT NULL,
    person      BOOLEAN NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    sent_at     TIMESTAMPTZ
);
CREATE INDEX deliveries_checkout ON deliveries (checkout_id, number);

CREATE TABLE mails (
    id          BIGINT PRIMARY KEY,
    delivery_id BIGINT NOT NULL REFERENCES deliveries (id),
    checkout_id BIGINT NOT NULL REFERENCES checkouts (id),
    message_id  TEXT NOT NULL,
    sender      TEXT NOT NULL,
    recipients  TEXT NOT NULL,
    subject     TEXT NOT NULL,
    raw         TEXT NOT NULL,
    tries       BIGINT NOT NULL,
    answers     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    sent_at     TIMESTAMPTZ,
    UNIQUE (delivery_id)
);

CREATE TABLE steps (
    id             BIGINT PRIMARY KEY,
    kind           TEXT NOT NULL,
    object_id      BIGINT NOT NULL,
    due_at         TIMESTAMPTZ NOT NULL,
    wanted         BIGINT NOT NULL,
    taken          BIGINT NOT NULL,
    claim          TEXT NOT NULL,
    claimed_until  TIMESTAMPTZ,
    attempts       BIGINT NOT NULL,
    last_error     TEXT NOT NULL,
    error_class    TEXT NOT NULL,
    parked_at      TIMESTAMPTZ,
    created_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (kind, object_id)
);
CREATE INDEX steps_due ON steps (due_at);

CREATE TABLE step_tries (
    id          BIGINT PRIMARY KEY,
    kind        TEXT NOT NULL,
    object_id   BIGINT NOT NULL,
    worker      TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    error       TEXT NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX step_tries_object ON step_tries (kind, object_id);

CREATE TABLE rollup_tests (
    lane    TEXT NOT NULL,
    test_id BIGINT NOT NULL,
    day     BIGINT NOT NULL,
    passed  BIGINT NOT NULL,
    failed  BIGINT NOT NULL,
    infra   BIGINT NOT NULL,
    missing BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    retried BIGINT NOT NULL,
    flaky   BIGINT NOT NULL,
    PRIMARY KEY (lane, test_id, day)
);

CREATE TABLE rollup_trees (
    lane    TEXT NOT NULL,
    day     BIGINT NOT NULL,
    tree_id BIGINT NOT NULL,
    arch    TEXT NOT NULL,
    passed  BIGINT NOT NULL,
    failed  BIGINT NOT NULL,
    infra   BIGINT NOT NULL,
    missing BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    retried BIGINT NOT NULL,
    flaky   BIGINT NOT NULL,
    PRIMARY KEY (lane, day, tree_id, arch)
);

CREATE TABLE audit (
    id          BIGINT PRIMARY KEY,
    at          TIMESTAMPTZ NOT NULL,
    who         TEXT NOT NULL,
    what        TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id   BIGINT NOT NULL,
    before      TEXT NOT NULL,
    after       TEXT NOT NULL
);
CREATE INDEX audit_object ON audit (object_kind, object_id);
