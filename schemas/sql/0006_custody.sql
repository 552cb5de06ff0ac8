-- Life after deposit: where a dossier lies, what keeps it, what became of its person. All rows follow from records.

-- Where the paper lies now (库房-区-列-节-层-盒).
CREATE TABLE location (
    dossier   uuid PRIMARY KEY,
    district  text NOT NULL,
    record    bigint NOT NULL REFERENCES record,
    place     text NOT NULL,                -- da_custody_place_parse()
    FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE
);
CREATE INDEX location_place ON location (place text_pattern_ops);
SELECT guard_by_district('location');

-- Nothing is destroyed or sent away while a hold stands.
CREATE TABLE hold (
    record    bigint PRIMARY KEY REFERENCES record,
    dossier   uuid NOT NULL,
    district  text NOT NULL,
    reason    text NOT NULL,
    released  bigint REFERENCES record,     -- NULL = it stands
    FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE
);
CREATE INDEX hold_dossier ON hold (dossier, record);
SELECT guard_by_district('hold');

-- Persons who died or moved, as the archive was told; the last record counts.
CREATE TABLE life_event (
    record    bigint PRIMARY KEY REFERENCES record,
    dossier   uuid NOT NULL,
    district  text NOT NULL,
    event     text NOT NULL CHECK (event IN ('died', 'moved', 'corrected')),
    date      text,                         -- as far as known
    note      text,                         -- where to, or who told
    FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE
);
CREATE INDEX life_event_dossier ON life_event (dossier, record);
SELECT guard_by_district('life_event');
