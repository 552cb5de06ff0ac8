/*
 * Models in ONNX, run by ONNX Runtime. The library is loaded when it is asked for and never linked, so the program has no need of it;
 * what of its C interface is used stands in onnx.c.
 *
 * One thread, the caller's: worker processes share out the cores. Not thread-safe.
 */
#pragma once

#include <glib.h>

#define DA_ONNX_MAX_RANK 4

typedef struct DaOnnx DaOnnx;
typedef struct DaOnnxModel DaOnnxModel;

/* What a model answered: `data` in the order of `size`, borrowed until da_onnx_answer_clear(). */
typedef struct {
    const float *data;
    guint rank;
    gint64 size[DA_ONNX_MAX_RANK];
    gpointer owner, value;
} DaOnnxAnswer;

/* Loads the library at `path` (a path, or a name that the system's loader knows). DA_ERROR_NOT_FOUND when it is not there or is
 * no ONNX Runtime. The code of the library stays in the process after da_onnx_close(). */
DaOnnx *da_onnx_open(const char *path, GError **error);
void da_onnx_close(DaOnnx *onnx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaOnnx, da_onnx_close)

/* "1.30.0"; borrowed. */
const char *da_onnx_version(const DaOnnx *onnx);

/* Loads a model of one input and one output, both of floats. It must be closed before `onnx`. DA_ERROR_NOT_FOUND when the file is
 * not there or holds no such model. */
DaOnnxModel *da_onnx_model_load(DaOnnx *onnx, const char *path, GError **error);
void da_onnx_model_close(DaOnnxModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DaOnnxModel, da_onnx_model_close)

/* Runs a model on `input` of 1 × `channels` × `height` × `width` floats. DA_ERROR_SYSTEM with the words of the runtime. */
gboolean da_onnx_model_run(DaOnnxModel *model, float *input, guint channels, guint height, guint width, DaOnnxAnswer *answer,
                           GError **error);
void da_onnx_answer_clear(DaOnnxAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DaOnnxAnswer, da_onnx_answer_clear)
