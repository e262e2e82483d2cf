/* SPDX-License-Identifier: MIT */
#include "admin/exposition.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/deploy_exposition.h"
#include "admin/process_stats.h"
#include "base/err.h"
#include "core/metrics.h"
#include "hub/counter.h"

struct document_family {
    const char *name;
    enum tg_metric_kind kind;
    const char *help;
    uint64_t (*value)(const struct tg_document_state *state);
};

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

/* One family, a sample for each document that has a source. */
static void write_document_family(struct tg_buf *out, const struct tg_document_store *documents,
                                  const struct document_family *family)
{
    tg_metrics_begin(out, family->name, family->kind, family->help);
    for (int i = 0; i < TG_DOCUMENT_COUNT; i++) {
        struct tg_document_state state;
        char label[32];
        tg_document_state(documents, (enum tg_document)i, &state);
        if (state.is_kept) {
            (void)snprintf(label, sizeof(label), "document=\"%s\"",
                           tg_document_name((enum tg_document)i));
            tg_metrics_add(out, family->name, label, family->value(&state));
        }
    }
}

static uint64_t version_of(const struct tg_document_state *state)
{
    return state->version;
}

static uint64_t seconds_of(const struct tg_document_state *state)
{
    return state->read_at_ms / 1000;
}

static uint64_t failures_of(const struct tg_document_state *state)
{
    return state->failures;
}

static void write_documents(struct tg_buf *out, const struct tg_document_store *documents)
{
    static const struct document_family families[] = {
        {"tidegate_document_version", TG_METRIC_GAUGE,
         "Versions of the document since the start; 0: none yet.", version_of},
        {"tidegate_document_read_timestamp_seconds", TG_METRIC_GAUGE,
         "When the document's source was last read without fault; 0: never.", seconds_of},
        {"tidegate_document_failures_total", TG_METRIC_COUNTER,
         "Readings of the document's source that failed.", failures_of},
    };

    for (size_t i = 0; documents && i < sizeof(families) / sizeof(families[0]); i++) {
        write_document_family(out, documents, &families[i]);
    }
}

void tg_exposition_write(struct tg_buf *out, const struct tg_page *page,
                         const struct tg_document_store *documents)
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
    tg_deploy_exposition_write(out, &page->deploys);
    write_processes(out, page);
    write_documents(out, documents);
    tg_metrics_write(out, tg_counter_table(), (uint32_t)TG_COUNT_ALL, page);
}
