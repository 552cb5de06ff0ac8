#include "onnx.h"

#include <dangan/error.h>
#include <dlfcn.h>
#include <elf.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* --- the interface of ONNX Runtime in C --------------------------------------------------------------------------- */

typedef struct OrtStatus OrtStatus;
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtAllocator OrtAllocator;
typedef struct OrtValue OrtValue;
typedef struct OrtTensorInfo OrtTensorInfo;

#define ORT_API 1
#define ORT_LOG_FATAL 4 /* what goes wrong comes back as a status */
#define ORT_OPTIMIZE_ALL 99
#define ORT_FLOAT 1
#define ORT_DEVICE_ALLOCATOR 0
#define ORT_MEMORY_DEFAULT 0

/* The table of functions only ever grows at its end; the numbers are the slots of version 1. Source: onnxruntime_c_api.h. */
typedef struct {
    gpointer before_2[2];
    const char *(*get_error_message)(const OrtStatus *); /* 2 */
    OrtStatus *(*create_env)(int, const char *, OrtEnv **);
    gpointer before_7[3];
    OrtStatus *(*create_session)(const OrtEnv *, const char *, const OrtSessionOptions *,
                                 OrtSession **); /* 7 */
    gpointer before_9[1];
    OrtStatus *(*run)(OrtSession *, gconstpointer, const char *const *, const OrtValue *const *,
                      size_t, const char *const *, size_t, OrtValue **); /* 9 */
    OrtStatus *(*create_session_options)(OrtSessionOptions **);
    gpointer before_17[6];
    OrtStatus *(*disable_memory_pattern)(OrtSessionOptions *); /* 17 */
    gpointer before_19[1];
    OrtStatus *(*disable_arena)(OrtSessionOptions *); /* 19 */
    gpointer before_23[3];
    OrtStatus *(*set_optimization)(OrtSessionOptions *, int); /* 23 */
    OrtStatus *(*set_threads)(OrtSessionOptions *, int);
    gpointer before_30[5];
    OrtStatus *(*count_inputs)(const OrtSession *, size_t *); /* 30 */
    OrtStatus *(*count_outputs)(const OrtSession *, size_t *);
    gpointer before_36[4];
    OrtStatus *(*get_input_name)(const OrtSession *, size_t, OrtAllocator *, char **); /* 36 */
    OrtStatus *(*get_output_name)(const OrtSession *, size_t, OrtAllocator *, char **);
    gpointer before_49[11];
    OrtStatus *(*make_tensor)(const OrtMemoryInfo *, void *, size_t, const gint64 *, size_t, int,
                              OrtValue **); /* 49 */
    gpointer before_51[1];
    OrtStatus *(*get_data)(OrtValue *, void **); /* 51 */
    gpointer before_60[8];
    OrtStatus *(*get_element_type)(const OrtTensorInfo *, int *); /* 60 */
    OrtStatus *(*count_dimensions)(const OrtTensorInfo *, size_t *);
    OrtStatus *(*get_dimensions)(const OrtTensorInfo *, gint64 *, size_t);
    gpointer before_65[2];
    OrtStatus *(*get_tensor_info)(const OrtValue *, OrtTensorInfo **); /* 65 */
    gpointer before_69[3];
    OrtStatus *(*make_cpu_memory)(int, int, OrtMemoryInfo **); /* 69 */
    gpointer before_76[6];
    OrtStatus *(*allocator_free)(OrtAllocator *, void *); /* 76 */
    gpointer before_78[1];
    OrtStatus *(*get_allocator)(OrtAllocator **); /* 78 */
    gpointer before_92[13];
    void (*release_env)(OrtEnv *); /* 92 */
    void (*release_status)(OrtStatus *);
    void (*release_memory)(OrtMemoryInfo *);
    void (*release_session)(OrtSession *);
    void (*release_value)(OrtValue *);
    gpointer before_99[2];
    void (*release_tensor_info)(OrtTensorInfo *); /* 99 */
    void (*release_session_options)(OrtSessionOptions *);
} OrtApi;

