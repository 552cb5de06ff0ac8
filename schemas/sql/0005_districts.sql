-- District by district: every row about a dossier says which district holds it, what a search reads lies in one partition a
-- district, and whoever only looks things up sees the districts of its scope and no others, by whatever statement.

-- The role that looks things up. It owns nothing, makes nothing, and row-level security binds it.
DO $$
BEGIN
    CREATE ROLE dangan_query LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another archive of this server has made it
END $$;
GRANT USAGE ON SCHEMA public TO dangan_query;
DO $$
BEGIN
    -- Functions of its own would be a way to look into rows before row security has judged them.
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO dangan_query', current_database());
END $$;

-- Districts that have partitions.
CREATE TABLE district (
    code       text PRIMARY KEY,
    opened_at  timestamptz NOT NULL DEFAULT now()
);

-- --- scope ----------------------------------------------------------------------------------------------------------------

-- What the program signs scopes with. dangan_query cannot read it, so it cannot give itself a scope.
CREATE TABLE scope_key (
    key  text NOT NULL
);
INSERT INTO scope_key SELECT encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex');

-- Districts that the setting dangan.scope of this connection names ('*' = all), none when its mark is not the program's: da_scope_set().
CREATE FUNCTION scope_districts() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    scope text := coalesce(current_setting('dangan.scope', true), '');
    codes text := split_part(scope, '|', 1);
    secret text;
BEGIN
    IF scope = '' THEN
        RETURN '{}';
    END IF;
    SELECT key INTO secret FROM public.scope_key;
    IF split_part(scope, '|', 2) IS DISTINCT FROM encode(sha256(convert_to(
        secret || encode(sha256(convert_to(secret || codes, 'UTF8')), 'hex'), 'UTF8')), 'hex') THEN
        RETURN '{}';
    END IF;
    IF codes = '*' THEN
        RETURN ARRAY(SELECT code FROM public.district ORDER BY code);
    END IF;
    RETURN string_to_array(codes, ',');
END $$;
REVOKE EXECUTE ON FUNCTION scope_districts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scope_districts() TO dangan_query;

-- Every table with rows about dossiers passes through here once. The owner goes on seeing everything, also where it is no
-- superuser; dangan_query sees its scope. A partition is read through its parent and granted to nobody.
CREATE FUNCTION guard_by_district(guarded regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY owner ON %s TO CURRENT_USER USING (true)', guarded);
    EXECUTE format('CREATE POLICY scope ON %s TO dangan_query'
                   ' USING (district = ANY ((SELECT public.scope_districts())::text[]))', guarded);
    IF NOT (SELECT relispartition FROM pg_class WHERE oid = guarded) THEN
        EXECUTE format('GRANT SELECT ON %s TO dangan_query', guarded);
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION guard_by_district(regclass) FROM PUBLIC;

-- --- a district in every row -------------------------------------------------------------------------------------------------

-- A row can have no other district than its dossier, and follows when the dossier moves.
ALTER TABLE dossier ADD UNIQUE (id, district);

ALTER TABLE dossier_version ADD COLUMN district text;
UPDATE dossier_version SET district = dossier.district FROM dossier WHERE dossier.id = dossier_version.dossier;
ALTER TABLE dossier_version ALTER COLUMN district SET NOT NULL,
    DROP CONSTRAINT dossier_version_dossier_fkey,
    ADD FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE;

ALTER TABLE material ADD COLUMN district text;
UPDATE material SET district = dossier.district FROM dossier WHERE dossier.id = material.dossier;
ALTER TABLE material ALTER COLUMN district SET NOT NULL,
    ADD FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE;

ALTER TABLE page ADD COLUMN district text;
UPDATE page SET district = dossier.district FROM dossier WHERE dossier.id = page.dossier;
ALTER TABLE page ALTER COLUMN district SET NOT NULL,
    ADD FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE;

ALTER TABLE finding ADD COLUMN district text;
UPDATE finding SET district = dossier.district FROM dossier WHERE dossier.id = finding.dossier;
ALTER TABLE finding ALTER COLUMN district SET NOT NULL,
    ADD FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE;

ALTER TABLE deposit_log ADD COLUMN district text;
UPDATE deposit_log SET district = dossier.district FROM dossier WHERE dossier.id = deposit_log.dossier;
ALTER TABLE deposit_log ALTER COLUMN district SET NOT NULL,
    ADD FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE;

-- Estimates of a plan would tell how often a name or a number occurs anywhere.
ALTER TABLE dossier ALTER COLUMN archival_number SET STATISTICS 0, ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN former_name SET STATISTICS 0, ALTER COLUMN birth SET STATISTICS 0, ALTER COLUMN id_number SET STATISTICS 0,
    ALTER COLUMN employer SET STATISTICS 0;

-- --- what a search reads: a partition a district -------------------------------------------------------------------------------

ALTER TABLE page_text RENAME TO page_text_before;
ALTER INDEX page_text_pkey RENAME TO page_text_before_pkey;
ALTER INDEX page_text_dossier RENAME TO page_text_before_dossier;
DROP INDEX page_text_bigrams;
DROP TABLE person_key;

-- Text of the pages of current versions. `bigrams` is made by da_bigram_vector(), and only by it.
CREATE TABLE page_text (
    page      text NOT NULL REFERENCES page,
    dossier   uuid NOT NULL,
    district  text NOT NULL,
    text      text NOT NULL,
    bigrams   tsvector NOT NULL,
    PRIMARY KEY (page, district),
    FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE
) PARTITION BY LIST (district);
CREATE INDEX page_text_dossier ON page_text (dossier);
-- Without a pending list: with one, every search would first read what deposits have left there (up to 4 MB). A deposit waits a
-- little instead, and nobody stands at a counter for it.
CREATE INDEX page_text_bigrams ON page_text USING gin (bigrams) WITH (fastupdate = off);

-- Keys of persons of current versions, made by da_person_keys(), and only by it: equality and prefixes.
CREATE TABLE person_key (
    kind      text NOT NULL,
    key       text NOT NULL,
    dossier   uuid NOT NULL,
    district  text NOT NULL,
    PRIMARY KEY (dossier, kind, key, district),
    FOREIGN KEY (dossier, district) REFERENCES dossier (id, district) ON UPDATE CASCADE
) PARTITION BY LIST (district);
CREATE INDEX person_key_prefix ON person_key (kind, key text_pattern_ops);

-- Makes the partitions of a district where there are none yet. A deposit calls it before it writes anything: two that bring the first
-- dossiers of a district wait for each other here and hold nothing yet that the other could want.
CREATE FUNCTION open_district(wanted text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    part text;
BEGIN
    IF EXISTS (SELECT FROM district WHERE code = wanted) THEN
        RETURN;
    END IF;
    IF wanted !~ '^[0-9]{6,12}$' THEN
        RAISE 'not a district code' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('dangan district'));
    IF EXISTS (SELECT FROM district WHERE code = wanted) THEN
        RETURN;
    END IF;
    -- The new foreign keys would ask for these one by one.
    LOCK TABLE dossier, page IN SHARE ROW EXCLUSIVE MODE;
    FOREACH parent IN ARRAY ARRAY['page_text', 'person_key'] LOOP
        part := parent || '_' || wanted;
        -- Attached, not created in place: that would keep searches of all districts waiting.
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, part, wanted);
        PERFORM guard_by_district(part::regclass);
    END LOOP;
    EXECUTE format('ALTER TABLE %I ALTER COLUMN text SET STATISTICS 0', 'page_text_' || wanted);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN key SET STATISTICS 0', 'person_key_' || wanted);
    INSERT INTO district (code) VALUES (wanted);
