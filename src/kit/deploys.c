/* SPDX-License-Identifier: MIT */
#include "kit/deploys.h"

#include <stdlib.h>
#include <string.h>

#include "deploy/folder.h"
#include "kit/app.h"
#include "script/gateway_loader.h"
#include "script/selftest.h"
#include "script/vm.h"

static void fini_row(struct tg_deploy *row)
{
    free(row->folder);
    tg_bundle_fini(&row->live);
    tg_bundle_fini(&row->kept);
}

void tg_deploys_fini(struct tg_deploys *deploys)
{
    for (uint32_t i = 0; i < deploys->count; i++) {
        fini_row(&deploys->rows[i]);
    }
    deploys->count = 0;
}

/* --- in all workers --- */

/* In a state of its own, as before a deploy: what it changes is not seen by the specs. */
static int try_selftest(struct tg_hub *hub, const struct tg_gateway *candidate,
                        struct tg_errmsg *msg)
{
    const struct tg_vm *vm = candidate->vm;
    struct tg_gateway *apart = NULL;

    if (!vm->refs.selftest) {
        return TG_OK;
    }
    int err = tg_gateway_load(hub, &vm->files, &apart, msg);
    if (!err) {
        err = tg_selftest_run(apart, msg);
        tg_gateway_destroy(apart);
    }
    return err;
}

/* What is loaded anew gets the faults that specs order. */
static int prepare_in(struct tg_sim_worker *worker, uint32_t slot, const struct tg_bundle *bundle,
                      struct tg_errmsg *msg)
{
    struct tg_generations *generations = worker->generations;
    int err = tg_generations_prepare(generations, slot, bundle->counter, bundle, msg);
    struct tg_gateway *candidate = tg_generations_candidate(generations, slot);

    if (err == TG_ERR_EXISTS || err == TG_ERR_FULL) {
        (void)tg_errmsg_wrap(msg, err, "%s", bundle->origin);
    }
    if (!err && candidate) {
        tg_faults_bring(candidate);
    }
    return err;
}

static int commit_in(struct tg_sim_worker *worker, uint32_t slot, const struct tg_bundle *bundle,
                     struct tg_errmsg *msg)
{
    int err = tg_generations_commit(worker->generations, slot, bundle->counter);

    return err ? tg_errmsg_set(msg, err, "%s: %s", bundle->name, tg_err_text(err)) : TG_OK;
}

static int deploy(struct tg_app *app, uint32_t slot, const struct tg_bundle *bundle,
                  struct tg_errmsg *msg)
{
    const struct tg_gateway *candidate;
    int err = TG_OK;

    for (uint32_t i = 0; !err && i < app->worker_count; i++) {
        err = prepare_in(&app->workers[i], slot, bundle, msg);
    }
    candidate = tg_generations_candidate(app->workers[0].generations, slot);
    if (!err && candidate) {
        err = try_selftest(&app->workers[0].hub, candidate, msg);
    }
    for (uint32_t i = 0; err && i < app->worker_count; i++) {
        tg_generations_drop(app->workers[i].generations, slot, bundle->counter);
    }
    for (uint32_t i = 0; !err && i < app->worker_count; i++) {
        err = commit_in(&app->workers[i], slot, bundle, msg);
    }
    return err;
}

/* --- the first --- */

int tg_deploys_load(struct tg_app *app, const char *folder, struct tg_errmsg *msg)
{
    struct tg_deploys *deploys = &app->deploys;
    struct tg_deploy row = {.last_counter = 1, .is_proven = true};

    if (deploys->count == TG_GATEWAYS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "%s: more than %d gateways", folder,
                             TG_GATEWAYS_MAX);
    }
    int err = tg_folder_read(folder, &row.live, msg);
    if (err) {
        return err;
    }
    row.live.counter = 1;
    row.folder = tg_str_copy(tg_str_of(folder));
    err = row.folder ? TG_OK : tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    if (!err) {
        err = deploy(app, deploys->count, &row.live, msg);
    }
    if (err) {
        fini_row(&row);
        return err;
    }
    deploys->rows[deploys->count++] = row;
    return TG_OK;
}

int tg_deploys_bring(struct tg_app *app, uint32_t worker, struct tg_errmsg *msg)
{
    struct tg_sim_worker *to = &app->workers[worker];
    int err = TG_OK;

    for (uint32_t slot = 0; !err && slot < app->deploys.count; slot++) {
        const struct tg_bundle *live = &app->deploys.rows[slot].live;
        err = prepare_in(to, slot, live, msg);
        if (!err) {
            err = commit_in(to, slot, live, msg);
        }
    }
    return err;
}

