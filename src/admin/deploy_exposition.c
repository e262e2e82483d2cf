/* SPDX-License-Identifier: MIT */
#include "admin/deploy_exposition.h"

#include <inttypes.h>

#include "core/metrics.h"

enum { LABELS_BYTES_MAX = 512 };

/* Adds the samples of one gateway. */
typedef void (*write_fn)(struct tg_buf *out, const char *name, const struct tg_deploy_row *row,
                         const struct tg_deploy_view *view);

struct family {
    const char *name;
    enum tg_metric_kind kind;
    const char *help;
    write_fn write;
};

/* gateway="NAME", and what else there is to say; the sample is left out when memory is short. */
static void add(struct tg_buf *out, const char *name, struct tg_buf *labels, uint64_t value)
{
    tg_buf_add_char(labels, '\0');
    if (labels->err == TG_OK) {
        tg_metrics_add(out, name, labels->at, value);
    }
    tg_buf_fini(labels);
}

static void begin(struct tg_buf *labels, const struct tg_deploy_view *view)
{
    tg_buf_init(labels, LABELS_BYTES_MAX);
    tg_metrics_add_label(labels, "gateway", tg_str_of(view->name));
}

static void write_generation(struct tg_buf *out, const char *name, const struct tg_deploy_row *row,
                             const struct tg_deploy_view *view)
{
    struct tg_buf labels;

    (void)row;
    if (view->committed == 0) {
        return;
    }
    begin(&labels, view);
    tg_buf_add_format(&labels, ",generation=\"%s\",counter=\"%" PRIu64 "\"", view->generation,
                      view->committed);
    add(out, name, &labels, 1);
}

static void write_trial(struct tg_buf *out, const char *name, const struct tg_deploy_row *row,
                        const struct tg_deploy_view *view)
{
    struct tg_buf labels;

    (void)row;
    begin(&labels, view);
    add(out, name, &labels, view->state == TG_DEPLOY_TRIAL);
}

static void write_deploys(struct tg_buf *out, const char *name, const struct tg_deploy_row *row,
                          const struct tg_deploy_view *view)
{
    struct tg_buf labels;

    begin(&labels, view);
    add(out, name, &labels, atomic_load(&row->deploys));
}

static void write_rollbacks(struct tg_buf *out, const char *name, const struct tg_deploy_row *row,
                            const struct tg_deploy_view *view)
{
    struct tg_buf labels;

    begin(&labels, view);
    add(out, name, &labels, atomic_load(&row->rollbacks));
}

static void add_step(struct tg_buf *out, const char *name, const struct tg_deploy_view *view,
                     uint32_t step, uint64_t value)
{
    struct tg_buf labels;

    begin(&labels, view);
    tg_buf_add_format(&labels, ",step=\"%s\"", tg_fault_step_label(step));
    add(out, name, &labels, value);
}

static void write_failures(struct tg_buf *out, const char *name, const struct tg_deploy_row *row,
                           const struct tg_deploy_view *view)
{
    for (uint32_t step = 0; step < TG_FAULT_STEP_COUNT; step++) {
        add_step(out, name, view, step, atomic_load(&row->failures[step]));
    }
}

static void write_fault(struct tg_buf *out, const char *name, const struct tg_deploy_row *row,
                        const struct tg_deploy_view *view)
{
    uint32_t fault = atomic_load(&row->fault);

    if (fault > 0) {
        add_step(out, name, view, fault - 1, 1);
    }
}

static void write_family(struct tg_buf *out, const struct tg_deploy_table *table,
                         const struct family *family)
{
    struct tg_deploy_view view;

    tg_metrics_begin(out, family->name, family->kind, family->help);
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        if (tg_deploy_table_read(table, i, &view)) {
            family->write(out, family->name, &table->rows[i], &view);
        }
    }
}

void tg_deploy_exposition_write(struct tg_buf *out, const struct tg_deploy_table *table)
{
    static const char root_fault[] = "gateway_root_fault";
    static const struct family families[] = {
        {"gateway_generation_info", TG_METRIC_GAUGE,
         "Which generation of the gateway is live; always 1.", write_generation},
        {"gateway_trial", TG_METRIC_GAUGE,
         "Whether the live generation is still compared with the one before.", write_trial},
        {"gateway_deploys_total", TG_METRIC_COUNTER, "Generations that went live after the start.",
         write_deploys},
        {"gateway_rollbacks_total", TG_METRIC_COUNTER,
         "Times that the gateway went back to the generation before.", write_rollbacks},
        {"gateway_deploy_failures_total", TG_METRIC_COUNTER,
         "Deploys that failed, by the step that found the fault.", write_failures},
        {"gateway_fault", TG_METRIC_GAUGE,
         "A fault stands, found at this step: the folder's content is not what is live.",
         write_fault},
    };

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        write_family(out, table, &families[i]);
    }
    tg_metrics_begin(out, root_fault, TG_METRIC_GAUGE,
                     "Whether the directory of the gateways can't be read, or has lost all.");
    tg_metrics_add(out, root_fault, NULL, atomic_load(&table->root_fault));
}