END $$;
REVOKE EXECUTE ON FUNCTION open_district(text) FROM PUBLIC;

SELECT open_district(code) FROM (SELECT DISTINCT district AS code FROM dossier) AS held;

-- Pages of the scope whose text has the bigrams; whether the words stand there is for the reader of `text` to check. Row security would
-- keep the index from `@@`, which is not leakproof; declaring it so needs a superuser. Here the scope is in the query itself.
CREATE FUNCTION pages_with(words tsquery, of_dossier uuid, most integer)
RETURNS TABLE (page text, dossier uuid, text text) ROWS 200
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    districts text[] := public.scope_districts();
BEGIN
    RETURN QUERY
        SELECT t.page, t.dossier, t.text FROM public.page_text t
        WHERE t.district = ANY (districts) AND t.bigrams @@ words AND (of_dossier IS NULL OR t.dossier = of_dossier)
        LIMIT most;
END $$;
REVOKE EXECUTE ON FUNCTION pages_with(tsquery, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pages_with(tsquery, uuid, integer) TO dangan_query;

DO $$
DECLARE
    unguarded regclass;
BEGIN
    FOR unguarded IN
        SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
        AND a.attname = 'district' AND NOT a.attisdropped AND c.relname <> 'page_text_before'
    LOOP
        PERFORM guard_by_district(unguarded);
    END LOOP;
END $$;

-- Who logs in is no matter of districts.
GRANT SELECT, UPDATE ON account TO dangan_query;
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO dangan_query;

-- --- made by the program ---------------------------------------------------------------------------------------------------------

-- By which rules keys and bigrams were made. When they are not the program's, it makes them anew as it opens the archive, dossier by
-- dossier (da_index_refresh()).
CREATE TABLE index_rules (
    rules   text NOT NULL,  -- of what lies in person_key and page_text; '' = nothing of use
    making  text,           -- the rules that keys and bigrams are being made by
    after   uuid            -- the last dossier that has them
);
INSERT INTO index_rules (rules) VALUES ('');

-- The texts are kept, their bigrams are made with the keys.
INSERT INTO page_text SELECT page, dossier, district, text, '' FROM page_text_before;
DROP TABLE page_text_before;
