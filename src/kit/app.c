/* SPDX-License-Identifier: MIT */
#include "kit/app.h"

#include <stdlib.h>
#include <string.h>

#include "core/metrics.h"
#include "hub/gateway.h"
#include "hub/revocations.h"
#include "hub/room.h"
#include "hub/tenants.h"
#include "script/cpu_watch.h"
#include "script/gateway_loader.h"
#include "script/selftest.h"
#include "script/vm.h"

enum { START_MS = 1000, FIRST_LINES = 16 };

/* --- time --- */

static uint64_t read_mono(void *self)
{
    const struct tg_app *app = self;

    return app->wheel.now_ms;
}

static uint64_t read_wall(void *self)
{
    const struct tg_app *app = self;

    return app->wall_ms + app->wheel.now_ms;
}

/* Whoever of us runs next logs into this app. */
void tg_app_enter(struct tg_app *app)
{
    tg_capture_start(&app->capture, app->log_level);
    (void)tg_cpu_watch_page(app->page);
}

static bool is_due(const struct tg_app *app)
{
    return tg_wheel_wait_ms(&app->wheel) == 0;
}

int tg_app_settle(struct tg_app *app)
{
    tg_app_enter(app);
    for (uint32_t turns = 0; turns < TG_APP_TURNS_MAX; turns++) {
        bool was_busy = is_due(app);
        if (was_busy) {
            tg_wheel_advance(&app->wheel, app->wheel.now_ms);
        }
        for (uint32_t slot = 0; slot < app->worker_count; slot++) {
            was_busy = tg_sim_worker_turn(&app->workers[slot]) || was_busy;
        }
        if (!was_busy && !is_due(app)) {
            return TG_OK;
        }
    }
    return TG_ERR_TIMEOUT;
}

int tg_app_step(struct tg_app *app, uint64_t ms, uint64_t *moved_ms)
{
    int err = tg_app_settle(app);
    uint64_t wait_ms = tg_wheel_wait_ms(&app->wheel);

    *moved_ms = wait_ms < ms ? wait_ms : ms;
    if (!err) {
        tg_wheel_advance(&app->wheel, app->wheel.now_ms + *moved_ms);
        err = tg_app_settle(app);
    }
    return err;
}

int tg_app_advance(struct tg_app *app, uint64_t ms)
{
    uint64_t moved_ms;
    int err = tg_app_settle(app);

    for (; !err && ms > 0; ms -= moved_ms) {
        err = tg_app_step(app, ms, &moved_ms);
    }
    return err;
}

/* --- life --- */

struct tg_app *tg_app_create(void)
{
    struct tg_app *app = calloc(1, sizeof(*app));

    if (!app) {
        return NULL;
    }
    tg_capture_init(&app->capture);
    if (tg_config_init(&app->config) != TG_OK) {
        free(app);
        return NULL;
    }
    return app;
}

static void destroy_workers(struct tg_app *app)
{
    for (uint32_t i = 0; i < app->line_count; i++) {
        tg_line_lose(app->lines[i]);
    }
    for (uint32_t slot = 0; slot < app->worker_count; slot++) {
        tg_sim_worker_fini(&app->workers[slot]);
    }
    free(app->workers);
}

void tg_app_destroy(struct tg_app *app)
{
    if (!app) {
        return;
    }
    tg_app_enter(app);
    destroy_workers(app);
    for (uint32_t i = 0; i < app->line_count; i++) {
        tg_line_destroy(app->lines[i]);
    }
    free(app->lines);
    tg_deploys_fini(&app->deploys);
    free(app->tenants);
    free(app->revocations);
    (void)tg_cpu_watch_page(NULL);
    tg_page_destroy(app->page);
    tg_config_fini(&app->config);
    tg_line_count_destroy(app->coverage);
    tg_capture_stop();
    tg_capture_fini(&app->capture);
    free(app);
}

int tg_app_cover(struct tg_app *app)
{
    app->coverage = app->coverage ? app->coverage : tg_line_count_create();
    return app->coverage ? TG_OK : TG_ERR_NOMEM;
}

int tg_app_set(struct tg_app *app, const char *key, struct tg_str value, struct tg_errmsg *msg)
{
    return tg_config_set(&app->config, key, value, msg);
}

/* What every worker is told. */
static int bring_documents(struct tg_app *app, uint32_t slot, struct tg_errmsg *msg)
{
    struct tg_hub *hub = &app->workers[slot].hub;
    int err = TG_OK;

    if (app->tenants) {
        err = tg_hub_set_tenants(hub, tg_str_of(app->tenants), msg);
    }
    if (!err && app->revocations) {
        err = tg_hub_set_revocations(hub, tg_str_of(app->revocations), msg);
    }
    return err;
}

static int start_worker(struct tg_app *app, uint32_t slot, struct tg_errmsg *msg)
{
    struct tg_sim_worker_options options = {
        .config = &app->config,
        .page = app->page,
        .wheel = &app->wheel,
        .clock = &app->clock,
        .slot = slot,
        .faults = &app->faults,
        .coverage = app->coverage,
    };

    /* Each worker that is ever started has random numbers of its own; 0 would mean the kernel's. */
    options.seed = app->seed * TG_PAGE_WORKERS_MAX + ++app->generation;
    if (options.seed == 0) {
        options.seed = UINT64_MAX;
    }
    int err = tg_sim_worker_init(&app->workers[slot], &options, msg);
    for (uint32_t i = 0; !err && i < app->worker_count; i++) {
        if (i != slot && app->workers[i].is_running) {
            err = tg_sim_worker_join(&app->workers[slot], &app->workers[i]);
            (void)(err ? tg_errmsg_set(msg, err, "workers: %s", tg_err_text(err)) : 0);
        }
    }
    return err ? err : bring_documents(app, slot, msg);
}

