/* SPDX-License-Identifier: MIT */
#include "admin/exposition.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/process_stats.h"
#include "base/err.h"
#include "core/metrics.h"
#include "hub/counter.h"

typedef int (*read_fn)(uint64_t pid, uint64_t *value);

/* A sample for each worker that lives; one that died this moment has none. */
static void write_per_worker(struct tg_buf *out, const struct tg_page *page, const char *name,
                             read_fn read)
{
    for (uint32_t i = 0; i < page->worker_count; i++) {
        char label[32];
        uint64_t value = 0;
        uint64_t pid = atomic_load(&page->rows[i].pid);

        if (pid != 0 && read(pid, &value) == TG_OK) {
            (void)snprintf(label, sizeof(label), "worker=\"%" PRIu32 "\"", i + 1);
            tg_metrics_add(out, name, label, value);
        }
    }
}

static void write_processes(struct tg_buf *out, const struct tg_page *page)
{
    static const char resident[] = "process_resident_memory_bytes";
    static const char descriptors[] = "process_open_fds";

    tg_metrics_begin(out, resident, TG_METRIC_GAUGE, "Memory in use, by worker.");
    write_per_worker(out, page, resident, tg_process_stats_resident);
    tg_metrics_begin(out, descriptors, TG_METRIC_GAUGE, "Open descriptors, by worker.");
    write_per_worker(out, page, descriptors, tg_process_stats_descriptors);
}

void tg_exposition_write(struct tg_buf *out, const struct tg_page *page)
{
    static const char build[] = "tidegate_build_info";
    static const char workers[] = "tidegate_workers";
    static const char restarts[] = "tidegate_worker_restarts_total";
    static const char unloaded[] = "tidegate_gateways_unloaded";

    tg_metrics_begin(out, build, TG_METRIC_GAUGE, "Which version runs; always 1.");
    tg_metrics_add(out, build, "version=\"" TG_VERSION "\"", 1);
    tg_metrics_begin(out, workers, TG_METRIC_GAUGE, "Worker processes that are to run.");
    tg_metrics_add(out, workers, NULL, page->worker_count);
    tg_metrics_begin(out, restarts, TG_METRIC_COUNTER, "Workers that were replaced.");
    tg_metrics_add(out, restarts, NULL, atomic_load(&page->restarts));
    tg_metrics_begin(out, unloaded, TG_METRIC_GAUGE,
                     "Generations of gateways that are unloaded because workers died in them.");
    tg_metrics_add(out, unloaded, NULL, atomic_load(&page->unloaded.count));
    write_processes(out, page);
    tg_metrics_write(out, tg_counter_table(), (uint32_t)TG_COUNT_ALL, page);
}
