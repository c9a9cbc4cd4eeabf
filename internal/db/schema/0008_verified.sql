-- SPDX-License-Identifier: Apache-2.0

-- Whose number it was proved to be, so that an invitation finds them; '' of others.
ALTER TABLE account ADD COLUMN verified {{bytes}} NOT NULL DEFAULT '';
CREATE INDEX account_verified ON account (verified);

-- Dossiers whose clock could not be extended for an outage, to be tried again.
CREATE TABLE outage_left (
    outage   BIGINT NOT NULL,
    code     TEXT   NOT NULL,
    retry_at BIGINT NOT NULL,
    PRIMARY KEY (outage, code)
);
