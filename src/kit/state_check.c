/* SPDX-License-Identifier: MIT */
#include "kit/state_check.h"

#include <stdio.h>

#include "base/log.h"
#include "hub/client.h"
#include "hub/gateway.h"
#include "script/bind_client.h"
#include "script/handover.h"
#include "script/json_encode.h"
#include "script/plain_copy.h"
#include "script/vm.h"

#define ROOT "client.state"

struct finding {
    const struct tg_client *client;
    struct tg_plain_faults faults;
};

/* In protected mode. */
static int on_check(lua_State *L)
{
    struct finding *finding = lua_touserdata(L, 1);
    struct tg_buf json;
    const char *why = NULL;

    tg_bind_client_push_state(L, finding->client);
    if (!lua_istable(L, -1)) {
        return 0;
    }
    tg_plain_copy(L, lua_gettop(L), ROOT, &finding->faults);
    tg_buf_init(&json, TG_HANDOVER_CLIENT_MAX);
    if (finding->faults.count == 0 && tg_json_write(L, lua_gettop(L), &json, &why) != TG_OK) {
        finding->faults.count = 1;
        (void)snprintf(finding->faults.path, sizeof(finding->faults.path), ROOT);
        (void)snprintf(finding->faults.why, sizeof(finding->faults.why), "%s", why);
    }
    tg_buf_fini(&json);
    return 0;
}

void tg_state_check_run(struct tg_vm *vm, const struct tg_client *client)
{
    struct finding finding = {.client = client};
    char quoted[TG_PLAIN_PATH_BYTES * 4];

    if (client->holder != vm) {
        return;
    }
    if (tg_vm_protect(vm, on_check, &finding) != 0) {
        lua_pop(vm->L, 1); /* memory is short: nothing was found out */
        return;
    }
    if (finding.faults.count > 0) {
        tg_log_write(TG_LOG_LEVEL_ERROR, vm->gateway->name, "client.state can't be carried over",
                     "key=%s why=\"%s\"",
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(finding.faults.path)),
                     finding.faults.why);
    }
}
