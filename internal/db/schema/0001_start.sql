-- SPDX-License-Identifier: Apache-2.0

-- Figures that follow from acts, added to in the transaction of the act
-- (Tx.Delta). day is yyyymmdd; 0 is "of all time".
CREATE TABLE counter (
    day       BIGINT NOT NULL,
    agency    TEXT   NOT NULL,
    procedure TEXT   NOT NULL,
    channel   TEXT   NOT NULL,
    status    TEXT   NOT NULL,
    outcome   TEXT   NOT NULL,
    n         BIGINT NOT NULL,
    PRIMARY KEY (day, agency, procedure, channel, status, outcome)
) {{clustered}};

-- The last number given in each series, without gaps (Tx.Next). The rows
-- '#0' to '#3' give no numbers: they are the locks under which the lanes of
-- all processes take numbers, one lock a transaction, so that two series
-- taken in different order are no deadlock.
CREATE TABLE number (
    series TEXT   NOT NULL PRIMARY KEY,
    last   BIGINT NOT NULL
) {{clustered}};
INSERT INTO number (series, last) VALUES ('#0', 0), ('#1', 0), ('#2', 0), ('#3', 0);

-- How often a named part of the configuration has changed (Tx.Touch), so that
-- every process can tell that what it remembers is old.
CREATE TABLE revision (
    name TEXT   NOT NULL PRIMARY KEY,
    n    BIGINT NOT NULL
) {{clustered}};
