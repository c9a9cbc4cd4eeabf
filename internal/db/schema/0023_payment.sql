-- SPDX-License-Identifier: Apache-2.0

-- That somebody was asked to pay a bill by a way.
CREATE TABLE payment_order (
    ref        TEXT   NOT NULL PRIMARY KEY, -- as gateways and transfers name it
    way        TEXT   NOT NULL,
    code       TEXT   NOT NULL, -- of the dossier
    amount     BIGINT NOT NULL, -- đồng
    state      TEXT   NOT NULL, -- asked, paid, failed, expired
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    paid_at    BIGINT NOT NULL, -- 0 is not
    ask_at     BIGINT NOT NULL, -- when the gateway is asked again; 0 is never
    tries      BIGINT NOT NULL,
    bank       TEXT   NOT NULL, -- the gateway's number of the transaction
    started    TEXT   NOT NULL, -- JSON of payment.Started
    body       TEXT   NOT NULL  -- JSON of payment.Bill
);
CREATE INDEX payment_order_code ON payment_order (code, created_at);
CREATE INDEX payment_order_ask ON payment_order (ask_at) WHERE state = 'asked';

-- What gateways and banks told of money, each transaction once.
CREATE TABLE payment_in (
    way        TEXT   NOT NULL,
    bank       TEXT   NOT NULL, -- the gateway's number of the transaction
    ref        TEXT   NOT NULL, -- '' names no order
    code       TEXT   NOT NULL,
    amount     BIGINT NOT NULL,
    at         BIGINT NOT NULL, -- it was paid
    taken_at   BIGINT NOT NULL,
    outcome    TEXT   NOT NULL, -- settled, over, stray, mismatch
    text       TEXT   NOT NULL, -- what the payer wrote
    settled_at BIGINT NOT NULL, -- a person said what a stray or mismatch is; 0 is not yet
    body       TEXT   NOT NULL, -- what they said
    PRIMARY KEY (way, bank)
);
CREATE INDEX payment_in_open ON payment_in (taken_at) WHERE settled_at = 0 AND outcome IN ('stray', 'mismatch');

-- Where every đồng is: the lines of an entry add up to nothing.
CREATE TABLE ledger (
    entry   BIGINT NOT NULL,
    line    BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    account TEXT   NOT NULL,
    amount  BIGINT NOT NULL, -- comes to the account; less than nothing goes from it
    ref     TEXT   NOT NULL,
    code    TEXT   NOT NULL,
    why     TEXT   NOT NULL,
    proof   TEXT   NOT NULL, -- by the site's key
    PRIMARY KEY (entry, line)
);
CREATE INDEX ledger_account ON ledger (account, at);
CREATE INDEX ledger_code ON ledger (code);

CREATE TABLE receipt (
    id     BIGINT NOT NULL PRIMARY KEY,
    series TEXT   NOT NULL,
    number BIGINT NOT NULL,
    code   TEXT   NOT NULL, -- of the dossier
    ref    TEXT   NOT NULL, -- of the order; '' at the counter
    amount BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    body   TEXT   NOT NULL, -- JSON of payment.Receipt
    proof  TEXT   NOT NULL, -- by the site's key
    UNIQUE (series, number)
);
CREATE INDEX receipt_code ON receipt (code);
-- That a receipt does not hold any more.
CREATE TABLE receipt_end (
    receipt    BIGINT NOT NULL PRIMARY KEY,
    how        TEXT   NOT NULL, -- replaced, cancelled
    why        TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    by_account BIGINT NOT NULL,
    by_name    TEXT   NOT NULL
);

-- Money to be given back, until it was.
CREATE TABLE refund (
    id      BIGINT NOT NULL PRIMARY KEY,
    code    TEXT   NOT NULL,
    agency  TEXT   NOT NULL,
    ref     TEXT   NOT NULL,
    way     TEXT   NOT NULL, -- where the money is
    amount  BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    paid_at BIGINT NOT NULL, -- 0 is not yet
    body    TEXT   NOT NULL, -- JSON of payment.RefundBody
    mark    TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX refund_code ON refund (code);
CREATE INDEX refund_open ON refund (at) WHERE paid_at = 0;

-- A day of a way held against the gateway's file.
CREATE TABLE reconciled (
    way  TEXT   NOT NULL,
    day  TEXT   NOT NULL,
    open BIGINT NOT NULL, -- differences that nobody has explained
    body TEXT   NOT NULL, -- JSON of payment.Reconciled
    mark TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (way, day)
);
