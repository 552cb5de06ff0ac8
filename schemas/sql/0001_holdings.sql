-- The index of the holdings. Everything but accounts, sessions and the deposit log can be rebuilt from the objects.
-- `district` (GB/T 2260) stands in every table that a search reads, so that partitions and row security can follow it.

-- An object that rows may name: it was durable before the transaction that put it here.
CREATE TABLE object (
    sha256      text PRIMARY KEY,
    bytes       bigint NOT NULL,
    checked_at  timestamptz                 -- last fixity check; NULL = not since its deposit
);

-- What a list shows of a person; the whole of it is the object dossier_version.descriptive.
CREATE TABLE dossier (
    id               uuid PRIMARY KEY,
    district         text NOT NULL,
    version          integer NOT NULL,      -- the current one
    archival_number  text,                  -- 档号
    name             text,
    former_name      text,
    sex              text,
    birth            text,                  -- as far as known: 1949, 1949-12, 1949-12-31
    id_number        text,
    employer         text,
    vital_status     text,
    materials        integer NOT NULL,
    pages            integer NOT NULL,      -- sides
    pages_content    integer NOT NULL       -- sides with content (页数)
);
CREATE INDEX dossier_district ON dossier (district, name, id);

CREATE TABLE dossier_version (
    dossier          uuid NOT NULL REFERENCES dossier DEFERRABLE INITIALLY DEFERRED,
    version          integer NOT NULL,
    package_digest   text NOT NULL,
    manifest         text NOT NULL REFERENCES object,  -- which file of the package is which object
    descriptive      text NOT NULL REFERENCES object,  -- dossier.xml
    profile          text NOT NULL,         -- name and version of the profile that judged it
    created          text NOT NULL,         -- when the package was made
    files            integer NOT NULL,
    bytes            bigint NOT NULL,
    objects_new      integer NOT NULL,      -- objects that no version named before
    bytes_new        bigint NOT NULL,
    deposited_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dossier, version),
    UNIQUE (dossier, package_digest)
);

CREATE TABLE material (
    dossier        uuid NOT NULL,
    version        integer NOT NULL,
    number         integer NOT NULL,        -- place in the catalogue, from 1
    class_code     text NOT NULL,
    sequence       integer NOT NULL,
    title          text,
    formed         text,                    -- as far as known
    copies         integer,
    pages_claimed  integer,
    note           text,
    PRIMARY KEY (dossier, version, number),
    FOREIGN KEY (dossier, version) REFERENCES dossier_version
);

-- Pages of every version: an address once given stays.
CREATE TABLE page (
    id                text PRIMARY KEY,     -- da_page_id()
    dossier           uuid NOT NULL,
    version           integer NOT NULL,
    material          integer NOT NULL,     -- material.number
    position          integer NOT NULL,     -- place in the dossier, from 1
    side              integer NOT NULL,
    stem              text NOT NULL,
    blank             boolean NOT NULL,
    dpi               integer NOT NULL,     -- 0 = unknown
    width_px          integer NOT NULL,     -- of the access image
    height_px         integer NOT NULL,
    master_width_px   integer NOT NULL,
    master_height_px  integer NOT NULL,
    master_sha256     text REFERENCES object,
    master_type       text,
    master_bytes      bigint,
    access_sha256     text REFERENCES object,
    access_type       text,
    access_bytes      bigint,
    ocr_sha256        text REFERENCES object,
    ocr_type          text,
    ocr_bytes         bigint,
    UNIQUE (dossier, version, position),
    FOREIGN KEY (dossier, version, material) REFERENCES material
);

-- Text of the pages of current versions. `bigrams` is made by da_bigram_vector(), and only by it.
CREATE TABLE page_text (
    page      text PRIMARY KEY REFERENCES page,
    dossier   uuid NOT NULL,
    district  text NOT NULL,
    text      text NOT NULL,
    bigrams   tsvector NOT NULL
);
CREATE INDEX page_text_dossier ON page_text (dossier);
-- Without a pending list: with one, every search would first read what deposits have left there (up to 4 MB). A deposit waits a
-- little instead, and nobody stands at a counter for it.
CREATE INDEX page_text_bigrams ON page_text USING gin (bigrams) WITH (fastupdate = off);

-- Keys of persons of current versions, folded by da_text_fold(): equality and prefixes.
CREATE TABLE person_key (
    kind      text NOT NULL CHECK (kind IN ('name', 'id', 'employer')),
    key       text NOT NULL,
    dossier   uuid NOT NULL REFERENCES dossier,
    district  text NOT NULL,
    PRIMARY KEY (dossier, kind, key)
);
CREATE INDEX person_key_prefix ON person_key (kind, key text_pattern_ops, district);

-- What verification said of a version that it accepted: warnings and hints.
CREATE TABLE finding (
    dossier   uuid NOT NULL,
    version   integer NOT NULL,
    number    integer NOT NULL,
    rule      text NOT NULL,
    severity  text NOT NULL,
    page      text,                         -- stem
    body      jsonb NOT NULL,               -- da_finding_to_json()
    PRIMARY KEY (dossier, version, number),
    FOREIGN KEY (dossier, version) REFERENCES dossier_version
);

-- Every deposit, also one that changed nothing. `operator` is the system's user name.
CREATE TABLE deposit_log (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at              timestamptz NOT NULL DEFAULT now(),
    operator        text NOT NULL,
    dossier         uuid NOT NULL,
    version         integer NOT NULL,
    package_digest  text NOT NULL,
    unchanged       boolean NOT NULL
);

CREATE TABLE account (
    name          text PRIMARY KEY,
    salt          bytea NOT NULL,
    password      bytea NOT NULL,           -- scrypt
    failures      integer NOT NULL DEFAULT 0,
    locked_until  timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE session (
    token_digest  bytea PRIMARY KEY,        -- SHA-256 of the token; the token itself is nowhere
    account       text NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL
);
CREATE INDEX session_expires ON session (expires_at);
