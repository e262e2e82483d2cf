/* SPDX-License-Identifier: MIT */
#include "check_certificates.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/errand.h"
#include "net/tls.h"

enum { CPU_SECONDS = 2, DEADLINE_MS = 5000 };

struct check {
    const struct tg_config *config;
    bool has_fault;
};

/* In the child: sends what is wrong, if anything. */
static int run(void *self, int home)
{
    const struct check *check = self;

    for (uint32_t i = 0; i < check->config->listen_count; i++) {
        const struct tg_config_tls *files = &check->config->listen_tls[i];
        struct tg_errmsg msg = {0};
        if (!files->certificate) {
            continue;
        }
        struct tg_tls *tls = tg_tls_create(files, &msg);
        if (!tls) {
            (void)tg_errmsg_wrap(&msg, TG_ERR_INVALID, "listen[%u].tls", i + 1);
            return tg_errand_send(home, tg_str_of(msg.text)) == TG_OK ? 0 : 1;
        }
        tg_tls_destroy(tls);
    }
    return 0;
}

/* In the parent: the child has found a fault. */
static int on_record(void *self, struct tg_str record, struct tg_errmsg *msg)
{
    struct check *check = self;

    check->has_fault = true;
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%.*s", TG_STR_ARGS(record));
}

int tg_check_certificates(const struct tg_config *config, struct tg_errmsg *msg)
{
    struct check check = {.config = config};
    struct tg_errand_options errand = {
        .cpu_seconds = CPU_SECONDS,
        .deadline_ms = DEADLINE_MS,
        .run = run,
        .on_record = on_record,
        .self = &check,
    };
    bool has_tls = false;

    for (uint32_t i = 0; i < config->listen_count; i++) {
        has_tls = has_tls || config->listen_tls[i].certificate;
    }
    if (!has_tls) {
        return TG_OK;
    }
    int err = tg_errand_run(&errand, msg);
    return err && !check.has_fault ? tg_errmsg_wrap(msg, err, "reading certificates") : err;
}
