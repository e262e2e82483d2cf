/* SPDX-License-Identifier: MIT */
/* What the page says is live, as one moment of it: names, generations, and the paths that workers
 * have them at.
 * Lives in: the deployer. */
#ifndef TG_DEPLOYER_LIVE_H
#define TG_DEPLOYER_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/shared_page.h"
#include "deploy/validate.h"

struct tg_live {
    uint32_t count;
    struct tg_live_gateway {
        char name[TG_DEPLOY_NAME_BYTES];
        char generation[sizeof(((struct tg_bundle *)0)->generation)];
        bool has_fault; /* of whatever step */
    } gateways[TG_GATEWAYS_MAX];
};

/* The gateways with a committed generation. */
void tg_live_read(const struct tg_page *page, struct tg_live *live);

/* NULL: it is not live. */
const struct tg_live_gateway *tg_live_find(const struct tg_live *live, const char *name);

/* Whether it was removed while its folder was still there: it is told when that goes too. */
bool tg_live_is_removed(const struct tg_page *page, const char *name);

/* Whether workers refused its content, be it because its path is one that another gateway may come
 * back to. */
bool tg_live_is_refused(const struct tg_page *page, const char *name);

/* The paths of all live gateways but the one called name; those that no worker has loaded are left
 * out. Texts are in the room. */
struct tg_live_paths {
    uint32_t count;
    struct tg_validate_other others[TG_GATEWAYS_MAX];
    char texts[TG_GATEWAYS_MAX][TG_GATEWAY_ROW_PATH_MAX + 1];
};
void tg_live_paths(const struct tg_page *page, const struct tg_live *live, const char *name,
                   struct tg_live_paths *paths);

#endif
