/* SPDX-License-Identifier: MIT */
#include "core/metrics.h"

#include <inttypes.h>
#include <string.h>

/* In help texts a backslash and a line feed are escaped, in label values a double quote too. */
static void add_escaped(struct tg_buf *out, struct tg_str text, bool is_label)
{
    for (size_t i = 0; i < text.length; i++) {
        char octet = text.at[i];
        if (octet == '\n') {
            tg_buf_add(out, "\\n", 2);
            continue;
        }
        if (octet == '\\' || (octet == '"' && is_label)) {
            tg_buf_add_char(out, '\\');
        }
        tg_buf_add_char(out, octet);
    }
}

void tg_metrics_begin(struct tg_buf *out, const char *name, enum tg_metric_kind kind,
                      const char *help)
{
    tg_buf_add_format(out, "# HELP %s ", name);
    add_escaped(out, tg_str_of(help), false);
    tg_buf_add_format(out, "\n# TYPE %s %s\n", name,
                      kind == TG_METRIC_COUNTER ? "counter" : "gauge");
}

void tg_metrics_add(struct tg_buf *out, const char *name, const char *labels, uint64_t value)
{
    if (labels) {
        tg_buf_add_format(out, "%s{%s} %" PRIu64 "\n", name, labels, value);
    } else {
        tg_buf_add_format(out, "%s %" PRIu64 "\n", name, value);
    }
}

void tg_metrics_add_label(struct tg_buf *out, const char *name, struct tg_str value)
{
    tg_buf_add_format(out, "%s=\"", name);
    add_escaped(out, value, true);
    tg_buf_add_char(out, '"');
}

static uint64_t sum(const struct tg_page *page, uint32_t counter)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < page->worker_count; i++) {
        total += tg_row_read(&page->rows[i], counter);
    }
    return total;
}

void tg_metrics_write(struct tg_buf *out, const struct tg_metric *table, uint32_t count,
                      const struct tg_page *page)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct tg_metric *metric = &table[i];
        if (i == 0 || strcmp(metric->name, table[i - 1].name) != 0) {
            tg_metrics_begin(out, metric->name, metric->kind, metric->help);
        }
        tg_metrics_add(out, metric->name, metric->labels, sum(page, i));
    }
}
