-- SPDX-License-Identifier: Apache-2.0

-- From when a file that was uploaded and handed in with nothing is forgotten; 0 is
-- never, as for all that stands in a dossier and all that was there before this was kept.
ALTER TABLE file ADD COLUMN unused_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX file_unused ON file (unused_at) WHERE unused_at > 0;
