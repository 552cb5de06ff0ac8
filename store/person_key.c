#include "index.h"

#include <dangan/bigram.h>

static void add(json_t *keys, const char *kind, const char *value)
{
    g_autofree char *key = value ? da_person_key(value) : NULL;
    if (key)
        json_array_append_new(keys, json_pack("{s:s, s:s}", "kind", kind, "key", key));
}

json_t *da_person_keys(const DaPerson *person)
{
    json_t *keys = json_array();
    add(keys, "name", person->name);
    add(keys, "name", person->former_name);
    add(keys, "id", person->id_number);
    add(keys, "employer", person->employer);
    return keys;
}
