-- Which districts an account sees. NULL = all that the archive has.
ALTER TABLE account ADD COLUMN districts text[] CHECK (cardinality(districts) > 0 AND array_position(districts, NULL) IS NULL);

-- Who looks things up counts wrong passwords, and changes nothing else of an account.
REVOKE UPDATE ON account FROM dangan_query;
GRANT UPDATE (failures, locked_until) ON account TO dangan_query;

-- Districts out of the scope that hold somebody with just this key, so that a clerk knows where to send a person; nothing else of him is told.
CREATE FUNCTION held_elsewhere(wanted_kind text, wanted_key text) RETURNS TABLE(district text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    districts text[] := public.scope_districts();
BEGIN
    RETURN QUERY
        SELECT DISTINCT k.district FROM public.person_key k
        WHERE k.kind = wanted_kind AND k.kind IN ('name', 'id') AND k.key = wanted_key
        AND cardinality(districts) > 0 AND k.district <> ALL (districts)
        ORDER BY 1 LIMIT 20;
END $$;
REVOKE EXECUTE ON FUNCTION held_elsewhere(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION held_elsewhere(text, text) TO dangan_query;