int tg_app_start(struct tg_app *app, const struct tg_app_options *options, struct tg_errmsg *msg)
{
    uint32_t count = app->config.workers ? (uint32_t)app->config.workers : 1;
    int err = tg_config_validate(&app->config, msg);

    if (err) {
        return err;
    }
    if (tg_log_level_parse(tg_str_of(app->config.log_level), &app->log_level) != TG_OK) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "log.level: \"%s\" is none",
                             app->config.log_level);
    }
    app->page = tg_page_create(count);
    app->workers = calloc(count, sizeof(*app->workers));
    if (!app->page || !app->workers) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    tg_wheel_init(&app->wheel, START_MS);
    app->clock = (struct tg_clock){read_mono, read_wall, app};
    app->wall_ms = options->wall_ms - START_MS;
    app->seed = options->seed;
    app->worker_count = count;
    tg_app_enter(app);
    for (uint32_t slot = 0; !err && slot < count; slot++) {
        err = start_worker(app, slot, msg);
    }
    return err;
}

int tg_app_load(struct tg_app *app, const char *folder, struct tg_errmsg *msg)
{
    tg_app_enter(app);
    return tg_deploys_load(app, folder, msg);
}

int tg_app_lose_worker(struct tg_app *app, uint32_t slot, struct tg_errmsg *msg)
{
    tg_app_enter(app);
    for (uint32_t i = 0; i < app->line_count; i++) {
        if (app->lines[i]->worker == &app->workers[slot]) {
            tg_line_lose(app->lines[i]);
        }
    }
    tg_sim_worker_fini(&app->workers[slot]);
    tg_page_reset_row(app->page, slot);
    int err = start_worker(app, slot, msg);
    if (!err) {
        err = tg_deploys_bring(app, slot, msg);
    }
    if (!err && tg_app_settle(app) != TG_OK) {
        err = tg_errmsg_set(msg, TG_ERR_TIMEOUT, "the gateway does not come to rest");
    }
    return err;
}

/* Takes the text over into *kept and tells all workers. */
static int set_document(struct tg_app *app, char **kept, struct tg_str text, struct tg_errmsg *msg)
{
    char *copy = tg_str_copy(text);
    int err = copy ? TG_OK : tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");

    if (!err) {
        free(*kept);
        *kept = copy;
    }
    tg_app_enter(app);
    for (uint32_t slot = 0; !err && slot < app->worker_count; slot++) {
        err = bring_documents(app, slot, msg);
    }
    return err;
}

int tg_app_set_tenants(struct tg_app *app, struct tg_str text, struct tg_errmsg *msg)
{
    return set_document(app, &app->tenants, text, msg);
}

int tg_app_set_revocations(struct tg_app *app, struct tg_str text, struct tg_errmsg *msg)
{
    return set_document(app, &app->revocations, text, msg);
}

/* --- clients --- */

struct tg_conn *tg_app_line(const struct tg_app *app, uint32_t number)
{
    return number < app->line_count ? app->lines[number] : NULL;
}

int tg_app_reserve_line(struct tg_app *app)
{
    if (app->line_count < app->line_capacity) {
        return TG_OK;
    }
    if (app->line_count >= TG_APP_LINES_MAX) {
        return TG_ERR_FULL;
    }
    uint32_t capacity = app->line_capacity ? app->line_capacity * 2 : FIRST_LINES;
    struct tg_conn **lines = realloc(app->lines, capacity * sizeof(struct tg_conn *));
    if (!lines) {
        return TG_ERR_NOMEM;
    }
    app->lines = lines;
    app->line_capacity = capacity;
    return TG_OK;
}

void tg_app_add_line(struct tg_app *app, struct tg_conn *line)
{
    line->number = app->line_count;
    app->lines[app->line_count++] = line;
}

/* --- looking --- */

struct roll {
    bool (*fn)(void *self, struct tg_conn *line);
    void *self;
    bool is_over;
};

static bool on_member(void *self, struct tg_client *client)
{
    struct roll *roll = self;

    /* One whose socket is gone is about to leave. */
    roll->is_over = client->conn && !roll->fn(roll->self, client->conn);
    return !roll->is_over;
}

void tg_app_each_member(struct tg_app *app, const struct tg_app_room *room,
                        bool (*fn)(void *self, struct tg_conn *line), void *self)
{
    struct roll roll = {fn, self, false};

    for (uint32_t slot = 0; slot < app->worker_count && !roll.is_over; slot++) {
        struct tg_hub *hub = &app->workers[slot].hub;
        tg_room_each(tg_scope_find(hub, room->gateway, room->tenant), room->name, on_member, &roll);
    }
}

uint64_t tg_app_connections(const struct tg_app *app)
{
    uint64_t count = 0;

    for (uint32_t slot = 0; slot < app->worker_count; slot++) {
        count += app->workers[slot].hub.registry.count;
    }
    return count;
}

void tg_app_write_metrics(const struct tg_app *app, struct tg_buf *out)
{
    tg_metrics_write(out, tg_counter_table(), TG_COUNT_ALL, app->page);
}
