/* SPDX-License-Identifier: MIT */
/* The rules of one worker, without sockets and Lua: everything that clients share.
 * Lives in: a worker, the test kit. Owns: registry, scopes, gateways. Borrows: the rest. */
#ifndef TG_HUB_HUB_H
#define TG_HUB_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/list.h"
#include "base/log.h"
#include "base/rand.h"
#include "core/config.h"
#include "core/shared_page.h"
#include "core/wheel.h"
#include "hub/bus.h"
#include "hub/counter.h"
#include "hub/gateway.h"
#include "hub/recheck.h"
#include "hub/registry.h"
#include "hub/transport.h"

struct tg_auth;       /* hub/auth.h */
struct tg_line_table; /* hub/line_table.h */
struct tg_scope;      /* hub/room.h */

struct tg_hub {
    /* borrowed */
    const struct tg_config *config;
    struct tg_page *page;
    struct tg_page_row *row;
    uint32_t row_index;
    struct tg_wheel *wheel; /* its now_ms is the turn's monotonic time */
    const struct tg_clock *clock;
    const struct tg_transport *transport;
    const struct tg_bus *bus;
    struct tg_line_count *line_count; /* the script's; NULL: lines are not counted */

    /* owned */
    struct tg_auth *auth; /* NULL: no key is configured, a token is refused */
    struct tg_gateway *gateways[TG_GATEWAYS_MAX];
    uint32_t gateway_count;
    struct tg_gateway
        *removed; /* still needed for a while: they have clients, or are being freed */
    struct tg_registry registry;
    struct tg_line_table *tenants;     /* NULL: no version of the file has come (hub/tenants.h) */
    struct tg_line_table *revocations; /* NULL: none */
    struct tg_recheck recheck;
    struct tg_scope *scopes; /* keyed by gateway and tenant */
    uint32_t room_count;
    struct tg_link ending;        /* clients whose end has been decided and not yet been run */
    struct tg_client *running;    /* whose handler is in the script now */
    struct tg_frame *ping;        /* shared by all */
    struct tg_frame_pool *frames; /* for small ones */
    uint32_t drain_cursor;        /* slots below it have been told */
    struct tg_rand rand;
    uint64_t boot;     /* random: makes client ids unique in the cluster */
    uint64_t seat_key; /* odd, secret: which seat of a tally a client has (core/tally.h) */
    bool is_draining;
    uint32_t unloaded_seen; /* how many of the page's unloaded gateways are known here */
    bool is_shedding;       /* memory is short: handshakes are refused */
    struct tg_log_limit refusal_log;
    struct tg_log_limit eviction_log;
};

struct tg_hub_options {
    const struct tg_config *config;
    struct tg_page *page;
    uint32_t row_index;
    struct tg_wheel *wheel;
    const struct tg_clock *clock;
    const struct tg_transport *transport;
    const struct tg_bus *bus;         /* NULL: tg_bus_alone */
    uint64_t seed;                    /* of random numbers; 0: from the kernel */
    struct tg_line_count *line_count; /* NULL in a server */
};

/* TG_ERR_NOMEM, TG_ERR_INVALID (a bad key) with a message; nothing is held then. */
int tg_hub_init(struct tg_hub *hub, const struct tg_hub_options *options, struct tg_errmsg *msg);

/* Ends what is left without calls into scripts, and destroys the gateways. All connections must
 * be gone from the transport. Accepts zeroes. */
void tg_hub_fini(struct tg_hub *hub);

/* Takes the gateway over on success. TG_ERR_EXISTS (its path is taken; the message names both),
 * TG_ERR_FULL. */
int tg_hub_add_gateway(struct tg_hub *hub, struct tg_gateway *gateway, struct tg_errmsg *msg);

/* Takes a gateway of the hub's out of its routes: its handshakes find nobody. It stays the hub's as
 * long as it has clients, whom the caller closes. */
void tg_hub_remove_gateway(struct tg_hub *hub, struct tg_gateway *gateway);

/* Takes over a gateway that is in no route, nor has clients; one that it has already stays as it
 * is.
 */
void tg_hub_take_removed(struct tg_hub *hub, struct tg_gateway *gateway);

/* Destroys a removed gateway when its last client is gone; whether it was. Not inside of a call
 * into a script. */
bool tg_hub_drop_removed(struct tg_hub *hub, struct tg_gateway *gateway);

/* Runs the ends that were decided: on_disconnect, then unregister. The worker calls it at the end
 * of every loop turn, before the transport writes. */
void tg_hub_turn(struct tg_hub *hub);

/* Draining: refuses handshakes from now on. */
void tg_hub_start_drain(struct tg_hub *hub);

/* Closes up to count clients that are not closing yet with TG_CLOSE_DRAIN. Returns how many are
 * still registered. */
uint32_t tg_hub_drain_some(struct tg_hub *hub, uint32_t count);

static inline uint64_t tg_hub_now_ms(const struct tg_hub *hub)
{
    return hub->wheel->now_ms;
}

/* When delay_ms from this very moment have passed: the wheel's time is that of the turn's
 * beginning, and nobody who asks for a delay may get less. */
static inline uint64_t tg_hub_due_ms(const struct tg_hub *hub, uint64_t delay_ms)
{
    uint64_t now_ms = tg_clock_mono_ms(hub->clock);

    return (now_ms > hub->wheel->now_ms ? now_ms : hub->wheel->now_ms) + delay_ms;
}

static inline void tg_hub_count(struct tg_hub *hub, uint32_t counter, uint64_t by)
{
    tg_row_add(hub->row, counter, by);
}

#endif
