-- SPDX-License-Identifier: Apache-2.0

-- When the system could not be used, or will not: nothing of it is deleted.
CREATE TABLE outage (
    id      {{id}},
    settled BIGINT NOT NULL, -- the last dossier whose clock was looked at once it was over; -1 when all were
    body    TEXT   NOT NULL  -- JSON of agency.Outage
);
-- Numbers under which counters receive on paper meanwhile, and what became of them.
CREATE TABLE provisional (
    number   TEXT   NOT NULL PRIMARY KEY,
    outage   BIGINT NOT NULL,
    agency   TEXT   NOT NULL,
    drawn_at BIGINT NOT NULL,
    drawn_by TEXT   NOT NULL,
    code     TEXT   NOT NULL, -- of the dossier that was booked under it; '' before
    void     TEXT   NOT NULL  -- why it was not used; '' if it was, or may be
);
CREATE INDEX provisional_outage ON provisional (outage, agency);
