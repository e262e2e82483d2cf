/* SPDX-License-Identifier: MIT */
/* Reservations over all workers: a seat of the house, and with it one of the address's and of the
 * tenant's. Looking and raising are one step under the page's mutex, so racing handshakes never
 * pass a cap; all counts that a claim names are raised, or none.
 * Lives in: a worker. Owns: nothing; a ticket says what its holder has to give back. */
#ifndef TG_CORE_SEATS_H
#define TG_CORE_SEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/seat_table.h"
#include "core/shared_page.h"

/* What is held. Zeroes: nothing. */
struct tg_ticket {
    uint32_t address_row; /* when has_address */
    uint32_t tenant_row;  /* when has_tenant */
    bool has_seat;
    bool has_address;
    bool has_tenant;
};

/* A key of NULL, and a cap of 0, is no claim: nothing is counted. */
struct tg_seats_claim {
    uint64_t max_seats; /* 0: no cap, but counted */
    const struct tg_seat_key *address;
    uint64_t max_per_address;
    const struct tg_seat_key *tenant;
    uint64_t max_per_tenant;
    uint64_t now_ns; /* monotonic */
};

enum tg_seats_result {
    TG_SEATS_TAKEN,
    TG_SEATS_FULL, /* the house; or the mutex is of no use */
    TG_SEATS_ADDRESS_FULL,
    TG_SEATS_TENANT_FULL,
    TG_SEATS_TABLE_FULL /* there is no row for the address or the tenant */
};

/* Makes the tables that the configuration's caps ask for, before the first fork. TG_ERR_NOMEM. */
int tg_seats_prepare(struct tg_page *page, const struct tg_config *config);

/* Whether all that is claimed could be taken now. */
enum tg_seats_result tg_seats_look(struct tg_page *page, const struct tg_seats_claim *claim);

/* Takes what is claimed for the worker; the ticket, which held nothing, holds it then. */
enum tg_seats_result tg_seats_take(struct tg_page *page, uint32_t worker,
                                   const struct tg_seats_claim *claim, struct tg_ticket *ticket);

/* The same with the tenant's seat alone, for a ticket that has none. */
enum tg_seats_result tg_seats_take_tenant(struct tg_page *page, uint32_t worker,
                                          const struct tg_seats_claim *claim,
                                          struct tg_ticket *ticket);

/* Gives everything back; the ticket holds nothing then. Twice is once. */
void tg_seats_give(struct tg_page *page, uint32_t worker, struct tg_ticket *ticket);

/* The address comes once more. TG_OK, TG_ERR_DENIED (too often), TG_ERR_FULL (no row for it). */
int tg_seats_knock(struct tg_page *page, const struct tg_seat_key *address,
                   const struct tg_seat_rate *rate, uint64_t now_ns);

#endif
