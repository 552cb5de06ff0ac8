-- Who did what (审计): a chain of digests for each district, so that an entry that was changed, removed or cut off shows. Entries come from no record;
-- they are in backups.
CREATE TABLE audit (
    district  text NOT NULL,                -- '' = of none
    number    bigint NOT NULL,              -- in its district, from 1
    at        text NOT NULL,                -- RFC 3339, UTC, with milliseconds
    account   text NOT NULL,                -- '' = nobody known
    action    text NOT NULL,
    dossier   uuid,
    detail    text,                         -- JSON
    former    text NOT NULL,                -- digest of the former entry; '' = this is the first
    digest    text NOT NULL,                -- SHA-256 of all this, see dangan/audit.h
    PRIMARY KEY (district, number)
);
CREATE INDEX audit_dossier ON audit (dossier, number);
CREATE INDEX audit_at ON audit (at);
SELECT guard_by_district('audit');
REVOKE SELECT ON audit FROM dangan_query;

-- Against mistakes. Against intent there are the chain and checkpoints that are kept elsewhere.
CREATE FUNCTION audit_is_appended_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'entries of the audit are neither changed nor removed' USING ERRCODE = 'insufficient_privilege';
END $$;
REVOKE EXECUTE ON FUNCTION audit_is_appended_to() FROM PUBLIC;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_appended_to();
