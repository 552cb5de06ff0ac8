-- Dossiers that go to another district of the archive, and how long each is kept. All rows follow from records.

-- Remarks go with their dossier, as everything about it.
ALTER TABLE remark DROP CONSTRAINT remark_dossier_fkey,
    ADD FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE;

-- What refers to a dossier is looked for when it moves.
CREATE INDEX deposit_log_dossier ON deposit_log (dossier);

-- How long it is kept (保管期限): the last decision counts. Without one, and where it is permanent, a dossier is never destroyed.
CREATE TABLE retention (
    dossier   uuid PRIMARY KEY,
    district  text NOT NULL,
    record    bigint NOT NULL REFERENCES record,
    until     text,                         -- last year, month or day; NULL = permanent
    basis     text NOT NULL,
    FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE
);
CREATE INDEX retention_until ON retention (until) WHERE until IS NOT NULL;
SELECT guard_by_district('retention');

-- A transfer slip (转递单) is known by the number of its record.
CREATE TABLE transfer (
    slip         bigint PRIMARY KEY REFERENCES record,
    district     text NOT NULL,             -- that sends
    to_district  text NOT NULL,
    reason       text NOT NULL,
    receipt      bigint REFERENCES record,  -- 回执: they have arrived
    withdrawn    bigint REFERENCES record,
    CHECK (receipt IS NULL OR withdrawn IS NULL)
);
CREATE TABLE transfer_dossier (
    slip      bigint NOT NULL REFERENCES transfer,
    number    integer NOT NULL,             -- row of the slip, from 1
    dossier   uuid NOT NULL,                -- it may have gone on since, or be destroyed
    district  text NOT NULL,                -- that sent it
    PRIMARY KEY (slip, number)
);
CREATE INDEX transfer_dossier_dossier ON transfer_dossier (dossier, slip);

SELECT guard_by_district('transfer');
SELECT guard_by_district('transfer_dossier');
-- A slip concerns two districts; it is for those who keep, not for those who look dossiers up.
REVOKE SELECT ON transfer, transfer_dossier FROM dangan_query;
