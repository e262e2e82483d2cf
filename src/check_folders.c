/* SPDX-License-Identifier: MIT */
/* Each folder is read, and judged by a child of its own, as before a deploy; those that were found
 * sound stand beside the ones that follow. */
#include "check_folders.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/shared_page.h"
#include "deploy/folder.h"
#include "deploy/validate.h"

struct check {
    const struct tg_config *config;
    FILE *out;
    struct tg_validate_other sound[TG_GATEWAYS_MAX]; /* owns its texts */
    uint32_t sound_count;
};

static int keep_sound(struct check *check, const char *name, const char *path)
{
    if (check->sound_count == TG_GATEWAYS_MAX) {
        return TG_ERR_FULL;
    }
    struct tg_validate_other *kept = &check->sound[check->sound_count];
    *kept = (struct tg_validate_other){tg_str_copy(tg_str_of(name)), tg_str_copy(tg_str_of(path))};
    check->sound_count++;
    return kept->name && kept->path ? TG_OK : TG_ERR_NOMEM;
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
    struct tg_validate_options options = {.config = check->config,
                                          .bundle = bundle,
                                          .others = check->sound,
                                          .other_count = check->sound_count};
    int err = tg_validate_start(&options, &running, msg);

    if (err) {
        return err;
    }
    err = tg_validate_wait(running, faults, msg);
    if (!err) {
        err = keep_sound(check, bundle->name, tg_validate_path(running));
        (void)(err ? tg_errmsg_set(msg, err, "%s", tg_err_text(err)) : 0);
    }
    tg_validate_end(running);
    return err;
}

/* Whether the folder is sound. */
static bool check_folder(struct check *check, const char *folder)
{
    struct tg_fault_list *faults = calloc(1, sizeof(*faults));
    struct tg_bundle bundle = {0};
    struct tg_errmsg msg = {0};
    char line[TG_FAULT_LINE_BYTES];
    int err = faults ? tg_folder_scan(folder, &bundle, faults)
                     : tg_errmsg_set(&msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));

    if (!err) {
        err = validate(check, &bundle, faults, &msg);
    }
    for (uint32_t i = 0; faults && i < faults->count; i++) {
        (void)fprintf(check->out, "%s\n", tg_fault_line(&faults->items[i], line, sizeof(line)));
    }
    if (faults && faults->left_out > 0) {
        (void)fprintf(check->out, "%s: %u more\n", folder, faults->left_out);
    }
    if (err && (!faults || faults->count == 0)) {
        (void)fprintf(check->out, "%s: it can't be judged: %s\n", folder, msg.text);
    } else if (!err) {
        (void)fprintf(check->out, "%s: ok\n", folder);
    }
    tg_bundle_fini(&bundle);
    free(faults);
    return err == TG_OK;
}

int tg_check_folders(const struct tg_config *config, const char *const *folders, uint32_t count,
                     FILE *out)
{
    struct check check = {.config = config, .out = out};
    int status = 0;

    for (uint32_t i = 0; i < count; i++) {
        /* What waits to be written would be written by the child as well. */
        (void)fflush(out);
        status = check_folder(&check, folders[i]) ? status : 1;
    }
    forget_sound(&check);
    return status;
}
