/* SPDX-License-Identifier: MIT */
/* Who connects while a walk goes on is judged at the handshake by what is in force already, so it
 * does no harm that a slot behind the cursor is filled anew. */
#include "hub/recheck.h"

#include "hub/client.h"
#include "hub/hub.h"
#include "hub/provenance.h"
#include "hub/revocations.h"
#include "hub/tenants.h"

/* Why the client may not stay; TG_CLOSE_REASON_COUNT: it may. */
static enum tg_close_reason judge(const struct tg_hub *hub, const struct tg_client *client)
{
    const struct tg_provenance *provenance = client->provenance;
    struct tg_bearer bearer = {
        .jti = tg_str_of(provenance->token.jti),
        .sub = tg_str_of(provenance->token.sub),
        .tenant = tg_str_of(provenance->tenant),
    };

    if (tg_revocations_hit(hub, &bearer)) {
        return TG_CLOSE_REVOKED;
    }
    if (!provenance->tenant) {
        return TG_CLOSE_REASON_COUNT;
    }
    switch (tg_tenants_state(hub, tg_str_of(provenance->tenant))) {
    case TG_TENANT_SUSPENDED:
        return TG_CLOSE_TENANT_SUSPENDED;
    case TG_TENANT_UNKNOWN:
        return TG_CLOSE_UNKNOWN_TENANT;
    case TG_TENANT_ACTIVE:
        break;
    }
    return TG_CLOSE_REASON_COUNT;
}

/* It is time for the next slice. */
static void on_slice(struct tg_timer *timer)
{
    struct tg_recheck *recheck = TG_CONTAINER(timer, struct tg_recheck, timer);
    struct tg_hub *hub = TG_CONTAINER(recheck, struct tg_hub, recheck);
    uint32_t closed = 0;

    for (uint32_t i = 0; i < TG_RECHECK_SLOTS && closed < TG_RECHECK_CLOSES; i++) {
        if (recheck->cursor >= hub->registry.capacity) {
            return;
        }
        struct tg_client *client = hub->registry.slots[recheck->cursor++];
        /* Who has not shown a token yet is judged with it. */
        if (!client || !tg_client_is_open(client) || client->phase == TG_CLIENT_AUTHENTICATING) {
            continue;
        }
        enum tg_close_reason reason = judge(hub, client);
        if (reason != TG_CLOSE_REASON_COUNT) {
            tg_client_close(client, reason);
            closed++;
        }
    }
    tg_timer_set(hub->wheel, timer, tg_hub_now_ms(hub) + 1);
}

void tg_recheck_start(struct tg_hub *hub)
{
    hub->recheck.cursor = 0;
    hub->recheck.timer.on_due = on_slice;
    tg_timer_set(hub->wheel, &hub->recheck.timer, tg_hub_now_ms(hub));
}

void tg_recheck_stop(struct tg_hub *hub)
{
    tg_timer_cancel(hub->wheel, &hub->recheck.timer);
}
