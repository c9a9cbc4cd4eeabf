-- SPDX-License-Identifier: Apache-2.0

-- Who may act for an organisation, and from when to when. Rows are ended, never
-- deleted.
CREATE TABLE mandate (
    id           BIGINT NOT NULL PRIMARY KEY,
    organisation BIGINT NOT NULL, -- account
    member       BIGINT NOT NULL, -- account
    role         TEXT   NOT NULL, -- manager, filer, viewer
    valid_from   TEXT   NOT NULL,
    valid_to     TEXT   NOT NULL, -- '' is open; both days included
    basis        TEXT   NOT NULL, -- the paper that gives it
    given_by     BIGINT NOT NULL,
    given_at     BIGINT NOT NULL,
    ended_by     BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL  -- 0 is not ended before its time
);
CREATE INDEX mandate_organisation ON mandate (organisation);
CREATE INDEX mandate_member ON mandate (member);

-- For which organisation somebody acts in a session; 0 is for themselves.
ALTER TABLE session ADD COLUMN acting BIGINT NOT NULL DEFAULT 0;
