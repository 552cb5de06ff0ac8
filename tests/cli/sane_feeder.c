/*
 * A SANE driver of a scanner with a duplex feeder, which SANE's own test driver has not. It is loaded by the real SANE (libsane-feeder.so.1 on
 * the library path, "feeder" in dll.conf) and takes sheets from a file.
 *
 * FEEDER_STACK    file with the number of sheets that lie in the feeder
 * FEEDER_FAIL     "SIDE STATUS ROW": in the SIDEth side of a session (from 1), before ROW, reading fails with that number
 * FEEDER_MS       how long a side takes
 * FEEDER_STYLE    "mode": the source is "ADF", an option adf-mode says simplex or duplex
 *
 * Sides are grey; each row holds the number of the side in the session, so that order and completeness can be seen.
 */
#include <sane/sane.h>
#include <sane/saneopts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 120
#define ROWS 200
#define ROW_BYTES 128 /* eight bytes of padding */

enum { COUNT, SOURCE, MODE, RESOLUTION, ADF_MODE, OPTIONS };

static SANE_String_Const sources[] = {"Flatbed", "ADF Front", "ADF Back", "ADF Duplex", NULL};
static SANE_String_Const plain_sources[] = {"Flatbed", "ADF", NULL};
static SANE_String_Const modes[] = {"Lineart", "True Gray", NULL};
static SANE_String_Const adf_modes[] = {"Simplex", "Duplex", NULL};
static const SANE_Word resolutions[] = {3, 200, 300, 600};

static SANE_Option_Descriptor options[OPTIONS] = {
    {"", "", "", SANE_TYPE_INT, SANE_UNIT_NONE, sizeof(SANE_Word), SANE_CAP_SOFT_DETECT, SANE_CONSTRAINT_NONE, {NULL}},
    {SANE_NAME_SCAN_SOURCE, "Source", "", SANE_TYPE_STRING, SANE_UNIT_NONE, 32,
     SANE_CAP_SOFT_SELECT | SANE_CAP_SOFT_DETECT, SANE_CONSTRAINT_STRING_LIST, {.string_list = sources}},
    {SANE_NAME_SCAN_MODE, "Mode", "", SANE_TYPE_STRING, SANE_UNIT_NONE, 32,
     SANE_CAP_SOFT_SELECT | SANE_CAP_SOFT_DETECT, SANE_CONSTRAINT_STRING_LIST, {.string_list = modes}},
    {SANE_NAME_SCAN_RESOLUTION, "Resolution", "", SANE_TYPE_INT, SANE_UNIT_DPI, sizeof(SANE_Word),
     SANE_CAP_SOFT_SELECT | SANE_CAP_SOFT_DETECT, SANE_CONSTRAINT_WORD_LIST, {.word_list = resolutions}},
    {"adf-mode", "Feeder", "", SANE_TYPE_STRING, SANE_UNIT_NONE, 32,
     SANE_CAP_SOFT_SELECT | SANE_CAP_SOFT_DETECT | SANE_CAP_INACTIVE, SANE_CONSTRAINT_STRING_LIST,
     {.string_list = adf_modes}},
};

static char text[OPTIONS][32] = {[SOURCE] = "Flatbed", [MODE] = "True Gray", [ADF_MODE] = "Simplex"};
static SANE_Word resolution = 200;
static int side, row, back_waits;

SANE_Status sane_feeder_init(SANE_Int *version, SANE_Auth_Callback authorize)
{
    (void)authorize;
    *version = SANE_VERSION_CODE(1, 0, 0);
    if (getenv("FEEDER_STYLE") && !strcmp(getenv("FEEDER_STYLE"), "mode")) {
        options[SOURCE].constraint.string_list = plain_sources;
        options[ADF_MODE].cap &= ~SANE_CAP_INACTIVE;
    }
    return SANE_STATUS_GOOD;
}

void sane_feeder_exit(void)
{
}

SANE_Status sane_feeder_get_devices(const SANE_Device ***list, SANE_Bool local)
{
    static const SANE_Device device = {"one", "Test", "feeder", "sheetfed scanner"};
    static const SANE_Device *devices[] = {&device, NULL};
    (void)local;
    *list = devices;
    return SANE_STATUS_GOOD;
}

