/* SPDX-License-Identifier: MIT */
/* What is judged is read once more, and only taken when it is what came to rest. When the folder
 * moves again while the child is at work, the verdict is of no use, and the rest that follows asks
 * for another. */
#include "deployer/judging.h"

#include <limits.h>
#include <string.h>

#include "base/log.h"
#include "deploy/folder.h"
#include "deployer/telling.h"

static const char LOG_MODULE[] = "deployer";

enum { AGAIN_MS = 5000 /* after the machine could not judge */ };

static struct tg_roster_row *find_due(const struct tg_deployer *deployer)
{
    uint64_t now_ms = tg_deployer_now_ms();

    for (uint32_t i = 0; i < deployer->roster.count; i++) {
        struct tg_roster_row *row = deployer->roster.rows[i];
        if (row->is_due && now_ms >= row->again_ms && !row->settle.is_moving) {
            return row;
        }
    }
    return NULL;
}

static void put_off(struct tg_roster_row *row, const struct tg_errmsg *msg)
{
    char quoted[TG_ERRMSG_BYTES * 2];

    TG_LOG_WARN("a gateway could not be judged, it is tried again", "gateway=%s reason=%s",
                row->name, tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg->text)));
    row->again_ms = tg_deployer_now_ms() + AGAIN_MS;
}

static bool is_what_came_to_rest(struct tg_deployer *deployer, struct tg_roster_row *row)
{
    char path[PATH_MAX];
    struct tg_fault_list faults = {.count = 0};

    if (tg_deployer_path(deployer, row->name, path, sizeof(path)) &&
        tg_folder_scan(path, &deployer->bundle, &faults) == TG_OK &&
        strcmp(deployer->bundle.generation, row->content) == 0) {
        return true;
    }
    tg_bundle_fini(&deployer->bundle);
    row->is_due = false;
    row->judged = 0; /* it has changed: the next pass sees it moving */
    deployer->is_dirty = true;
    return false;
}

void tg_judging_start(struct tg_deployer *deployer)
{
    struct tg_live_paths paths;
    struct tg_errmsg msg = {0};
    struct tg_roster_row *row = deployer->validate ? NULL : find_due(deployer);

    if (!row || !is_what_came_to_rest(deployer, row)) {
        return;
    }
    deployer->judged_changes = atomic_load(&deployer->options->page->deploys.changes);
    tg_live_read(deployer->options->page, &deployer->live);
    tg_live_paths(deployer->options->page, &deployer->live, row->name, &paths);
    struct tg_validate_options options = {.config = deployer->options->config,
                                          .bundle = &deployer->bundle,
                                          .others = paths.others,
                                          .other_count = paths.count};
    if (tg_validate_start(&options, &deployer->validate, &msg) != TG_OK) {
        tg_bundle_fini(&deployer->bundle);
        put_off(row, &msg);
        return;
    }
    deployer->judging = row;
}

static void on_verdict(struct tg_deployer *deployer, struct tg_roster_row *row, int err,
                       const struct tg_fault_list *faults, const struct tg_errmsg *msg)
{
    if (err == TG_ERR_INVALID && faults->count > 0) {
        row->is_path_taken = tg_validate_is_path_taken(deployer->validate);
        /* By whom it was taken may have moved meanwhile: then it stays due. */
        row->is_due =
            row->is_path_taken &&
            atomic_load(&deployer->options->page->deploys.changes) != deployer->judged_changes;
        if (row->is_due) {
            return;
        }
        tg_telling_fault(deployer, row, faults, row->content);
    } else if (err) {
        put_off(row, msg);
    } else if (tg_telling_candidate(deployer, row, &deployer->bundle) == TG_OK) {
        row->is_due = false;
    } else {
        row->again_ms = tg_deployer_now_ms() + AGAIN_MS;
    }
}

void tg_judging_step(struct tg_deployer *deployer)
{
    struct tg_fault_list faults = {.count = 0};
    struct tg_errmsg msg = {0};
    struct tg_roster_row *row = deployer->judging;
    int err = tg_validate_step(deployer->validate, &faults, &msg);

    if (err == TG_ERR_INCOMPLETE) {
        return;
    }
    bool is_it = row && row->is_due && !row->settle.is_moving &&
                 strcmp(row->content, deployer->bundle.generation) == 0;
    if (is_it) {
        on_verdict(deployer, row, err, &faults, &msg);
    }
    tg_judging_end(deployer);
}

void tg_judging_end(struct tg_deployer *deployer)
{
    tg_validate_end(deployer->validate);
    deployer->validate = NULL;
    deployer->judging = NULL;
    tg_bundle_fini(&deployer->bundle);
}
