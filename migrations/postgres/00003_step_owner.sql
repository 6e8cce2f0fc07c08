-- +goose Up
-- Who claimed a step last, and when: what a try that lapsed is told by.
ALTER TABLE steps ADD COLUMN claimed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE steps ADD COLUMN claimed_at TIMESTAMPTZ;