SANE_Status sane_feeder_open(SANE_String_Const name, SANE_Handle *handle)
{
    if (strcmp(name, "one") && *name)
        return SANE_STATUS_INVAL;
    *handle = &side;
    return SANE_STATUS_GOOD;
}

void sane_feeder_close(SANE_Handle handle)
{
    (void)handle;
}

const SANE_Option_Descriptor *sane_feeder_get_option_descriptor(SANE_Handle handle, SANE_Int n)
{
    (void)handle;
    return n >= 0 && n < OPTIONS ? &options[n] : NULL;
}

SANE_Status sane_feeder_control_option(SANE_Handle handle, SANE_Int n, SANE_Action action, void *value, SANE_Int *info)
{
    SANE_Word count = OPTIONS, *word = n == RESOLUTION ? &resolution : &count;
    (void)handle;
    if (info)
        *info = 0;
    if (n < 0 || n >= OPTIONS || (n == COUNT && action != SANE_ACTION_GET_VALUE))
        return SANE_STATUS_INVAL;
    if (action == SANE_ACTION_GET_VALUE && options[n].type == SANE_TYPE_STRING)
        strcpy(value, text[n]);
    else if (action == SANE_ACTION_GET_VALUE)
        *(SANE_Word *)value = *word;
    else if (options[n].type == SANE_TYPE_STRING)
        snprintf(text[n], sizeof text[n], "%s", (const char *)value);
    else /* the nearest there is, as drivers do */
        resolution = *(SANE_Word *)value < 250 ? 200 : *(SANE_Word *)value < 450 ? 300 : 600;
    return SANE_STATUS_GOOD;
}

SANE_Status sane_feeder_get_parameters(SANE_Handle handle, SANE_Parameters *p)
{
    (void)handle;
    *p = (SANE_Parameters){SANE_FRAME_GRAY, SANE_TRUE, ROW_BYTES, WIDTH, ROWS, 8};
    return SANE_STATUS_GOOD;
}

static int take_sheet(void)
{
    int sheets = 0;
    FILE *file = fopen(getenv("FEEDER_STACK"), "r+");
    if (!file || fscanf(file, "%d", &sheets) != 1 || sheets == 0) {
        if (file)
            fclose(file);
        return 0;
    }
    rewind(file);
    fprintf(file, "%d \n", sheets - 1);
    fclose(file);
    return 1;
}

SANE_Status sane_feeder_start(SANE_Handle handle)
{
    (void)handle;
    int duplex = strstr(text[SOURCE], "Duplex") ||
                 (!strcmp(text[SOURCE], "ADF") && !strcmp(text[ADF_MODE], "Duplex"));
    if (strcmp(text[SOURCE], "Flatbed") && !back_waits && !take_sheet())
        return SANE_STATUS_NO_DOCS;
    back_waits = duplex && !back_waits;
    side++;
    row = 0;
    if (getenv("FEEDER_MS"))
        usleep(1000 * (unsigned)atoi(getenv("FEEDER_MS")));
    return SANE_STATUS_GOOD;
}

SANE_Status sane_feeder_read(SANE_Handle handle, SANE_Byte *data, SANE_Int size, SANE_Int *length)
{
    int fail_side = 0, status = 0, fail_row = 0;
    (void)handle;
    *length = 0;
    if (getenv("FEEDER_FAIL"))
        sscanf(getenv("FEEDER_FAIL"), "%d %d %d", &fail_side, &status, &fail_row);
    if (side == fail_side && row >= fail_row)
        return (SANE_Status)status;
    if (row == ROWS)
        return SANE_STATUS_EOF;
    for (; row < ROWS && *length + ROW_BYTES <= size && !(side == fail_side && row >= fail_row); row++, *length += ROW_BYTES)
        memset(data + *length, side, ROW_BYTES);
    return SANE_STATUS_GOOD;
}

void sane_feeder_cancel(SANE_Handle handle)
{
    (void)handle;
    back_waits = 0;
}

SANE_Status sane_feeder_set_io_mode(SANE_Handle handle, SANE_Bool non_blocking)
{
    (void)handle;
    return non_blocking ? SANE_STATUS_UNSUPPORTED : SANE_STATUS_GOOD;
}

SANE_Status sane_feeder_get_select_fd(SANE_Handle handle, SANE_Int *fd)
{
    (void)handle;
    (void)fd;
    return SANE_STATUS_UNSUPPORTED;
}
