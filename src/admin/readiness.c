/* SPDX-License-Identifier: MIT */
#include "admin/readiness.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_row_ready(const struct tg_page_row *row, uint32_t number, uint64_t now_ms,
                         char text[TG_READINESS_TEXT_BYTES])
{
    uint32_t phase = atomic_load(&row->phase);
    uint64_t heartbeat_ms = atomic_load(&row->heartbeat_ms);
    uint64_t silent_ms = now_ms > heartbeat_ms ? now_ms - heartbeat_ms : 0;

    if (phase == TG_WORKER_DRAINING) {
        (void)snprintf(text, TG_READINESS_TEXT_BYTES, "worker %" PRIu32 " is draining", number);
        return false;
    }
    if (phase != TG_WORKER_SERVING) {
        (void)snprintf(text, TG_READINESS_TEXT_BYTES, "worker %" PRIu32 " is starting", number);
        return false;
    }
    if (silent_ms >= TG_READINESS_SILENT_MS) {
        (void)snprintf(text, TG_READINESS_TEXT_BYTES,
                       "worker %" PRIu32 " is silent since %" PRIu64 " ms", number, silent_ms);
        return false;
    }
    return true;
}

bool tg_readiness_judge(const struct tg_page *page, uint64_t now_ms,
                        char text[TG_READINESS_TEXT_BYTES])
{
    if (atomic_load(&page->is_draining)) {
        (void)snprintf(text, TG_READINESS_TEXT_BYTES, "draining");
        return false;
    }
    for (uint32_t i = 0; i < page->worker_count; i++) {
        if (!is_row_ready(&page->rows[i], i + 1, now_ms, text)) {
            return false;
        }
    }
    (void)snprintf(text, TG_READINESS_TEXT_BYTES, "ready");
    return true;
}
