/* SPDX-License-Identifier: MIT */
/* A whole server in memory for one spec: configuration, page, clock, simulated workers with their
 * gateways, and the lines of the clients that came. Nothing here waits or looks at a real clock:
 * time moves by tg_app_advance alone, and equal seeds give equal runs.
 * Lives in: the test kit. Owns: everything named. */
#ifndef TG_KIT_APP_H
#define TG_KIT_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/config.h"
#include "core/shared_page.h"
#include "core/wheel.h"
#include "kit/capture.h"
#include "kit/deploys.h"
#include "kit/faults.h"
#include "kit/line.h"
#include "kit/sim_worker.h"
#include "script/line_count.h"

enum {
    TG_APP_LINES_MAX = 1 << 20, /* clients of one app, gone ones included */
    TG_APP_TURNS_MAX = 100000   /* without the clock moving */
};

struct tg_app {
    struct tg_config config;
    struct tg_capture capture;
    enum tg_log_level log_level;
    struct tg_page *page;
    struct tg_wheel wheel;
    struct tg_clock clock;
    uint64_t wall_ms; /* at the wheel's zero */
    uint64_t seed;
    struct tg_sim_worker *workers;
    uint32_t worker_count;
    struct tg_faults faults;
    char *tenants;       /* the text of tg_app_set_tenants; NULL: none */
    char *revocations;   /* of tg_app_set_revocations; NULL: none */
    uint32_t generation; /* workers that were started, for their seeds */
    struct tg_deploys deploys;
    struct tg_conn **lines; /* by number */
    uint32_t line_count;
    uint32_t line_capacity;
    struct tg_line_count *coverage; /* of the gateways' Lua; NULL: not wanted */
};

/* With the default configuration; tg_app_set changes it before tg_app_start. NULL when memory is
 * short. */
struct tg_app *tg_app_create(void);

/* Ends it as a house that burns down: no on_disconnect runs. Accepts NULL. */
void tg_app_destroy(struct tg_app *app);

/* Has the lines of the gateways' files counted as they run. Before tg_app_start. TG_ERR_NOMEM. */
int tg_app_cover(struct tg_app *app);

/* One configuration key, as tg_config_set. Before tg_app_start. */
int tg_app_set(struct tg_app *app, const char *key, struct tg_str value, struct tg_errmsg *msg);

struct tg_app_options {
    uint64_t seed;
    uint64_t wall_ms; /* since the epoch, at the start */
};

/* What follows logs into this app. Everything here that runs the product's code says so itself. */
void tg_app_enter(struct tg_app *app);

/* Starts the workers, config.workers of them (auto: one). TG_ERR_* with a message; it can only be
 * destroyed then. */
int tg_app_start(struct tg_app *app, const struct tg_app_options *options, struct tg_errmsg *msg);

/* Loads the gateway's folder on all workers. TG_ERR_* with the message of tidegate check. */
int tg_app_load(struct tg_app *app, const char *folder, struct tg_errmsg *msg);

/* Room for another line. TG_ERR_FULL, TG_ERR_NOMEM. */
int tg_app_reserve_line(struct tg_app *app);

/* Takes the line over, after tg_app_reserve_line, and sets its number. */
void tg_app_add_line(struct tg_app *app, struct tg_conn *line);

/* NULL when there is none of that number. It stays as long as the app. */
struct tg_conn *tg_app_line(const struct tg_app *app, uint32_t number);

/* Lets all workers run until nothing is runnable; the clock stands. TG_ERR_TIMEOUT: they don't
 * come to rest within TG_APP_TURNS_MAX turns. */
int tg_app_settle(struct tg_app *app);

/* Moves the clock by ms, from timer to timer, settling at each. The same error. */
int tg_app_advance(struct tg_app *app, uint64_t ms);

/* Moves it to the next timer, but by ms at most, and settles. Sets how far it has moved. */
int tg_app_step(struct tg_app *app, uint64_t ms, uint64_t *moved_ms);

/* The worker dies, its clients with it, and another takes its place. TG_ERR_* with a message when
 * that can't be started. */
int tg_app_lose_worker(struct tg_app *app, uint32_t slot, struct tg_errmsg *msg);

/* The registry of tenants, or what is revoked, as the files' texts (hub/tenants.h,
 * hub/revocations.h), on all workers. TG_ERR_* with a message. */
int tg_app_set_tenants(struct tg_app *app, struct tg_str text, struct tg_errmsg *msg);
int tg_app_set_revocations(struct tg_app *app, struct tg_str text, struct tg_errmsg *msg);

/* Which members a room has, over all workers. */
struct tg_app_room {
    struct tg_str gateway; /* its name */
    struct tg_str tenant;  /* .at NULL: clients without tenant */
    struct tg_str name;
};

/* Calls fn with the line of each until it returns false. */
void tg_app_each_member(struct tg_app *app, const struct tg_app_room *room,
                        bool (*fn)(void *self, struct tg_conn *line), void *self);

/* Registered clients, of all workers. */
uint64_t tg_app_connections(const struct tg_app *app);

/* The exposition of all counters, as the admin process would write it. */
void tg_app_write_metrics(const struct tg_app *app, struct tg_buf *out);

#endif
