-- SPDX-License-Identifier: Apache-2.0

-- Who did or saw what, in chains: each row's hash covers the one before it, made
-- with the site's key. Rows are added at a commit and never changed.
CREATE TABLE journal (
    chain   BIGINT NOT NULL,
    seq     BIGINT NOT NULL, -- 1, 2, … within its chain
    at      BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    account BIGINT NOT NULL, -- 0 is the system
    dossier BIGINT NOT NULL, -- 0 is none
    agency  TEXT   NOT NULL,
    flag    BIGINT NOT NULL, -- 1 is to be looked at
    body    TEXT   NOT NULL, -- JSON
    hash    TEXT   NOT NULL,
    PRIMARY KEY (chain, seq)
) {{clustered}};
CREATE INDEX journal_view ON journal (dossier, at) WHERE kind = 'viewed';
CREATE INDEX journal_flag ON journal (agency, at) WHERE flag = 1;
-- Where each chain ends. PostgreSQL has as many as lanes, SQLite the first.
CREATE TABLE journal_head (
    chain BIGINT NOT NULL PRIMARY KEY,
    seq   BIGINT NOT NULL,
    hash  TEXT   NOT NULL
);
INSERT INTO journal_head (chain, seq, hash) VALUES (0, 0, ''), (1, 0, ''), (2, 0, ''), (3, 0, '');
