-- SPDX-License-Identifier: Apache-2.0

-- What is only added to is changed and taken away by nobody, whatever the program
-- or a hand at the database says. guards.go has the list.
CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$;
CREATE TRIGGER journal_update BEFORE UPDATE ON journal EXECUTE FUNCTION only_added();
CREATE TRIGGER journal_delete BEFORE DELETE OR TRUNCATE ON journal EXECUTE FUNCTION only_added();
CREATE TRIGGER data_step_update BEFORE UPDATE ON data_step EXECUTE FUNCTION only_added();
CREATE TRIGGER data_step_delete BEFORE DELETE OR TRUNCATE ON data_step EXECUTE FUNCTION only_added();
CREATE TRIGGER data_breach_entry_update BEFORE UPDATE ON data_breach_entry EXECUTE FUNCTION only_added();
CREATE TRIGGER data_breach_entry_delete BEFORE DELETE OR TRUNCATE ON data_breach_entry EXECUTE FUNCTION only_added();
-- Events are sealed anew with new keys, and go with a dossier that was destroyed.
CREATE FUNCTION goes_with_its_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tombstone WHERE id = OLD.dossier) THEN
        RAISE EXCEPTION '% is only added to', TG_TABLE_NAME;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER event_update BEFORE UPDATE OF dossier, seq, at, kind ON event EXECUTE FUNCTION only_added();
CREATE TRIGGER event_delete BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION goes_with_its_dossier();
CREATE TRIGGER event_truncate BEFORE TRUNCATE ON event EXECUTE FUNCTION only_added();
-- A tombstone goes with its applicant's account into the one that takes it over.
CREATE TRIGGER tombstone_update BEFORE UPDATE OF id, code, at, round, body ON tombstone EXECUTE FUNCTION only_added();
CREATE TRIGGER tombstone_delete BEFORE DELETE OR TRUNCATE ON tombstone EXECUTE FUNCTION only_added();
