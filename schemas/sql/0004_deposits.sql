-- Which record a version came with. NULL = it was deposited before there were records.
ALTER TABLE dossier_version ADD COLUMN record bigint UNIQUE REFERENCES record;
CREATE INDEX dossier_version_unrecorded ON dossier_version (deposited_at) WHERE record IS NULL;
