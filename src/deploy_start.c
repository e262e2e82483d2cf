/* SPDX-License-Identifier: MIT */
#include "deploy_start.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "deploy/bundle_file.h"
#include "deploy/folder.h"
#include "deploy/validate.h"
#include "deploy_report.h"

/* What has been found sound so far: the others may not be at its path. */
struct start {
    struct tg_deploys *deploys;
    const struct tg_config *config;
    struct tg_fault_list faults;                     /* of the folder that is looked at */
    struct tg_validate_other sound[TG_GATEWAYS_MAX]; /* owns its texts */
    uint32_t sound_count;
};

static int keep_sound(struct start *start, const char *name, const char *path,
                      struct tg_errmsg *msg)
{
    if (start->sound_count == TG_GATEWAYS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "more than %d gateways", (int)TG_GATEWAYS_MAX);
    }
    struct tg_validate_other *kept = &start->sound[start->sound_count++];
    *kept = (struct tg_validate_other){tg_str_copy(tg_str_of(name)), tg_str_copy(tg_str_of(path))};
    return kept->name && kept->path
               ? TG_OK
               : tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
}

static void destroy(struct start *start)
{
    for (uint32_t i = 0; start && i < start->sound_count; i++) {
        free((void *)(uintptr_t)start->sound[i].name);
        free((void *)(uintptr_t)start->sound[i].path);
    }
    free(start);
}

static int validate(struct start *start, const struct tg_bundle *bundle, struct tg_errmsg *msg)
{
    struct tg_validate *running = NULL;
    struct tg_validate_options options = {.config = start->config,
                                          .bundle = bundle,
                                          .others = start->sound,
                                          .other_count = start->sound_count};
    int err = tg_validate_start(&options, &running, msg);

    if (err) {
        return tg_errmsg_wrap(msg, err, "%s", bundle->origin);
    }
    err = tg_validate_wait(running, &start->faults, msg);
    if (!err) {
        err = keep_sound(start, bundle->name, tg_validate_path(running), msg);
    } else if (err != TG_ERR_INVALID) {
        (void)tg_errmsg_wrap(msg, err, "%s: it can't be judged", bundle->origin);
    }
    tg_validate_end(running);
    return err;
}

static int seal(struct start *start, const struct tg_bundle *bundle, struct tg_errmsg *msg)
{
    int fd = -1;
    int err = tg_bundle_file_seal(bundle, &fd, msg);

    if (err) {
        return tg_errmsg_wrap(msg, err, "%s", bundle->origin);
    }
    err = tg_deploys_add(start->deploys, bundle->name, bundle->generation, fd);
    if (err) {
        (void)close(fd);
        return tg_errmsg_set(msg, err, "more than %d gateways", (int)TG_GATEWAYS_MAX);
    }
    return TG_OK;
}

/* The first fault is what the program ends with, the others stand in the log. */
static void tell_faults(const struct start *start, const struct tg_bundle *bundle, int err,
                        struct tg_errmsg *msg)
{
    struct tg_deploy_generation none = {.fd = -1};
    char line[TG_FAULT_LINE_BYTES];

    for (uint32_t i = 1; i < start->faults.count; i++) {
        tg_deploy_report_fault("gateway is no good", bundle->name ? bundle->name : "-", &none,
                               &start->faults.items[i]);
    }
    if (start->faults.count > 0) {
        (void)tg_errmsg_set(msg, err, "%s",
                            tg_fault_line(&start->faults.items[0], line, sizeof(line)));
    }
}

static int read_folder(struct start *start, const char *name, struct tg_errmsg *msg)
{
    struct tg_bundle bundle = {0};
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/%s", start->config->gateways, name);

    if (length < 0 || (size_t)length >= sizeof(path)) {
        return tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "%s: the path is too long",
                             start->config->gateways);
    }
    start->faults = (struct tg_fault_list){.count = 0};
    int err = tg_folder_scan(path, &bundle, &start->faults);
    err = err ? err : validate(start, &bundle, msg);
    err = err ? err : seal(start, &bundle, msg);
    if (err) {
        tell_faults(start, &bundle, err, msg);
    }
    tg_bundle_fini(&bundle);
    return err;
}

int tg_deploy_start_read(struct tg_deploys *deploys, const struct tg_config *config,
                         struct tg_errmsg *msg)
{
    char **names = NULL;
    uint32_t count = 0;
    struct start *start = calloc(1, sizeof(*start));

    if (!start) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
    }
    start->deploys = deploys;
    start->config = config;
    int err = tg_folder_list(config->gateways, &names, &count, msg);
    if (!err && count == 0) {
        err = tg_errmsg_set(msg, TG_ERR_NOT_FOUND,
                            "%s: no gateway in it: a gateway is a folder with a gateway.lua",
                            config->gateways);
    }
    for (uint32_t i = 0; i < count && !err; i++) {
        err = read_folder(start, names[i], msg);
    }
    tg_folder_free_names(names, count);
    destroy(start);
    return err;
}
