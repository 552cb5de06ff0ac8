-- Handover batches (移交批次): what came in together, and what became of it. The rows follow from records of the kinds arrival, deposit,
-- acceptance and return, but for batch_check. Nobody who looks dossiers up sees any of it: a package is a dossier once it is accepted.

CREATE TABLE batch (
    id               text PRIMARY KEY,      -- "2026-0001", or what it was called
    district         text NOT NULL,
    enterprise       text,                  -- 移交单位
    enterprise_code  text,                  -- 统一社会信用代码 (GB 32100)
    list_errors      integer NOT NULL,      -- what its handover lists and its packages say differently
    arrival          bigint NOT NULL REFERENCES record,
    arrived_at       timestamptz NOT NULL
);

CREATE TABLE batch_package (
    batch            text NOT NULL REFERENCES batch,
    number           integer NOT NULL,      -- row of the receipt, from 1
    district         text NOT NULL,
    package          uuid NOT NULL,         -- its own id
    package_digest   text NOT NULL,
    listing          text NOT NULL,         -- object: which file of the package is which object; in the shape of a manifest
    archival_number  text,                  -- 档号
    pages            integer NOT NULL,
    files            integer NOT NULL,
    bytes            bigint NOT NULL,
    state            text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'accepted', 'returned')),
    dossier          uuid,                  -- what it became
    version          integer,
    decision         bigint REFERENCES record,  -- acceptance or return
    PRIMARY KEY (batch, number)
);
-- A package waits in one batch, and one of its id at a time.
CREATE UNIQUE INDEX batch_package_waiting ON batch_package (package) WHERE state = 'received';
CREATE INDEX batch_package_digest ON batch_package (package_digest);

-- Objects of packages that wait. They stand in `object` once a dossier names them; those that none ever names are removed when the package
-- is returned.
CREATE TABLE batch_object (
    batch     text NOT NULL,
    number    integer NOT NULL,
    district  text NOT NULL,
    sha256    text NOT NULL,
    bytes     bigint NOT NULL,
    PRIMARY KEY (batch, number, sha256),
    FOREIGN KEY (batch, number) REFERENCES batch_package
);
CREATE INDEX batch_object_sha256 ON batch_object (sha256);

-- What the automatic rules said of a package that waits: hours of work that a run which was killed need not do again. It can be deleted
-- at any time.
CREATE TABLE batch_check (
    package_digest  text PRIMARY KEY,
    district        text NOT NULL,
    profile         text NOT NULL,          -- digest of the profile's text
    accepted        boolean NOT NULL,
    findings        jsonb NOT NULL,
    checked_at      timestamptz NOT NULL DEFAULT now()
);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['batch', 'batch_package', 'batch_object', 'batch_check'] LOOP
        PERFORM guard_by_district(guarded::regclass);
        EXECUTE format('REVOKE SELECT ON %I FROM dangan_query', guarded);
    END LOOP;
END $$;

-- Every object that the archive answers for: those of dossiers and records, and those of packages that wait (`waiting`).
CREATE VIEW held_object AS
    SELECT sha256, bytes, false AS waiting FROM object
    UNION ALL
    SELECT b.sha256, max(b.bytes), true FROM batch_object b JOIN batch_package p USING (batch, number)
    WHERE p.state = 'received' AND NOT EXISTS (SELECT FROM object o WHERE o.sha256 = b.sha256)
    GROUP BY b.sha256;
