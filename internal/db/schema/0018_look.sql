-- SPDX-License-Identifier: Apache-2.0

-- What became of looks without a task, and whose they were.
CREATE INDEX journal_follow ON journal (agency, at) WHERE kind IN ('explained', 'settled');
CREATE INDEX journal_own ON journal (account, at) WHERE flag = 1;
