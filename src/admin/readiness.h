/* SPDX-License-Identifier: MIT */
/* Whether new clients should be sent here, judged by what stands in the shared page.
 * Lives in: the admin process. Pure. */
#ifndef TG_ADMIN_READINESS_H
#define TG_ADMIN_READINESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/shared_page.h"

enum { TG_READINESS_SILENT_MS = 10000, TG_READINESS_TEXT_BYTES = 80 };

/* True, and "ready", when every worker serves, has given a sign of life within the last
 * TG_READINESS_SILENT_MS, and nothing drains. Else false and the reason. now_ms is monotonic. */
bool tg_readiness_judge(const struct tg_page *page, uint64_t now_ms,
                        char text[TG_READINESS_TEXT_BYTES]);

#endif
