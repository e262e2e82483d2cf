/* SPDX-License-Identifier: MIT */
/* Who may come in, as far as room is concerned: a rate and a cap per address, a cap per tenant, the
 * cap of the house, and nobody while memory is short. Addresses are counted as they are limited: an
 * IPv4 address as it is, IPv6 by its /64, which is one subscriber's. A peer without an IP address
 * (a local socket) has no address to be counted by.
 * Lives in: a worker; what is counted is counted over all of them (core/seats.h). */
#ifndef TG_HUB_ADMISSION_H
#define TG_HUB_ADMISSION_H

#include <stdint.h>

#include "base/str.h"
#include "core/seats.h"
#include "hub/refusal.h"

struct tg_hub;

/* First, and once per handshake, since it takes a token of the address's: SHORT_OF_MEMORY,
 * RATE_LIMITED, TABLE_FULL, or NONE. address: as text. */
enum tg_refusal tg_admission_knock(struct tg_hub *hub, struct tg_str address);

/* Of what an address is counted by: an IPv4 address, an IPv6 /64, or the text of anything else. The
 * same in all workers, and nobody outside can tell it. */
uint64_t tg_admission_hash_address(struct tg_str address);

/* Before what is dear: whether there is room, the tenant not yet known. */
enum tg_refusal tg_admission_look(struct tg_hub *hub, struct tg_str address);

/* Last: takes the seats, or none. AT_CAPACITY, ADDRESS_AT_CAPACITY, TENANT_AT_CAPACITY, TABLE_FULL,
 * or NONE; then the ticket, which held nothing, holds them. tenant: .at NULL when there is none. */
enum tg_refusal tg_admission_take(struct tg_hub *hub, struct tg_str address, struct tg_str tenant,
                                  struct tg_ticket *ticket);

/* The tenant has become known later: takes its seat for a ticket that has none. */
enum tg_refusal tg_admission_take_tenant(struct tg_hub *hub, struct tg_str tenant,
                                         struct tg_ticket *ticket);

/* Gives back all that the ticket holds; it holds nothing then. */
void tg_admission_give(struct tg_hub *hub, struct tg_ticket *ticket);

/* What the worker's memory amounts to, octets. From limits.shed_memory on handshakes are refused,
 * until less than 95 in 100 of it are taken. */
void tg_admission_set_resident(struct tg_hub *hub, uint64_t resident_bytes);

/* For 503 and 429: spread evenly over limits.retry_after_min to max, so that the refused don't come
 * back as one wave. 0: the refusal asks for none. Seconds. */
uint32_t tg_admission_retry_after(struct tg_hub *hub, enum tg_refusal refusal);

/* Counts a refusal for want of room in ws_upgrades_refused_total; others are not its business. */
void tg_admission_count(struct tg_hub *hub, enum tg_refusal refusal);

#endif
