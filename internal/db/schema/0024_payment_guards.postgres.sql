-- SPDX-License-Identifier: Apache-2.0

-- Money that was moved and receipts that were given stay as they are. guards.go has the
-- list.
CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger EXECUTE FUNCTION only_added();
CREATE TRIGGER ledger_delete BEFORE DELETE OR TRUNCATE ON ledger EXECUTE FUNCTION only_added();
CREATE TRIGGER receipt_update BEFORE UPDATE ON receipt EXECUTE FUNCTION only_added();
CREATE TRIGGER receipt_delete BEFORE DELETE OR TRUNCATE ON receipt EXECUTE FUNCTION only_added();
CREATE TRIGGER receipt_end_update BEFORE UPDATE ON receipt_end EXECUTE FUNCTION only_added();
CREATE TRIGGER receipt_end_delete BEFORE DELETE OR TRUNCATE ON receipt_end EXECUTE FUNCTION only_added();
