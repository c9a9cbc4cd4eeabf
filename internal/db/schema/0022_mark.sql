-- SPDX-License-Identifier: Apache-2.0

-- Rows that give a right, or say what holds for all, carry the mark of the site's key
-- (db.Tx.Mark): one that was written by a statement gives none.
ALTER TABLE account     ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE post        ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE absence     ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE mandate     ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE token       ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE factor      ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE linked      ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE readmission ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE session     ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE agency      ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE calendar    ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE setting     ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE outage      ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE round       ADD COLUMN mark TEXT NOT NULL DEFAULT '';

-- Sessions are few and short: who is signed in signs in again.
DELETE FROM session;
