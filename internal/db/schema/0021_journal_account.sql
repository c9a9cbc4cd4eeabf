-- SPDX-License-Identifier: Apache-2.0

-- What the journal has of an account, beside dossiers, goes into its holder's copy.
CREATE INDEX journal_account ON journal (account, at) WHERE dossier = 0;
