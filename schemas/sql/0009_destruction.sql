-- Destruction (销毁): proposed by one person, confirmed by another. What is left of a dossier stands here. All rows follow from records.

-- Proposals that nobody has decided yet.
CREATE TABLE disposal (
    dossier   uuid PRIMARY KEY,
    district  text NOT NULL,
    record    bigint NOT NULL REFERENCES record,
    account   text NOT NULL,                -- who proposes
    version   integer NOT NULL,             -- the current one then
    FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE
);
CREATE INDEX disposal_record ON disposal (record);
SELECT guard_by_district('disposal');

CREATE TABLE destroyed (
    dossier   uuid PRIMARY KEY,
    district  text NOT NULL,                -- that held it
    record    bigint NOT NULL REFERENCES record,
    proposal  bigint NOT NULL REFERENCES record
);
CREATE INDEX destroyed_record ON destroyed (record);
CREATE INDEX destroyed_proposal ON destroyed (proposal);
SELECT guard_by_district('destroyed');

-- Every object of theirs. Those that something else names as well are still held; the others are to go from every copy.
CREATE TABLE destroyed_object (
    sha256    text NOT NULL,
    record    bigint NOT NULL REFERENCES record,
    district  text NOT NULL,
    PRIMARY KEY (sha256, record)
);
CREATE INDEX destroyed_object_record ON destroyed_object (record);
SELECT guard_by_district('destroyed_object');
REVOKE SELECT ON destroyed_object FROM dangan_query;
