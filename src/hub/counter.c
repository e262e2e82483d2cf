/* SPDX-License-Identifier: MIT */
#include "hub/counter.h"

_Static_assert((int)TG_COUNT_ALL <= (int)TG_PAGE_COUNTERS_MAX, "the shared page has too few slots");

static const struct tg_metric table[] = {
#define TG_COUNTER(name, series, kind, help) {series, NULL, TG_METRIC_##kind, help},
#include "hub/counter.def"
#undef TG_COUNTER
#define TG_CLOSE_REASON(name, label, code, is_error, text)         \
    {"ws_closed_total", "reason=\"" label "\"", TG_METRIC_COUNTER, \
     "Connections that ended, by reason."},
#include "hub/close_reason.def"
#undef TG_CLOSE_REASON
#define TG_REFUSAL(name, label, status, body)                                  \
    {"ws_handshakes_refused_total", "reason=\"" label "\"", TG_METRIC_COUNTER, \
     "Handshakes that were refused, by reason."},
#include "hub/refusal.def"
#undef TG_REFUSAL
#define TG_IGNORED(name, label, code)                                        \
    {"ws_messages_ignored_total", "reason=\"" label "\"", TG_METRIC_COUNTER, \
     "Messages that reached no handler, by reason."},
#include "hub/ignored.def"
#undef TG_IGNORED
};

static const char *const ignored_codes[] = {
#define TG_IGNORED(name, label, code) code,
#include "hub/ignored.def"
#undef TG_IGNORED
};

const char *tg_ignored_code(enum tg_ignored reason)
{
    return ignored_codes[reason];
}

const struct tg_metric *tg_counter_table(void)
{
    return table;
}
