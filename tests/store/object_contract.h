/*
 * What every object store promises (dangan/object.h), as tests that take a backend. A backend's own test program says how to make an empty
 * place for objects, how to open it and how to harm it, and adds what only it promises.
 */
#pragma once

#include <dangan/object.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct {
    const char *name;
    /* An empty place: a folder, a bucket. The caller frees the text. */
    char *(*make)(void);
    void (*destroy)(const char *place);
    /* As another process opens it. */
    DaObjectStore *(*open)(const char *place, GError **error);
    /* Changes a byte of an object where it lies. */
    void (*damage)(const char *place, const char *sha256);
    /* Puts something among the objects that is none, so that it sorts behind them. */
    void (*litter)(const char *place);
    /* How many stages lie there. */
    guint (*staged)(const char *place);
} ContractBackend;

/* Runs all of them, then the backend's own; the number of failures. */
int object_contract_run(const ContractBackend *backend, const struct CMUnitTest *own, gsize n);