#define SLOT_IS(member, number)                                                                    \
    _Static_assert(offsetof(OrtApi, member) == (number) * sizeof(gpointer), #member)
SLOT_IS(create_env, 3);
SLOT_IS(create_session_options, 10);
SLOT_IS(set_threads, 24);
SLOT_IS(get_output_name, 37);
SLOT_IS(get_data, 51);
SLOT_IS(get_tensor_info, 65);
SLOT_IS(get_allocator, 78);
SLOT_IS(release_session_options, 100);

typedef struct {
    const OrtApi *(*get_api)(guint32);
    const char *(*get_version)(void);
} OrtApiBase;

/* --- the library ---------------------------------------------------------------------------------------------------- */

struct DaOnnx {
    const OrtApi *api;
    const char *version;
    OrtEnv *env;
    OrtMemoryInfo *memory;
    OrtAllocator *allocator; /* the library's own */
};

struct DaOnnxModel {
    DaOnnx *onnx;
    OrtSession *session;
    char *input, *output;
};

/* TRUE when `status` is none; else its words become the error's, behind `doing`. */
static gboolean is_ok(const DaOnnx *onnx, OrtStatus *status, DaErrorCode code, const char *doing,
                      GError **error)
{
    if (status == NULL)
        return TRUE;
    da_error_set(error, code, "%s: %s", doing, onnx->api->get_error_message(status));
    onnx->api->release_status(status);
    return FALSE;
}

static const OrtApiBase *find_interface(void *library)
{
    const OrtApiBase *(*get_base)(void) = NULL;
    void *found = dlsym(library, "OrtGetApiBase");
    memcpy(&get_base, &found, sizeof get_base);
    return get_base ? get_base() : NULL;
}

static void close_file(FILE *file)
{
    fclose(file);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FILE, close_file)

/* The loader maps what the headers promise; touching what a truncated file does not have would end the process. */
static gboolean is_whole(const char *path)
{
    g_autoptr(FILE) file = fopen(path, "rbe");
    Elf64_Ehdr head;
    if (file == NULL || fread(&head, sizeof head, 1, file) != 1 ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
        fseek(file, 0, SEEK_END) != 0)
        return FALSE;
    guint64 size = (guint64)ftell(file), from = head.e_phoff;
    for (guint i = 0; i < head.e_phnum; i++, from += head.e_phentsize) {
        Elf64_Phdr part;
        if (fseek(file, (long)from, SEEK_SET) != 0 || fread(&part, sizeof part, 1, file) != 1 ||
            part.p_offset > size || part.p_filesz > size - part.p_offset)
            return FALSE;
    }
    return TRUE;
}

static gboolean prepare(DaOnnx *onnx, GError **error)
{
    const OrtApi *api = onnx->api;
    const char *doing = "cannot start ONNX Runtime";
    return is_ok(onnx, api->create_env(ORT_LOG_FATAL, "dangan", &onnx->env), DA_ERROR_SYSTEM, doing,
                 error) &&
           is_ok(onnx,
                 api->make_cpu_memory(ORT_DEVICE_ALLOCATOR, ORT_MEMORY_DEFAULT, &onnx->memory),
                 DA_ERROR_SYSTEM, doing, error) &&
           is_ok(onnx, api->get_allocator(&onnx->allocator), DA_ERROR_SYSTEM, doing, error);
}

DaOnnx *da_onnx_open(const char *path, GError **error)
{
    if (strchr(path, '/') != NULL && !is_whole(path)) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "'%s' is no library, or not a whole one", path);
        return NULL;
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "ONNX Runtime cannot be loaded: %s", dlerror());
        return NULL;
    }
    const OrtApiBase *base = find_interface(library);
    const OrtApi *api = base ? base->get_api(ORT_API) : NULL;
    if (api == NULL) {
        da_error_set(error, DA_ERROR_NOT_FOUND, "'%s' is no ONNX Runtime", path);
        dlclose(library);
        return NULL;
    }
    g_autoptr(DaOnnx) onnx = g_new0(DaOnnx, 1);
    onnx->api = api;
    onnx->version = base->get_version();
    dlclose(library); /* it stays: RTLD_NODELETE */
    return prepare(onnx, error) ? g_steal_pointer(&onnx) : NULL;
}

