/* SPDX-License-Identifier: MIT */
#include "descriptor_limit.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

enum { DESCRIPTORS_MAX = 1 << 20 };

int tg_descriptor_limit_raise(struct tg_errmsg *msg)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "descriptor limit: %s", strerror(errno));
    }
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "descriptor limit: %s", strerror(errno));
    }
    return TG_OK;
}
