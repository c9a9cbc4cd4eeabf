-- SPDX-License-Identifier: Apache-2.0

-- The keys that seal, and the key of the digests by which sealed things are found:
-- locked with a key that is not in the database.
CREATE TABLE vault (
    id      BIGINT   NOT NULL PRIMARY KEY, -- 1
    seals   {{blob}} NOT NULL,
    digests {{blob}} NOT NULL
);
-- With which key a piece is sealed; 0 if it lies open.
ALTER TABLE file_piece ADD COLUMN sealed BIGINT NOT NULL DEFAULT 0;
