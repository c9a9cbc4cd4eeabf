-- SPDX-License-Identifier: Apache-2.0

-- What the scanner found clean carries the mark of the site's key: one that was made
-- clean by a statement does not open. What was scanned before is scanned again.
ALTER TABLE file_scan ADD COLUMN proof TEXT NOT NULL DEFAULT '';
UPDATE file_scan SET state = 'waiting', asked_at = 0, next_at = 0, tries = 0, done_at = 0 WHERE state = 'clean' AND EXISTS (SELECT 1 FROM file_scanning);
DELETE FROM file_scan WHERE state = 'clean';
