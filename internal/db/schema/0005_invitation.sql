-- SPDX-License-Identifier: Apache-2.0

-- Somebody who is asked to fill in and confirm a page of another person's draft.
CREATE TABLE invitation (
    id        TEXT   NOT NULL PRIMARY KEY,
    draft     TEXT   NOT NULL,
    owner     BIGINT NOT NULL, -- account of whose draft it is
    account   BIGINT NOT NULL, -- of who was asked, once they have looked; 0 before
    id_number {{bytes}} NOT NULL, -- of who was asked
    open      BIGINT NOT NULL, -- 1 until answered or taken back
    remind_at BIGINT NOT NULL, -- 0 when reminded, or answered
    body      TEXT   NOT NULL -- JSON of dossier.Invitation
);
CREATE INDEX invitation_draft ON invitation (draft);
CREATE INDEX invitation_person ON invitation (id_number, open);
CREATE INDEX invitation_remind ON invitation (remind_at) WHERE remind_at > 0;
