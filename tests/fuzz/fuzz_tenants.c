/* SPDX-License-Identifier: MIT */
/* Documents of tenants and of revocations: taken whole or not at all, and what was taken is
 * found. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "hub/hub.h"
#include "hub/line_table.h"
#include "hub/recheck.h"
#include "hub/revocations.h"
#include "hub/tenant.h"
#include "hub/tenants.h"

static void check_tenants(const struct tg_hub *hub, struct tg_str text)
{
    while (text.at && text.length > 0) {
        struct tg_str line = tg_str_split(&text, '\n');
        struct tg_str id = tg_str_split(&line, '\t');
        tg_require(tg_tenant_is_id(id));
        tg_require(tg_tenants_state(hub, id) != TG_TENANT_UNKNOWN);
        tg_require(tg_tenants_name(hub, id).length > 0);
    }
}

static void check_revocations(const struct tg_hub *hub, struct tg_str text)
{
    while (text.at && text.length > 0) {
        struct tg_str value = tg_str_split(&text, '\n');
        struct tg_str kind = tg_str_split(&value, ' ');
        struct tg_bearer bearer = {0};
        if (tg_str_is(kind, TG_STR("jti"))) {
            bearer.jti = value;
        } else if (tg_str_is(kind, TG_STR("sub"))) {
            bearer.sub = value;
        } else {
            bearer.tenant = value;
        }
        tg_require(tg_revocations_hit(hub, &bearer));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_config config = {0};
    struct tg_wheel wheel;
    struct tg_hub hub = {.config = &config, .wheel = &wheel};
    struct tg_str text = tg_str((const char *)input, length);
    struct tg_errmsg msg = {0};

    tg_wheel_init(&wheel, 1);
    if (tg_hub_set_tenants(&hub, text, &msg) == TG_OK) {
        check_tenants(&hub, text);
    } else {
        tg_require(!hub.tenants && msg.text[0] != '\0');
    }
    if (tg_hub_set_revocations(&hub, text, &msg) == TG_OK) {
        check_revocations(&hub, text);
    } else {
        tg_require(!hub.revocations && msg.text[0] != '\0');
    }
    tg_recheck_stop(&hub);
    tg_line_table_destroy(hub.tenants);
    tg_line_table_destroy(hub.revocations);
    return 0;
}
