/* SPDX-License-Identifier: MIT */
/* What a worker counts, and under which name Prometheus sees it.
 * Lives in: a worker counts, the admin process reads. */
#ifndef TG_HUB_COUNTER_H
#define TG_HUB_COUNTER_H

#include "core/metrics.h"
#include "hub/close_reason.h"
#include "hub/refusal.h"

enum tg_ignored {
#define TG_IGNORED(name, label, code) TG_IGNORED_##name,
#include "hub/ignored.def"
#undef TG_IGNORED
    TG_IGNORED_COUNT
};

/* Slots in a row of the shared page. */
enum tg_counter {
#define TG_COUNTER(name, series, kind, help) TG_COUNT_##name,
#include "hub/counter.def"
#undef TG_COUNTER
    TG_COUNT_CLOSED,                                                 /* + enum tg_close_reason */
    TG_COUNT_REFUSED = TG_COUNT_CLOSED + (int)TG_CLOSE_REASON_COUNT, /* + enum tg_refusal */
    TG_COUNT_IGNORED = TG_COUNT_REFUSED + (int)TG_REFUSAL_COUNT,     /* + enum tg_ignored */
    TG_COUNT_ALL = TG_COUNT_IGNORED + (int)TG_IGNORED_COUNT
};

/* The stable code a message ignored for this reason is answered with. Static. */
const char *tg_ignored_code(enum tg_ignored reason);

/* All series, indexed by enum tg_counter. Static. */
const struct tg_metric *tg_counter_table(void);

#endif
