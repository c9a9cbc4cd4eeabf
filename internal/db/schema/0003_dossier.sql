-- SPDX-License-Identifier: Apache-2.0

-- A dossier is its events; the row beside them is their fold (body), with the
-- columns that lists are found by. `motcua verify` proves that they agree.
CREATE TABLE dossier (
    id        {{id}},
    code      {{bytes}} NOT NULL UNIQUE,
    version   BIGINT NOT NULL,
    account   BIGINT NOT NULL, -- whose it is; 0: nobody's account
    procedure TEXT   NOT NULL,
    applicant TEXT   NOT NULL,
    name_key  {{bytes}} NOT NULL, -- the name's words without marks, the given name first, as officers look for it
    id_number {{bytes}} NOT NULL, -- of the applicant
    reception TEXT   NOT NULL,
    competent TEXT   NOT NULL,
    queue     TEXT   NOT NULL, -- where it waits: "agency role work", and whose; '' when done
    edition   BIGINT NOT NULL, -- of the procedure, pinned when sent
    process   BIGINT NOT NULL, -- edition whose process is followed, pinned at reception; 0 before
    step      TEXT   NOT NULL,
    assignee  BIGINT NOT NULL,
    status    BIGINT NOT NULL, -- national code
    progress  BIGINT NOT NULL, -- degree of completion in percent
    sent_at   BIGINT NOT NULL,
    due_at    BIGINT NOT NULL, -- the legal due instant; until reception, when it was sent
    watch     TEXT   NOT NULL, -- "agency what": what is waited for, and whose matter that is
    until     BIGINT NOT NULL, -- when that is overdue
    alarm_at  BIGINT NOT NULL, -- when the system does something by itself; 0 is never
    body      TEXT   NOT NULL
);
CREATE INDEX dossier_watch ON dossier (watch, until) WHERE watch <> '';
CREATE INDEX dossier_alarm ON dossier (alarm_at) WHERE alarm_at > 0;
CREATE INDEX dossier_queue ON dossier (queue, due_at, id, competent, status, sent_at) WHERE queue <> ''; -- the last three to count what is overdue
CREATE INDEX dossier_account ON dossier (account, sent_at, id);
CREATE INDEX dossier_competent ON dossier (competent, id);
CREATE INDEX dossier_name ON dossier (competent, name_key, reception, id);
CREATE INDEX dossier_person ON dossier (id_number, id);
-- Where a dossier waits beside the step in hand: for a cashier, for a signature.
CREATE TABLE aside (
    queue   TEXT   NOT NULL, -- "agency role work"
    due_at  BIGINT NOT NULL, -- as of the dossier
    dossier BIGINT NOT NULL,
    PRIMARY KEY (queue, due_at, dossier)
);
CREATE TABLE event (
    dossier BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    actor   TEXT   NOT NULL, -- JSON of who acted, in which post
    body    TEXT   NOT NULL,
    PRIMARY KEY (dossier, seq)
);
CREATE TABLE draft (
    id         TEXT   NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    code       TEXT   NOT NULL, -- of the dossier it became; '' until sent
    body       TEXT   NOT NULL
);
CREATE INDEX draft_account ON draft (account, updated_at);
-- A mutating call and what it did: the same key again gives the same answer.
CREATE TABLE idempotency (
    account BIGINT NOT NULL,
    key     TEXT   NOT NULL,
    hash    TEXT   NOT NULL, -- of method, path and body
    code    TEXT   NOT NULL, -- the dossier
    version BIGINT NOT NULL, -- as the answer showed it
    at      BIGINT NOT NULL,
    PRIMARY KEY (account, key)
) {{clustered}};
-- Work that follows from acts, taken up after the commit.
CREATE TABLE outgoing (
    id   {{id}},
    kind TEXT   NOT NULL,
    code TEXT   NOT NULL,
    seq  BIGINT NOT NULL, -- the event it follows from
    at   BIGINT NOT NULL
);
-- What a person was told, in the account's inbox.
CREATE TABLE notice (
    id      {{id}},
    account BIGINT NOT NULL,
    code    TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    UNIQUE (account, code, kind, at)
);
CREATE INDEX notice_account ON notice (account, id);
