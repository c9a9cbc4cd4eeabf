-- SPDX-License-Identifier: Apache-2.0

-- What officers keep for their work beside the dossiers; no part of history.

-- One act on many dossiers, kept until it is done, and some weeks for its report.
CREATE TABLE batch (
    id         BIGINT NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL, -- whose it is
    key        TEXT   NOT NULL, -- of the form: sent again, it is the same batch
    hash       TEXT   NOT NULL, -- of what was sent
    queue      TEXT   NOT NULL, -- it was picked from
    act        TEXT   NOT NULL,
    params     TEXT   NOT NULL, -- JSON, the same for every dossier
    started_at BIGINT NOT NULL,
    UNIQUE (account, key)
);
CREATE TABLE batch_item (
    batch   BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    code    TEXT   NOT NULL, -- as it was picked
    version BIGINT NOT NULL, -- of the dossier, as it was picked
    done_at BIGINT NOT NULL, -- 0 until the act is done or refused
    due_at  BIGINT NOT NULL, -- of the dossier after the act; 0 if it was refused
    refused TEXT   NOT NULL, -- JSON of the refusal; '' if the act was done
    PRIMARY KEY (batch, n)
) {{clustered}};
CREATE INDEX batch_left ON batch_item (batch, n) WHERE done_at = 0;

-- The version of a dossier that an officer has looked at last.
CREATE TABLE seen (
    account BIGINT NOT NULL,
    dossier BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (account, dossier)
) {{clustered}};
-- What an officer noted on a dossier for nobody else.
CREATE TABLE note (
    account BIGINT NOT NULL,
    dossier BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    PRIMARY KEY (account, dossier)
) {{clustered}};
-- The words an agency marks dossiers with, and the dossiers that bear them.
CREATE TABLE label (
    agency TEXT NOT NULL,
    word   TEXT NOT NULL,
    PRIMARY KEY (agency, word)
) {{clustered}};
CREATE TABLE labelled (
    dossier BIGINT NOT NULL,
    agency  TEXT   NOT NULL,
    word    TEXT   NOT NULL,
    PRIMARY KEY (dossier, agency, word)
) {{clustered}};
CREATE INDEX labelled_word ON labelled (agency, word, dossier);

-- When an officer was given a dossier: who waited longest is suggested first.
CREATE TABLE assignment (
    account BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    dossier BIGINT NOT NULL,
    PRIMARY KEY (account, at, dossier)
) {{clustered}};
