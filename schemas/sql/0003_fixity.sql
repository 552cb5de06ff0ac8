-- Fixity: what was looked at when, and what was found. It is about objects as files on this machine, not about the holdings: it comes from
-- no record and is begun anew with a new database.

-- Least recently checked first.
CREATE INDEX object_checked ON object (coalesce(checked_at, '-infinity'::timestamptz), sha256);

-- Once through all objects; many runs may be needed for it.
CREATE TABLE fixity_round (
    number    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun_at  timestamptz NOT NULL DEFAULT now(),
    ended_at  timestamptz                   -- NULL = under way, or given up for a later one
);

-- Objects that are damaged or gone now.
CREATE TABLE object_damage (
    sha256    text PRIMARY KEY REFERENCES object ON DELETE CASCADE,
    state     text NOT NULL CHECK (state IN ('damaged', 'missing')),
    detail    text,
    found_at  timestamptz NOT NULL DEFAULT now()
);

-- What was found and done, for good. `whole` = a damaged object was found whole again: somebody has brought it back.
CREATE TABLE object_event (
    number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    operator  text NOT NULL,                -- the system's user name
    sha256    text NOT NULL,
    event     text NOT NULL CHECK (event IN ('damaged', 'missing', 'repaired', 'whole', 'swept')),
    detail    text
);
CREATE INDEX object_event_sha256 ON object_event (sha256, number);
