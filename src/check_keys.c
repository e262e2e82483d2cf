/* SPDX-License-Identifier: MIT */
#include "check_keys.h"

#include <stdbool.h>

#include "core/errand.h"
#include "hub/auth.h"

enum { CPU_SECONDS = 2, DEADLINE_MS = 5000 };

struct check {
    const struct tg_config *config;
    bool has_fault;
};

/* In the child: sends what is wrong, if anything. */
static int run(void *self, int home)
{
    const struct check *check = self;
    struct tg_auth *auth = NULL;
    struct tg_errmsg msg = {0};

    if (tg_auth_create(check->config, &auth, &msg) != TG_OK) {
        return tg_errand_send(home, tg_str_of(msg.text)) == TG_OK ? 0 : 1;
    }
    tg_auth_destroy(auth);
    return 0;
}

/* In the parent: the child has found a fault. */
static int on_record(void *self, struct tg_str record, struct tg_errmsg *msg)
{
    struct check *check = self;

    check->has_fault = true;
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%.*s", TG_STR_ARGS(record));
}

int tg_check_keys(const struct tg_config *config, struct tg_errmsg *msg)
{
    struct check check = {.config = config};
    struct tg_errand_options errand = {
        .cpu_seconds = CPU_SECONDS,
        .deadline_ms = DEADLINE_MS,
        .run = run,
        .on_record = on_record,
        .self = &check,
    };

    if (config->auth_keys.count == 0) {
        return TG_OK;
    }
    int err = tg_errand_run(&errand, msg);
    return err && !check.has_fault ? tg_errmsg_wrap(msg, err, "reading auth.keys") : err;
}
