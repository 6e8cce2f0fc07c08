-- +goose Up
-- Paths in the tree where the code of a test lives, one a line; empty where its owner names none.
ALTER TABLE tests ADD COLUMN code TEXT NOT NULL DEFAULT '';
