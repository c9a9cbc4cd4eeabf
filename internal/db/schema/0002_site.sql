-- SPDX-License-Identifier: Apache-2.0

-- Who the State is here, and who its people are.
CREATE TABLE agency (
    id         TEXT   NOT NULL,
    valid_from TEXT   NOT NULL, -- '' is since ever
    rank       BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (id, valid_from)
);
CREATE TABLE account (
    id         BIGINT NOT NULL PRIMARY KEY,
    login      TEXT   NOT NULL UNIQUE,
    kind       TEXT   NOT NULL, -- citizen, officer
    name       TEXT   NOT NULL,
    password   TEXT   NOT NULL, -- argon2id
    person     TEXT   NOT NULL, -- JSON of identity.Person
    created_at BIGINT NOT NULL
);
CREATE TABLE post (
    account    BIGINT NOT NULL,
    role       TEXT   NOT NULL,
    agency     TEXT   NOT NULL,
    valid_from TEXT   NOT NULL,
    valid_to   TEXT   NOT NULL, -- '' is open
    PRIMARY KEY (account, role, agency, valid_from)
);
-- When an officer is away, and who acts for them; both days included.
CREATE TABLE absence (
    account    BIGINT NOT NULL,
    valid_from TEXT   NOT NULL,
    valid_to   TEXT   NOT NULL,
    substitute BIGINT NOT NULL,
    PRIMARY KEY (account, valid_from)
);
CREATE TABLE token (
    hash       TEXT   NOT NULL PRIMARY KEY, -- SHA-256, never the token itself
    account    BIGINT NOT NULL,
    scopes     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE TABLE session (
    hash       TEXT   NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at);

-- The catalogue: editions never change once stored.
CREATE TABLE edition (
    code       TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    valid_from TEXT   NOT NULL,
    valid_to   TEXT   NOT NULL, -- '' is open
    hash       TEXT   NOT NULL,
    body       TEXT   NOT NULL, -- JSON of procedure.Edition
    PRIMARY KEY (code, number)
);
-- What was read from the national catalogue, kept beside what is offered.
CREATE TABLE imported (
    code    TEXT   NOT NULL PRIMARY KEY,
    hash    TEXT   NOT NULL,
    body    TEXT   NOT NULL, -- JSON of procedure.Imported
    read_at BIGINT NOT NULL
);
CREATE TABLE calendar (
    number BIGINT NOT NULL PRIMARY KEY,
    body   TEXT   NOT NULL -- JSON of calendar.Calendar
);
-- Settings of the site that are data: its name, terms (fields, life events).
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

-- Files, in pieces, so that no file is in memory whole. Content is stored once.
CREATE TABLE file (
    id         TEXT   NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    sha256     TEXT   NOT NULL,
    media_type TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX file_content ON file (sha256);
CREATE TABLE file_piece (
    sha256  TEXT     NOT NULL,
    n       BIGINT   NOT NULL,
    content {{blob}} NOT NULL,
    PRIMARY KEY (sha256, n)
);
