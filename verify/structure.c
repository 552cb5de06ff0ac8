#include "structure.h"

#include <string.h>

static void fault_free(gpointer data)
{
    DaWalkFault *fault = data;
    g_free(fault->found);
    g_free(fault);
}

static void put_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static json_t *faults_to_json(const DaWalk *walk)
{
    json_t *list = json_array();
    for (guint i = 0; i < walk->faults->len; i++) {
        const DaWalkFault *fault = walk->faults->pdata[i];
        g_autofree char *found = g_utf8_make_valid(fault->found, -1);
        json_array_append_new(list, json_pack("[s,I,s]", da_walk_kind_name(fault->kind),
                                              (json_int_t)fault->offset, found));
    }
    return list;
}

json_t *da_structure_to_json(const DaWalk *walk)
{
    json_t *object = json_pack(
        "{s:i,s:I,s:I,s:i,s:i,s:s,s:i,s:i,s:i,s:b,s:b,s:b,s:i,s:b,s:b,s:b,s:b,s:i,s:o}", "format",
        (int)walk->format, "count", (json_int_t)walk->fault_count, "trailing",
        (json_int_t)walk->trailing_bytes, "images", (int)walk->images, "process",
        (int)walk->process, "sampling", walk->sampling, "scans", (int)walk->scans, "restart",
        (int)walk->restart_interval, "quality", (int)walk->quality.quality, "standard",
        walk->quality.standard, "jfif", walk->has_jfif, "adobe", walk->has_adobe, "compression",
        (int)walk->compression, "big_endian", walk->big_endian, "big_tiff", walk->is_big_tiff,
        "tiled", walk->is_tiled, "gps", walk->has_gps, "orientation", (int)walk->orientation,
        "faults", faults_to_json(walk));
    put_text(object, "make", walk->make);
    put_text(object, "model", walk->model);
    put_text(object, "software", walk->software);
    put_text(object, "comment", walk->comment);
    return object;
}

static guint64 number(const json_t *object, const char *key)
{
    return (guint64)json_integer_value(json_object_get(object, key));
}

static gboolean is(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static char *text(const json_t *object, const char *key)
{
    return g_strdup(json_string_value(json_object_get(object, key)));
}

static GPtrArray *faults_from_json(const json_t *list)
{
    GPtrArray *faults = g_ptr_array_new_with_free_func(fault_free);
    for (gsize i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        DaWalkFault *fault = g_new0(DaWalkFault, 1);
        const char *name = json_string_value(json_array_get(item, 0));
        if (!name || !da_walk_kind_by_name(name, &fault->kind)) {
            g_free(fault);
            continue;
        }
        fault->offset = (guint64)json_integer_value(json_array_get(item, 1));
        fault->found = g_strdup(json_string_value(json_array_get(item, 2)));
        g_ptr_array_add(faults, fault);
    }
    return faults;
}

DaWalk *da_structure_from_json(const json_t *object)
{
    if (!object)
        return NULL;
    DaWalk *walk = g_new0(DaWalk, 1);
    *walk = (DaWalk){
        .format = (DaImageFormat)number(object, "format"),
        .faults = faults_from_json(json_object_get(object, "faults")),
        .fault_count = number(object, "count"),
        .trailing_bytes = number(object, "trailing"),
        .images = (guint)number(object, "images"),
        .process = (guint)number(object, "process"),
        .scans = (guint)number(object, "scans"),
        .restart_interval = (guint)number(object, "restart"),
        .quality = {(guint)number(object, "quality"), is(object, "standard")},
        .has_jfif = is(object, "jfif"),
        .has_adobe = is(object, "adobe"),
        .big_endian = is(object, "big_endian"),
        .is_big_tiff = is(object, "big_tiff"),
        .is_tiled = is(object, "tiled"),
        .compression = (guint)number(object, "compression"),
        .make = text(object, "make"),
        .model = text(object, "model"),
        .software = text(object, "software"),
        .comment = text(object, "comment"),
        .has_gps = is(object, "gps"),
        .orientation = (guint)number(object, "orientation"),
    };
    const char *sampling = json_string_value(json_object_get(object, "sampling"));
    g_strlcpy(walk->sampling, sampling ? sampling : "", sizeof walk->sampling);
    return walk;
}

char *da_structure_of(const DaWalk *walk)
{
    for (guint i = 0; walk && i < walk->faults->len; i++) {
        const DaWalkFault *fault = walk->faults->pdata[i];
        if (da_walk_kind_severity(fault->kind) >= DA_WALK_ERROR)
            return g_strdup_printf("%s at byte %" G_GUINT64_FORMAT " (%s)",
                                   da_walk_kind_text(fault->kind), fault->offset, fault->found);
    }
    return NULL;
}
