-- SPDX-License-Identifier: Apache-2.0

-- How far each log collector has the journal: the last line of each chain. One
-- process hands lines to a collector at a time, the one that holds it.
CREATE TABLE audit_target (
    target TEXT   NOT NULL PRIMARY KEY, -- its address, without secrets
    place  TEXT   NOT NULL, -- JSON: the seq of each chain
    holder BIGINT NOT NULL,
    until  BIGINT NOT NULL  -- ms
);
