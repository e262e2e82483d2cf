/* SPDX-License-Identifier: MIT */
/* Each folder is read, and judged by a child of its own, as before a deploy; those that were found
 * sound stand beside the ones that follow. */
#include "check_folders.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "check_report.h"
#include "core/shared_page.h"
#include "deploy/folder.h"
#include "deploy/validate.h"

struct check {
    const struct tg_config *config;
    struct tg_check_report report;
    struct tg_validate_other sound[TG_GATEWAYS_MAX]; /* owns its texts */
    uint32_t sound_count;
    bool has_fault;
    struct tg_fault_list faults; /* of the folder in hand */
};

static int keep_sound(struct check *check, const char *name, const char *path,
                      struct tg_errmsg *msg)
{
    if (check->sound_count == TG_GATEWAYS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "more than %d gateways", TG_GATEWAYS_MAX);
    }
    struct tg_validate_other *kept = &check->sound[check->sound_count];
    *kept = (struct tg_validate_other){tg_str_copy(tg_str_of(name)), tg_str_copy(tg_str_of(path))};
    check->sound_count++;
    return kept->name && kept->path
               ? TG_OK
               : tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
}

static void forget_sound(struct check *check)
{
    for (uint32_t i = 0; i < check->sound_count; i++) {
        free((void *)(uintptr_t)check->sound[i].name);
        free((void *)(uintptr_t)check->sound[i].path);
    }
}

static int validate(struct check *check, const struct tg_bundle *bundle,
                    struct tg_fault_list *faults, struct tg_errmsg *msg)
{
    struct tg_validate *running = NULL;
    bool is_partial = faults->count > 0;
    struct tg_validate_options options = {.config = check->config,
                                          .bundle = bundle,
                                          .others = check->sound,
                                          .other_count = check->sound_count,
                                          .is_partial = is_partial};
    int err = tg_validate_start(&options, &running, msg);

    if (err) {
        return err;
    }
    err = tg_validate_wait(running, faults, msg);
    if (!err && !is_partial) {
        err = keep_sound(check, bundle->name, tg_validate_path(running), msg);
    }
    tg_validate_end(running);
    return err;
}

/* The machine is at fault, and the folder may be sound: not that it was found to be. */
static void add_failure(struct tg_fault_list *faults, const char *folder,
                        const struct tg_errmsg *msg)
{
    struct tg_fault fault;

    tg_fault_set(&fault, TG_FAULT_LOAD, tg_str_of(folder), 0, "it can't be judged: %s", msg->text);
    tg_fault_list_add(faults, &fault);
}

static void check_folder(struct check *check, const char *folder)
{
    struct tg_fault_list *faults = &check->faults;
    struct tg_bundle bundle = {0};
    struct tg_errmsg msg = {0};

    /* What waits to be written would be written by the child as well. */
    (void)fflush(check->report.out);
    *faults = (struct tg_fault_list){0};
    bool is_whole = tg_folder_scan(folder, &bundle, faults) == TG_OK;
    int err = bundle.count > 0 ? validate(check, &bundle, faults, &msg) : TG_OK;
    if (err && err != TG_ERR_INVALID) {
        add_failure(faults, folder, &msg);
    }
    tg_fault_list_sort(faults);
    struct tg_check_verdict verdict = {
        .folder = folder,
        .name = bundle.name ? bundle.name : "",
        .generation = is_whole ? bundle.generation : "",
        .is_ok = faults->count == 0,
        .faults = faults,
    };
    check->has_fault = check->has_fault || !verdict.is_ok;
    tg_check_report_add(&check->report, &verdict);
    tg_bundle_fini(&bundle);
}

/* Whether the folder is no gateway, but one that holds gateways: its names then. */
static bool is_root(const char *folder, char ***names, uint32_t *count)
{
    char file[PATH_MAX];
    struct stat status;
    struct tg_errmsg msg = {0};
    int length = snprintf(file, sizeof(file), "%s/gateway.lua", folder);

    if (length < 0 || (size_t)length >= sizeof(file) || lstat(file, &status) == 0 ||
        errno != ENOENT || tg_folder_list(folder, names, count, &msg) != TG_OK) {
        return false;
    }
    if (*count == 0) {
        tg_folder_free_names(*names, 0);
        return false;
    }
    return true;
}

static void check_argument(struct check *check, const char *folder)
{
    char **names = NULL;
    uint32_t count = 0;
    size_t length = strlen(folder);

    if (!is_root(folder, &names, &count)) {
        check_folder(check, folder);
        return;
    }
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    for (uint32_t i = 0; i < count; i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof(path), "%.*s/%s", (int)length, folder, names[i]);
        check_folder(check, path);
    }
    tg_folder_free_names(names, count);
}

int tg_check_folders(const struct tg_check_options *options)
{
    struct check check = {
        .config = options->config,
        .report = {.out = options->out, .is_json = options->wants_json},
    };

    tg_check_report_begin(&check.report);
    for (uint32_t i = 0; i < options->count; i++) {
        check_argument(&check, options->folders[i]);
    }
    tg_check_report_end(&check.report);
    forget_sound(&check);
    return check.has_fault ? 1 : 0;
}
