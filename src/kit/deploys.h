/* SPDX-License-Identifier: MIT */
/* The gateways of an app, and what supervisor and deployer do with them in a server: a folder is
 * read, prepared in all workers, and committed in all of them, or in none.
 * Lives in: the test kit, inside the app. Owns: the files of what is live and of what is kept. */
#ifndef TG_KIT_DEPLOYS_H
#define TG_KIT_DEPLOYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/bundle.h"
#include "core/deploy_table.h"

struct tg_app; /* kit/app.h */

struct tg_deploys {
    struct tg_deploy {
        char *folder;
        struct tg_bundle live;
        struct tg_bundle kept; /* without a name: none */
        uint64_t last_counter; /* that was given out */
        bool is_proven;        /* the live one */
    } rows[TG_GATEWAYS_MAX];   /* by slot */
    uint32_t count;
};

/* Accepts zeroes. */
void tg_deploys_fini(struct tg_deploys *deploys);

/* Loads a further gateway in all workers. TG_ERR_* with the message of tidegate check. */
int tg_deploys_load(struct tg_app *app, const char *folder, struct tg_errmsg *msg);

/* Brings all that is live to a worker that has nothing yet. TG_ERR_* with a message. */
int tg_deploys_bring(struct tg_app *app, uint32_t worker, struct tg_errmsg *msg);

/* Deploys the folder's files as the next generation: of the gateway that was loaded from it, else
 * of the one with its name, else of the only one; NULL: of all gateways, from their own folders.
 * Also when nothing has changed. TG_ERR_* with a message: what was live stays so. */
int tg_deploys_reload(struct tg_app *app, const char *folder, struct tg_errmsg *msg);

/* Back to the generation before, or on without it. The gateway of that name; NULL: the only one.
 * TG_ERR_NOT_FOUND with a message. */
int tg_deploys_rollback(struct tg_app *app, const char *gateway, struct tg_errmsg *msg);
int tg_deploys_prove(struct tg_app *app, const char *gateway, struct tg_errmsg *msg);

#endif
