-- SPDX-License-Identifier: Apache-2.0

-- How many pages a stored PDF has; 0 is not known.
ALTER TABLE file ADD COLUMN pages BIGINT NOT NULL DEFAULT 0;

-- What the virus scanner says of a content. One without a row was never asked about:
-- the site has no scanner.
CREATE TABLE file_scan (
    sha256   TEXT   PRIMARY KEY,
    state    TEXT   NOT NULL, -- waiting, clean, infected
    found    TEXT   NOT NULL, -- the name of what was found
    asked_at BIGINT NOT NULL, -- who was asked for last is scanned first
    next_at  BIGINT NOT NULL, -- not before, after it could not be scanned
    tries    BIGINT NOT NULL,
    done_at  BIGINT NOT NULL
);
CREATE INDEX file_scan_waiting ON file_scan (asked_at) WHERE state = 'waiting';

-- One row while the site scans files.
CREATE TABLE file_scanning (
    id    BIGINT PRIMARY KEY,
    since BIGINT NOT NULL
);
