-- SPDX-License-Identifier: Apache-2.0

-- How long closed dossiers are kept, and which round goes through them: the part
-- of their state that is looked for, written with it.
CREATE TABLE retained (
    dossier BIGINT NOT NULL PRIMARY KEY,
    agency  TEXT   NOT NULL, -- the competent one
    what    TEXT   NOT NULL, -- destroy, hand_over
    due_at  BIGINT NOT NULL, -- from when; 0 is never by itself
    round   BIGINT NOT NULL  -- that lists it; 0 is none
);
CREATE INDEX retained_due ON retained (due_at, agency) WHERE due_at > 0 AND round = 0;
CREATE INDEX retained_round ON retained (round, dossier) WHERE round > 0;
-- Dossiers that were closed before are given their term one by one.
UPDATE dossier SET alarm_at = 1 WHERE queue = '';

-- A yearly round of an agency through what has been kept long enough.
CREATE TABLE round (
    id          BIGINT NOT NULL PRIMARY KEY,
    agency      TEXT   NOT NULL,
    what        TEXT   NOT NULL, -- destroy, hand_over
    year        BIGINT NOT NULL,
    opened_at   BIGINT NOT NULL,
    approved_at BIGINT NOT NULL, -- 0 is not yet
    carry_at    BIGINT NOT NULL, -- when it is carried out, if it is approved
    done_at     BIGINT NOT NULL, -- 0 is not yet
    body        TEXT   NOT NULL, -- JSON of records.Approval
    UNIQUE (agency, what, year)
);
CREATE INDEX round_open ON round (agency) WHERE done_at = 0;

-- What is left of a dossier that was destroyed: figures and numbers, nothing of
-- persons but whose list it stands in.
CREATE TABLE tombstone (
    id      BIGINT    NOT NULL PRIMARY KEY, -- of the dossier
    code    {{bytes}} NOT NULL UNIQUE,
    account BIGINT    NOT NULL,
    at      BIGINT    NOT NULL,
    round   BIGINT    NOT NULL,
    body    TEXT      NOT NULL -- JSON of dossier.Tombstone
);
CREATE INDEX tombstone_account ON tombstone (account, at);
CREATE INDEX tombstone_round ON tombstone (round, id);

-- The files that stand in dossiers, also those that were replaced: what stands in
-- another one is not forgotten with the first.
CREATE TABLE paper (
    file    TEXT   NOT NULL,
    dossier BIGINT NOT NULL,
    PRIMARY KEY (dossier, file)
) {{clustered}};
CREATE INDEX paper_file ON paper (file);

-- What else belongs to a dossier is found by it, to go with it.
CREATE INDEX draft_code ON draft (code) WHERE code <> '';
CREATE INDEX seen_dossier ON seen (dossier);
CREATE INDEX note_dossier ON note (dossier);

-- All that the journal has of a dossier goes into its archive package.
DROP INDEX journal_view;
CREATE INDEX journal_dossier ON journal (dossier, at);
