#include <dangan/error.h>

#include <errno.h>
#include <stdarg.h>

G_DEFINE_QUARK(dangan_error, da_error)

typedef struct {
    int exit_status;
    unsigned http_status;
} Answer;

static const Answer answers[] = {
    [DA_ERROR_USAGE] = {2, 400},  [DA_ERROR_INPUT] = {2, 400},
    [DA_ERROR_LIMIT] = {2, 413},  [DA_ERROR_NOT_FOUND] = {2, 404},
    [DA_ERROR_DENIED] = {2, 403}, [DA_ERROR_CONFLICT] = {2, 409},
    [DA_ERROR_PART] = {3, 500},   [DA_ERROR_CANCELLED] = {130, 503},
    [DA_ERROR_DISK] = {4, 507},   [DA_ERROR_DATABASE] = {4, 503},
    [DA_ERROR_SYSTEM] = {4, 500},
};

static const Answer *answer_for(const GError *error)
{
    gboolean known =
        error->domain == DA_ERROR && error->code >= 0 && (gsize)error->code < G_N_ELEMENTS(answers);
    return &answers[known ? error->code : DA_ERROR_SYSTEM];
}

int da_error_exit_status(const GError *error)
{
    return error == NULL ? 0 : answer_for(error)->exit_status;
}

unsigned da_error_http_status(const GError *error)
{
    return error == NULL ? 200 : answer_for(error)->http_status;
}

static DaErrorCode code_for_errno(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case EROFS:
        return DA_ERROR_DISK;
    case ENOENT:
    case ENOTDIR:
        return DA_ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
        return DA_ERROR_DENIED;
    default:
        return DA_ERROR_SYSTEM;
    }
}

gboolean da_error_set_errno(GError **error, int errnum, const char *format, ...)
{
    if (error == NULL)
        return FALSE;
    va_list args;
    va_start(args, format);
    g_autofree char *tried = g_strdup_vprintf(format, args);
    va_end(args);
    gboolean full = errnum == ENOSPC || errnum == EDQUOT;
    const char *advice = full ? "; free space and run the same command again" : "";
    g_set_error(error, DA_ERROR, code_for_errno(errnum), "%s: %s%s", tried, g_strerror(errnum),
                advice);
    return FALSE;
}

gboolean da_error_set(GError **error, DaErrorCode code, const char *format, ...)
{
    if (error == NULL)
        return FALSE;
    va_list args;
    va_start(args, format);
    g_propagate_error(error, g_error_new_valist(DA_ERROR, (int)code, format, args));
    va_end(args);
    return FALSE;
}
