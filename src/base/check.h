/* SPDX-License-Identifier: MIT */
/* What can never happen. tg_require aborts in every build: going on would be worse.
 * tg_check logs, counts and gives false, so that the caller can recover.
 * Lives in: every process. */
#ifndef TG_BASE_CHECK_H
#define TG_BASE_CHECK_H

#include <stdbool.h>

/* Says on standard error what did not hold, and aborts. */
__attribute__((noreturn)) void tg_require_failed(const char *what, const char *file, int line);

/* Logs at error level what did not hold. Returns false. */
bool tg_check_failed(const char *what, const char *file, int line);

#define tg_require(condition) \
    ((condition) ? (void)0 : tg_require_failed(#condition, __FILE__, __LINE__))
#define tg_check(condition) ((condition) ? true : tg_check_failed(#condition, __FILE__, __LINE__))

#endif
