#include "index.h"

#include <dangan/bigram.h>
#include <dangan/pinyin.h>

static void add(json_t *keys, const char *kind, const char *value)
{
    g_autofree char *key = value ? da_person_key(value) : NULL;
    if (key)
        json_array_append_new(keys, json_pack("{s:s, s:s}", "kind", kind, "key", key));
}

/* As it is written, in simplified forms, without rare variants, as it is spoken. Keys that are the same count once. */
static void add_name(json_t *keys, const char *name)
{
    if (!name)
        return;
    g_autofree char *simplified = da_han_simplified(name), *common = da_han_usual(name), *spoken = da_pinyin_name(name),
                    *usual = da_pinyin_usual(name), *initials = da_pinyin_initials(name);
    add(keys, "name", name);
    add(keys, "name", simplified);
    add(keys, "name", common);
    add(keys, "pinyin", spoken);
    add(keys, "pinyin", usual);
    add(keys, "initials", initials);
}

json_t *da_person_keys(const DaPerson *person)
{
    json_t *keys = json_array();
    add_name(keys, person->name);
    add_name(keys, person->former_name);
    add(keys, "id", person->id_number);
    add(keys, "employer", person->employer);
    return keys;
}
