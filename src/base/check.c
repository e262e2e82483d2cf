/* SPDX-License-Identifier: MIT */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

static const char LOG_MODULE[] = "check";

void tg_require_failed(const char *what, const char *file, int line)
{
    (void)fprintf(stderr, "tidegate: %s:%d: does not hold: %s\n", file, line, what);
    abort();
}

bool tg_check_failed(const char *what, const char *file, int line)
{
    TG_LOG_ERROR("an inner rule does not hold", "rule=%s place=%s:%d", what, file, line);
    return false;
}
