-- +goose Up
-- The results of a test are counted from this index alone.
DROP INDEX results_test;
CREATE INDEX results_test ON results (test_id, id, final, shown);

-- What is new everywhere: few of many rows.
CREATE INDEX results_new ON results (id) WHERE shown = 'new';
