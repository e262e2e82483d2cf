/* SPDX-License-Identifier: MIT */
#include "deploy/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A rename anywhere on the machine while ".." is followed makes the kernel give up with EAGAIN. */
enum { TRIES_MAX = 32 };

int tg_beneath_open(int top, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;

    /* Debian 12's C library has no function for it. */
    for (int i = 0; i < TRIES_MAX && fd < 0; i++) {
        fd = syscall(SYS_openat2, top, path, &how, sizeof(how));
        if (fd < 0 && errno != EAGAIN && errno != EINTR) {
            break;
        }
    }
    /* Older filters (seccomp) answer what they do not know with EPERM, which opening a file to
     * read it never gives. */
    if (fd < 0 && errno == EPERM) {
        errno = ENOSYS;
    }
    return (int)fd;
}
