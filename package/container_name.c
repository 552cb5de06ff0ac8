/* Names of members: their encoding, what is safe below a folder, and which are the same file on some system. */
#include "container.h"

#include <dangan/file.h>
#include <dangan/handle/fd.h>
#include <limits.h>
#include <string.h>

static char *show(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (char *p = valid; *p; p++)
        if (g_ascii_iscntrl(*p))
            *p = '?';
    return g_steal_pointer(&valid);
}

/* The name in UTF-8, or NULL after the fault. */
static char *to_utf8(DaUnpack *unpack, const char *raw, gsize length, gboolean is_utf8)
{
    if (g_utf8_validate(raw, (gssize)length, NULL))
        return g_strndup(raw, length);
    g_autofree char *bytes = g_strndup(raw, length);
    g_autofree char *shown = show(bytes);
    g_autofree char *name =
        is_utf8 || memchr(raw, '\0', length)
            ? NULL
            : g_convert(raw, (gssize)length, "UTF-8", "GB18030", NULL, NULL, NULL);
    if (name)
        da_unpack_fault(unpack, DA_CONTAINER_GBK, name, NULL);
    else
        da_unpack_fault(unpack, DA_CONTAINER_ENCODING, shown, NULL);
    return g_steal_pointer(&name);
}

static gboolean has_parent(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    return g_strv_contains((const char *const *)parts, "..");
}

static gboolean fits_disk(const char *name)
{
    guint depth = 0;
    for (const char *begin = name; begin; depth++) {
        const char *end = strchr(begin, '/');
        if ((end ? (gsize)(end - begin) : strlen(begin)) > NAME_MAX)
            return FALSE;
        begin = end ? end + 1 : NULL;
    }
    return depth <= DA_UNPACK_MAX_DEPTH && strlen(name) < PATH_MAX / 2;
}

static gboolean is_absolute(const char *name)
{
    return *name == '/' || (g_ascii_isalpha(name[0]) && name[1] == ':');
}

static gboolean is_safe(DaUnpack *unpack, const char *name, const char *shown)
{
    DaContainerFaultKind kind = DA_CONTAINER_FAULTS_N;
    if (is_absolute(name))
        kind = DA_CONTAINER_ABSOLUTE;
    else if (has_parent(name))
        kind = DA_CONTAINER_PARENT;
    else if (!da_path_is_safe(name) || !fits_disk(name))
        kind = DA_CONTAINER_UNSAFE;
    if (kind != DA_CONTAINER_FAULTS_N)
        da_unpack_fault(unpack, kind, shown, NULL);
    return kind == DA_CONTAINER_FAULTS_N;
}

/* What some file system takes for the same name: Windows and macOS fold case, macOS normalizes. Source: RFC 8493 §6.1.2, §6.1.3. */
static char *fold(const char *name)
{
    g_autofree char *composed = g_utf8_normalize(name, -1, G_NORMALIZE_NFC);
    g_autofree char *folded = g_utf8_casefold(composed, -1);
    return g_utf8_normalize(folded, -1, G_NORMALIZE_NFC);
}

/* Takes `name` (with a final `/` for a folder) into the table. FALSE after a fault. */
static gboolean claim(DaUnpack *unpack, const char *name, gsize length, gboolean is_folder)
{
    g_autofree char *plain = g_strndup(name, length);
    g_autofree char *key = fold(plain);
    g_autofree char *entry = g_strconcat(plain, is_folder ? "/" : "", NULL);
    const char *other = g_hash_table_lookup(unpack->names, key);
    if (!other) {
        g_hash_table_insert(unpack->names, g_steal_pointer(&key), g_steal_pointer(&entry));
        return TRUE;
    }
    if (is_folder && !strcmp(other, entry))
        return TRUE;
    gboolean same =
        !strncmp(other, plain, length) && (other[length] == '\0' || !strcmp(other + length, "/"));
    da_unpack_fault(unpack, same ? DA_CONTAINER_DUPLICATE : DA_CONTAINER_COLLISION, plain, "%s",
                    other);
    return FALSE;
}

/* The folders on the way are members too, whether the archive names them or not. */
static gboolean claim_all(DaUnpack *unpack, const char *name, gboolean is_folder)
{
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/'))
        if (!claim(unpack, name, (gsize)(slash - name), TRUE))
            return FALSE;
    return claim(unpack, name, strlen(name), is_folder);
}

/* `tar cf x.tar ./ID` and `tar cf x.tar .` are common and harmless. */
static char *strip_dots(const char *name)
{
    while (g_str_has_prefix(name, "./"))
        name += 2;
    return g_strdup(!strcmp(name, ".") ? "" : name);
}

static char *strip_slash(char *name)
{
    gsize length = strlen(name);
    while (length > 1 && name[length - 1] == '/')
        name[--length] = '\0';
    return name;
}

void da_member_name(DaUnpack *unpack, const char *raw, gsize length, gboolean is_utf8,
                    gboolean is_zip, DaMember *member)
{
    g_autofree char *text = to_utf8(unpack, raw, length, is_utf8);
    if (!text) {
        g_autofree char *bytes = g_strndup(raw, length);
        member->shown = show(bytes);
        return;
    }
    member->shown = show(text);
    if (is_zip && strchr(text, '\\')) {
        da_unpack_fault(unpack, DA_CONTAINER_BACKSLASH, member->shown, NULL);
        g_strdelimit(text, "\\", '/');
    }
    member->is_folder |= g_str_has_suffix(text, "/");
    g_autofree char *name = strip_slash(strip_dots(text));
    if (!*name && member->is_folder)
        return; /* the root itself */
    if (is_safe(unpack, name, member->shown) && claim_all(unpack, name, member->is_folder))
        member->path = g_steal_pointer(&name);
}

void da_member_clear(DaMember *member)
{
    g_clear_pointer(&member->path, g_free);
    g_clear_pointer(&member->shown, g_free);
    da_fd_clear(&member->fd);
}
