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
