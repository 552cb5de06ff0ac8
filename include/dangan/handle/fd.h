/* Closes a file descriptor at the end of its block. Where close() can lose data (writing), close with da_fd_close and look. */
#pragma once

#include <glib.h>
#include <unistd.h>

/* Closes `*fd` unless it is -1, and makes it -1. FALSE with errno set when close says that a write was lost. */
static inline gboolean da_fd_close(int *fd)
{
    int closing = *fd;
    *fd = -1;
    return closing < 0 || close(closing) == 0;
}

static inline void da_fd_clear(int *fd)
{
    (void)da_fd_close(fd);
}

/* Declare as `da_autofd int fd = open(…)`. */
#define da_autofd __attribute__((cleanup(da_fd_clear)))