void da_onnx_close(DaOnnx *onnx)
{
    if (onnx == NULL)
        return;
    if (onnx->memory != NULL)
        onnx->api->release_memory(onnx->memory);
    if (onnx->env != NULL)
        onnx->api->release_env(onnx->env);
    g_free(onnx);
}

const char *da_onnx_version(const DaOnnx *onnx)
{
    return onnx->version;
}

/* --- a model ---------------------------------------------------------------------------------------------------------- */

/* Every page has another size: patterns of memory would be kept for each, and an arena only grows. */
static OrtSessionOptions *make_options(const DaOnnx *onnx, GError **error)
{
    const OrtApi *api = onnx->api;
    OrtSessionOptions *options = NULL;
    const char *doing = "cannot set up ONNX Runtime";
    if (!is_ok(onnx, api->create_session_options(&options), DA_ERROR_SYSTEM, doing, error))
        return NULL;
    if (is_ok(onnx, api->set_threads(options, 1), DA_ERROR_SYSTEM, doing, error) &&
        is_ok(onnx, api->set_optimization(options, ORT_OPTIMIZE_ALL), DA_ERROR_SYSTEM, doing,
              error) &&
        is_ok(onnx, api->disable_memory_pattern(options), DA_ERROR_SYSTEM, doing, error) &&
        is_ok(onnx, api->disable_arena(options), DA_ERROR_SYSTEM, doing, error))
        return options;
    api->release_session_options(options);
    return NULL;
}

static gboolean create_session(DaOnnxModel *model, const char *path, GError **error)
{
    const OrtApi *api = model->onnx->api;
    g_autofree char *doing = g_strdup_printf("cannot load the model '%s'", path);
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return da_error_set(error, DA_ERROR_NOT_FOUND, "%s: it is not there", doing);
    OrtSessionOptions *options = make_options(model->onnx, error);
    if (options == NULL)
        return FALSE;
    gboolean created =
        is_ok(model->onnx, api->create_session(model->onnx->env, path, options, &model->session),
              DA_ERROR_NOT_FOUND, doing, error);
    api->release_session_options(options);
    return created;
}

static gboolean learn_names(DaOnnxModel *model, const char *path, GError **error)
{
    const OrtApi *api = model->onnx->api;
    OrtAllocator *allocator = model->onnx->allocator;
    size_t inputs = 0, outputs = 0;
    g_autofree char *doing = g_strdup_printf("cannot use the model '%s'", path);
    if (!is_ok(model->onnx, api->count_inputs(model->session, &inputs), DA_ERROR_NOT_FOUND, doing,
               error) ||
        !is_ok(model->onnx, api->count_outputs(model->session, &outputs), DA_ERROR_NOT_FOUND, doing,
               error))
        return FALSE;
    if (inputs != 1 || outputs != 1)
        return da_error_set(error, DA_ERROR_NOT_FOUND, "%s: it has %zu inputs and %zu outputs",
                            doing, inputs, outputs);
    return is_ok(model->onnx, api->get_input_name(model->session, 0, allocator, &model->input),
                 DA_ERROR_NOT_FOUND, doing, error) &&
           is_ok(model->onnx, api->get_output_name(model->session, 0, allocator, &model->output),
                 DA_ERROR_NOT_FOUND, doing, error);
}

