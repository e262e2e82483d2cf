/* SPDX-License-Identifier: MIT */
#include "hub/publish.h"

#include "base/err.h"
#include "hub/hub.h"
#include "hub/room.h"

struct tg_scope *tg_publish_find_scope(struct tg_hub *hub, const struct tg_audience *audience)
{
    return tg_scope_find(hub, audience->gateway, audience->tenant);
}

uint32_t tg_publish_here(struct tg_hub *hub, const struct tg_publication *publication,
                         const struct tg_client *except)
{
    const struct tg_audience *audience = &publication->audience;
    struct tg_scope *scope = tg_publish_find_scope(hub, audience);

    if (audience->room.at) {
        return tg_room_send(scope, audience->room, publication->frame, except);
    }
    return tg_scope_send(scope, publication->frame, except);
}

int tg_publish(struct tg_hub *hub, const struct tg_bus *bus,
               const struct tg_publication *publication, const struct tg_client *except)
{
    if (tg_frame_payload_length(publication->frame) > TG_BUS_PAYLOAD_MAX) {
        return TG_ERR_TOO_LARGE;
    }
    int err = bus->publish(bus->self, publication);

    if (err == TG_OK) {
        (void)tg_publish_here(hub, publication, except);
    } else if (err == TG_ERR_UNAVAILABLE) {
        tg_hub_count(hub, TG_COUNT_PUBLICATIONS_UNAVAILABLE, 1);
    }
    return err;
}
