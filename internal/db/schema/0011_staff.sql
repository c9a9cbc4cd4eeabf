-- SPDX-License-Identifier: Apache-2.0

-- A post may be for some dossiers only, and two posts for different ones.
CREATE TABLE post_with_remit (
    account    BIGINT NOT NULL,
    role       TEXT   NOT NULL,
    agency     TEXT   NOT NULL,
    valid_from TEXT   NOT NULL,
    valid_to   TEXT   NOT NULL, -- '' is open
    remit      TEXT   NOT NULL, -- JSON of agency.Remit
    PRIMARY KEY (account, role, agency, valid_from, remit)
);
INSERT INTO post_with_remit SELECT account, role, agency, valid_from, valid_to, '{}' FROM post;
DROP TABLE post;
ALTER TABLE post_with_remit RENAME TO post;

-- What remits tell dossiers apart by, beside the procedure and where it was received.
ALTER TABLE dossier ADD COLUMN field TEXT NOT NULL DEFAULT '';
ALTER TABLE dossier ADD COLUMN restricted BIGINT NOT NULL DEFAULT 0; -- 1: its procedure is of restricted access
DROP INDEX dossier_name;
CREATE INDEX dossier_name ON dossier (competent, name_key, reception, restricted, id);

-- When an officer left: nobody signs in with the account until they return.
ALTER TABLE account ADD COLUMN left_at BIGINT NOT NULL DEFAULT 0;

-- An officer who is to come in with a code in two parts, and choose a password.
CREATE TABLE readmission (
    account    BIGINT NOT NULL PRIMARY KEY,
    first      TEXT   NOT NULL, -- SHA-256 of the part that the administrator gave
    second     TEXT   NOT NULL, -- of that of who knows the person; '' until then
    asked_by   BIGINT NOT NULL, -- 0 is who has the machine
    asked_at   BIGINT NOT NULL,
    vouched_by BIGINT NOT NULL,
    tries      BIGINT NOT NULL
);

-- A list of officers that was handed in and waits to be taken up.
CREATE TABLE staff_list (
    id      BIGINT NOT NULL PRIMARY KEY,
    account BIGINT NOT NULL, -- who handed it in
    made_at BIGINT NOT NULL,
    body    TEXT   NOT NULL  -- JSON of staff.List
);
