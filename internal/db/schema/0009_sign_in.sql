-- SPDX-License-Identifier: Apache-2.0

-- Sign-ins that are open end: what is kept of them from now on is not known of those.
DELETE FROM session;
ALTER TABLE session ADD COLUMN id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN level BIGINT NOT NULL DEFAULT 0; -- identity.Level
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX session_account ON session (account);

-- What somebody has beside a password: a code generator, and codes on paper for
-- when it is lost.
CREATE TABLE factor (
    id         BIGINT NOT NULL PRIMARY KEY,
    account    BIGINT NOT NULL,
    kind       TEXT   NOT NULL, -- totp, passkey, recovery
    name       TEXT   NOT NULL,
    body       TEXT   NOT NULL, -- the key of a generator, the public key of a passkey, the digest of a code
    step       BIGINT NOT NULL, -- of a generator's code that was last taken; a passkey's counter
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL -- 0 is never; a recovery code opens once
);
CREATE INDEX factor_account ON factor (account);

-- A sign-in that went to a device or an identity provider and has not come back:
-- what its answer is held against, once.
CREATE TABLE errand (
    hash       TEXT   NOT NULL PRIMARY KEY, -- of the secret that names it
    kind       TEXT   NOT NULL, -- passkey, passkey-new, provider
    body       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Which account an identity provider's person is.
CREATE TABLE linked (
    provider   TEXT   NOT NULL,
    subject    TEXT   NOT NULL, -- as the provider names the person
    account    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);
CREATE INDEX linked_account ON linked (account);

-- By which provider somebody signed in, to be signed out there too; '' is here.
ALTER TABLE session ADD COLUMN provider TEXT NOT NULL DEFAULT '';

-- The account of the same person that took over what this one held; 0 is none.
ALTER TABLE account ADD COLUMN merged BIGINT NOT NULL DEFAULT 0;

-- One person has one account.
DROP INDEX account_verified;
CREATE UNIQUE INDEX account_verified ON account (verified) WHERE verified <> '';

-- How surely it is the account's holder who uses a token: as its maker says.
ALTER TABLE token ADD COLUMN level BIGINT NOT NULL DEFAULT 2;
