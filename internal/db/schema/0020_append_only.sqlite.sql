-- SPDX-License-Identifier: Apache-2.0

-- What is only added to is changed and taken away by nobody, whatever the program
-- or a hand at the database says. guards.go has the list.
CREATE TRIGGER journal_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is only added to'); END;
CREATE TRIGGER journal_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is only added to'); END;
CREATE TRIGGER data_step_update BEFORE UPDATE ON data_step
BEGIN SELECT RAISE(ABORT, 'data_step is only added to'); END;
CREATE TRIGGER data_step_delete BEFORE DELETE ON data_step
BEGIN SELECT RAISE(ABORT, 'data_step is only added to'); END;
CREATE TRIGGER data_breach_entry_update BEFORE UPDATE ON data_breach_entry
BEGIN SELECT RAISE(ABORT, 'data_breach_entry is only added to'); END;
CREATE TRIGGER data_breach_entry_delete BEFORE DELETE ON data_breach_entry
BEGIN SELECT RAISE(ABORT, 'data_breach_entry is only added to'); END;
-- Events are sealed anew with new keys, and go with a dossier that was destroyed.
CREATE TRIGGER event_update BEFORE UPDATE OF dossier, seq, at, kind ON event
BEGIN SELECT RAISE(ABORT, 'event is only added to'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event
WHEN NOT EXISTS (SELECT 1 FROM tombstone WHERE id = OLD.dossier)
BEGIN SELECT RAISE(ABORT, 'event is only added to'); END;
-- A tombstone goes with its applicant's account into the one that takes it over.
CREATE TRIGGER tombstone_update BEFORE UPDATE OF id, code, at, round, body ON tombstone
BEGIN SELECT RAISE(ABORT, 'tombstone is only added to'); END;
CREATE TRIGGER tombstone_delete BEFORE DELETE ON tombstone
BEGIN SELECT RAISE(ABORT, 'tombstone is only added to'); END;
