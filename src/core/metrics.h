/* SPDX-License-Identifier: MIT */
/* Prometheus text exposition (version 0.0.4) of the counters in the shared page.
 * Lives in: the admin process, the test kit. The names come from the caller's table. */
#ifndef TG_CORE_METRICS_H
#define TG_CORE_METRICS_H

#include <stdint.h>

#include "base/buf.h"
#include "core/shared_page.h"

enum tg_metric_kind { TG_METRIC_COUNTER, TG_METRIC_GAUGE };

/* One series: the slot in a row is the index in the table. Series of one family stand together;
 * help and kind are those of the family's first. */
struct tg_metric {
    const char *name;   /* ws_messages_in_total */
    const char *labels; /* reason="idle"; NULL: none */
    enum tg_metric_kind kind;
    const char *help;
};

/* Begins a family: its HELP, escaped, and its TYPE. */
void tg_metrics_begin(struct tg_buf *out, const char *name, enum tg_metric_kind kind,
                      const char *help);

/* One sample of the family that was begun. labels as in struct tg_metric; NULL: none. */
void tg_metrics_add(struct tg_buf *out, const char *name, const char *labels, uint64_t value);

/* Appends name="value" with the value escaped, for labels that aren't fixed text. */
void tg_metrics_add_label(struct tg_buf *out, const char *name, struct tg_str value);

/* Appends the exposition of all series, each summed over the workers. */
void tg_metrics_write(struct tg_buf *out, const struct tg_metric *table, uint32_t count,
                      const struct tg_page *page);

#endif
