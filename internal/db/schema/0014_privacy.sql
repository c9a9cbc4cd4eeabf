-- SPDX-License-Identifier: Apache-2.0

-- What a person asks of the data that are kept of them. A request is its steps; the
-- row is their fold (body), with the columns that lists are found by.
CREATE TABLE data_request (
    id          BIGINT NOT NULL PRIMARY KEY,
    number      TEXT   NOT NULL UNIQUE,
    account     BIGINT NOT NULL, -- who asks
    received_at BIGINT NOT NULL,
    version     BIGINT NOT NULL, -- of its last step
    due_at      BIGINT NOT NULL, -- of what is to be done next; 0 is nothing
    body        TEXT   NOT NULL  -- JSON of privacy.Request
);
CREATE INDEX data_request_account ON data_request (account, received_at);
CREATE INDEX data_request_due ON data_request (due_at) WHERE due_at > 0;
CREATE TABLE data_step (
    request BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    body    TEXT   NOT NULL, -- JSON of privacy.Step
    PRIMARY KEY (request, seq)
);

-- Breaches of personal data: what is known is added to and never overwritten.
CREATE TABLE data_breach (
    id         BIGINT NOT NULL PRIMARY KEY,
    number     TEXT   NOT NULL UNIQUE,
    noticed_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    due_at     BIGINT NOT NULL, -- of the notice to the ministry; 0 when it was given
    body       TEXT   NOT NULL, -- JSON of privacy.Breach
    telling    BIGINT NOT NULL, -- the entry that everybody is still being told of; 0 is none
    told_to    BIGINT NOT NULL  -- the last account that was told of it
);
CREATE INDEX data_breach_due ON data_breach (due_at) WHERE due_at > 0;
CREATE INDEX data_breach_telling ON data_breach (telling) WHERE telling > 0;
CREATE TABLE data_breach_entry (
    breach BIGINT NOT NULL,
    seq    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    body   TEXT   NOT NULL, -- JSON of privacy.Entry
    PRIMARY KEY (breach, seq)
);

-- Which uses of an account's data its holder had stopped, by name; "restricted" is
-- all that no law asks for.
ALTER TABLE account ADD COLUMN stopped TEXT NOT NULL DEFAULT '';