/* --- the next --- */

/* The bundle is the slot's from now on, whatever its folder is called. */
static int rename_bundle(struct tg_bundle *bundle, const char *name)
{
    char *copy = tg_str_copy(tg_str_of(name));

    if (copy) {
        free(bundle->name);
        bundle->name = copy;
    }
    return copy ? TG_OK : TG_ERR_NOMEM;
}

static int reload(struct tg_app *app, uint32_t slot, const char *folder, struct tg_errmsg *msg)
{
    struct tg_deploy *row = &app->deploys.rows[slot];
    struct tg_bundle next;
    int err = tg_folder_read(folder, &next, msg);

    if (err) {
        return err;
    }
    next.counter = ++row->last_counter;
    err = rename_bundle(&next, row->live.name);
    err = err ? tg_errmsg_set(msg, err, "out of memory") : deploy(app, slot, &next, msg);
    if (err) {
        tg_bundle_fini(&next);
        return err;
    }
    if (row->is_proven) {
        tg_bundle_fini(&row->kept);
        row->kept = row->live;
    } else {
        tg_bundle_fini(&row->live);
    }
    row->live = next;
    row->is_proven = false;
    return TG_OK;
}

static const char *last_part(const char *folder)
{
    const char *slash = strrchr(folder, '/');

    return slash ? slash + 1 : folder;
}

/* The slot; the count of them when there is none. */
static uint32_t find_folder(const struct tg_deploys *deploys, const char *folder)
{
    uint32_t found = deploys->count == 1 ? 0 : deploys->count;

    for (uint32_t i = 0; i < deploys->count; i++) {
        if (strcmp(deploys->rows[i].folder, folder) == 0) {
            return i;
        }
        if (strcmp(deploys->rows[i].live.name, last_part(folder)) == 0) {
            found = i;
        }
    }
    return found;
}

int tg_deploys_reload(struct tg_app *app, const char *folder, struct tg_errmsg *msg)
{
    const struct tg_deploys *deploys = &app->deploys;
    int err = TG_OK;

    tg_app_enter(app);
    if (folder) {
        uint32_t slot = find_folder(deploys, folder);
        return slot < deploys->count
                   ? reload(app, slot, folder, msg)
                   : tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "%s: no gateway of that name is loaded",
                                   folder);
    }
    for (uint32_t slot = 0; !err && slot < deploys->count; slot++) {
        err = reload(app, slot, deploys->rows[slot].folder, msg);
    }
    return err;
}

/* NULL with a message when there is none. */
static struct tg_deploy *find_name(struct tg_deploys *deploys, const char *name,
                                   struct tg_errmsg *msg)
{
    if (!name && deploys->count == 1) {
        return &deploys->rows[0];
    }
    for (uint32_t i = 0; name && i < deploys->count; i++) {
        if (strcmp(deploys->rows[i].live.name, name) == 0) {
            return &deploys->rows[i];
        }
    }
    (void)tg_errmsg_set(msg, TG_ERR_NOT_FOUND,
                        name ? "no gateway of that name is loaded"
                             : "several gateways are loaded: say which");
    return NULL;
}

int tg_deploys_rollback(struct tg_app *app, const char *gateway, struct tg_errmsg *msg)
{
    struct tg_deploy *row = find_name(&app->deploys, gateway, msg);

    if (!row) {
        return TG_ERR_NOT_FOUND;
    }
    if (!row->kept.name) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "%s: there is no generation to go back to",
                             row->live.name);
    }
    tg_app_enter(app);
    int err = deploy(app, (uint32_t)(row - app->deploys.rows), &row->kept, msg);
    if (!err) {
        tg_bundle_fini(&row->live);
        row->live = row->kept;
        row->kept = (struct tg_bundle){.count = 0};
        row->is_proven = true;
    }
    return err;
}

int tg_deploys_prove(struct tg_app *app, const char *gateway, struct tg_errmsg *msg)
{
    struct tg_deploy *row = find_name(&app->deploys, gateway, msg);

    if (!row) {
        return TG_ERR_NOT_FOUND;
    }
    tg_app_enter(app);
    for (uint32_t i = 0; i < app->worker_count; i++) {
        tg_generations_prove(app->workers[i].generations, (uint32_t)(row - app->deploys.rows),
                             row->live.counter);
    }
    tg_bundle_fini(&row->kept);
    row->is_proven = true;
    return TG_OK;
}