DaOnnxModel *da_onnx_model_load(DaOnnx *onnx, const char *path, GError **error)
{
    g_autoptr(DaOnnxModel) model = g_new0(DaOnnxModel, 1);
    model->onnx = onnx;
    if (!create_session(model, path, error) || !learn_names(model, path, error))
        return NULL;
    return g_steal_pointer(&model);
}

static void free_name(const DaOnnx *onnx, char *name)
{
    OrtStatus *status = name ? onnx->api->allocator_free(onnx->allocator, name) : NULL;
    if (status != NULL)
        onnx->api->release_status(status);
}

void da_onnx_model_close(DaOnnxModel *model)
{
    if (model == NULL)
        return;
    free_name(model->onnx, model->input);
    free_name(model->onnx, model->output);
    if (model->session != NULL)
        model->onnx->api->release_session(model->session);
    g_free(model);
}

/* --- a run ------------------------------------------------------------------------------------------------------------ */

static gboolean read_shape(const DaOnnx *onnx, const OrtTensorInfo *info, DaOnnxAnswer *answer,
                           GError **error)
{
    const OrtApi *api = onnx->api;
    const char *doing = "cannot read the answer of a model";
    int type = 0;
    size_t rank = 0;
    if (!is_ok(onnx, api->get_element_type(info, &type), DA_ERROR_SYSTEM, doing, error) ||
        !is_ok(onnx, api->count_dimensions(info, &rank), DA_ERROR_SYSTEM, doing, error))
        return FALSE;
    if (type != ORT_FLOAT || rank > DA_ONNX_MAX_RANK)
        return da_error_set(error, DA_ERROR_SYSTEM, "%s: it has %zu dimensions of type %d", doing,
                            rank, type);
    answer->rank = (guint)rank;
    return is_ok(onnx, api->get_dimensions(info, answer->size, rank), DA_ERROR_SYSTEM, doing,
                 error);
}

static gboolean read_answer(DaOnnx *onnx, DaOnnxAnswer *answer, GError **error)
{
    const OrtApi *api = onnx->api;
    const char *doing = "cannot read the answer of a model";
    OrtTensorInfo *info = NULL;
    void *data = NULL;
    if (!is_ok(onnx, api->get_tensor_info(answer->value, &info), DA_ERROR_SYSTEM, doing, error))
        return FALSE;
    gboolean read = read_shape(onnx, info, answer, error) &&
                    is_ok(onnx, api->get_data(answer->value, &data), DA_ERROR_SYSTEM, doing, error);
    api->release_tensor_info(info);
    answer->data = data;
    return read;
}

gboolean da_onnx_model_run(DaOnnxModel *model, float *input, guint channels, guint height,
                           guint width, DaOnnxAnswer *answer, GError **error)
{
    const OrtApi *api = model->onnx->api;
    const gint64 size[4] = {1, channels, height, width};
    const char *doing = "cannot run a model";
    OrtValue *tensor = NULL, *value = NULL;
    *answer = (DaOnnxAnswer){.owner = model->onnx};
    if (!is_ok(model->onnx,
               api->make_tensor(model->onnx->memory, input,
                                sizeof *input * channels * height * width, size, 4, ORT_FLOAT,
                                &tensor),
               DA_ERROR_SYSTEM, doing, error))
        return FALSE;
    OrtStatus *status = api->run(model->session, NULL, (const char *const *)&model->input,
                                 (const OrtValue *const *)&tensor, 1,
                                 (const char *const *)&model->output, 1, &value);
    api->release_value(tensor);
    answer->value = value;
    if (is_ok(model->onnx, status, DA_ERROR_SYSTEM, doing, error) &&
        read_answer(model->onnx, answer, error))
        return TRUE;
    da_onnx_answer_clear(answer);
    return FALSE;
}

void da_onnx_answer_clear(DaOnnxAnswer *answer)
{
    const DaOnnx *onnx = answer->owner;
    if (answer->value != NULL)
        onnx->api->release_value(answer->value);
    *answer = (DaOnnxAnswer){0};
}
