-- The chain of records: signed documents that are objects, each naming the former one by its digest.
CREATE TABLE record (
    number    bigint PRIMARY KEY,
    sha256    text NOT NULL UNIQUE REFERENCES object,
    former    text UNIQUE REFERENCES record (sha256),  -- NULL = this is the first
    archive   text NOT NULL,            -- fingerprint of the archive's first key
    kind      text NOT NULL,
    at        timestamptz NOT NULL,
    operator  text NOT NULL,
    district  text,                     -- NULL = of none
    dossier   uuid,                     -- NULL = of none or several
    CHECK ((number = 1) = (former IS NULL))
);
CREATE INDEX record_dossier ON record (dossier, number);
CREATE INDEX record_kind ON record (kind, number);

-- What archivists remark on a dossier (备注).
CREATE TABLE remark (
    record    bigint PRIMARY KEY REFERENCES record,
    dossier   uuid NOT NULL REFERENCES dossier,
    district  text NOT NULL,
    text      text NOT NULL
);
CREATE INDEX remark_dossier ON remark (dossier, record);
