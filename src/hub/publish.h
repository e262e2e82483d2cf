/* SPDX-License-Identifier: MIT */
/* One message for a room or a whole scope, on all workers: whatever a gateway emits or broadcasts
 * goes through here.
 * Lives in: a worker. */
#ifndef TG_HUB_PUBLISH_H
#define TG_HUB_PUBLISH_H

#include <stdint.h>

#include "hub/bus.h"

struct tg_client;
struct tg_hub;
struct tg_scope;

/* Looks at the other workers first, then delivers here, to all but except (NULL: no one), who is a
 * client of this worker. TG_OK; TG_ERR_UNAVAILABLE (counted), TG_ERR_NOMEM, TG_ERR_TOO_LARGE (past
 * TG_BUS_PAYLOAD_MAX, however many workers there are): nobody gets it, here neither. */
int tg_publish(struct tg_hub *hub, const struct tg_bus *bus,
               const struct tg_publication *publication, const struct tg_client *except);

/* Delivers to this worker's clients only. Returns how many took it. */
uint32_t tg_publish_here(struct tg_hub *hub, const struct tg_publication *publication,
                         const struct tg_client *except);

/* The audience's scope in this worker; NULL when nobody is there, or no such gateway is loaded. */
struct tg_scope *tg_publish_find_scope(struct tg_hub *hub, const struct tg_audience *audience);

#endif
