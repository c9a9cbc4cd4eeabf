-- SPDX-License-Identifier: Apache-2.0

-- Money that was moved and receipts that were given stay as they are. guards.go has the
-- list.
CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger is only added to'); END;
CREATE TRIGGER ledger_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger is only added to'); END;
CREATE TRIGGER receipt_update BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'receipt is only added to'); END;
CREATE TRIGGER receipt_delete BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'receipt is only added to'); END;
CREATE TRIGGER receipt_end_update BEFORE UPDATE ON receipt_end
BEGIN SELECT RAISE(ABORT, 'receipt_end is only added to'); END;
CREATE TRIGGER receipt_end_delete BEFORE DELETE ON receipt_end
BEGIN SELECT RAISE(ABORT, 'receipt_end is only added to'); END;
