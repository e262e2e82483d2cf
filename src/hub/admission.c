/* SPDX-License-Identifier: MIT */
#include "hub/admission.h"

#include <inttypes.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/ip.h"
#include "hub/hub.h"
#include "hub/tenant.h"

static const char LOG_MODULE[] = "admission";

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, RELIEVED_PERCENT = 95, BURST_SECONDS = 2 };

static uint64_t now_ns(const struct tg_hub *hub)
{
    return tg_hub_now_ms(hub) * NS_PER_MS;
}

/* What an address is counted by. False: it is no IP address. */
static bool make_address_key(struct tg_str address, struct tg_seat_key *key)
{
    struct tg_ip ip;

    if (tg_ip_read(address, &ip) != TG_OK) {
        return false;
    }
    *key = (struct tg_seat_key){{0, 0}};
    memcpy(&key->words[0], ip.octets, sizeof(key->words[0]));
    if (tg_ip_is_v4(&ip)) {
        memcpy(&key->words[1], ip.octets + 8, sizeof(key->words[1]));
    }
    return true;
}

uint64_t tg_admission_hash_address(struct tg_str address)
{
    struct tg_seat_key key;

    return make_address_key(address, &key) ? tg_hash(&key, sizeof(key))
                                           : tg_hash(address.at, address.length);
}

/* Two keyed hashes instead of the id, which is longer than a key: nobody can choose ids that
 * collide. */
static void make_tenant_key(struct tg_str tenant, struct tg_seat_key *key)
{
    char salted[TG_TENANT_MAX + 1];

    tg_require(tenant.length < sizeof(salted));
    memcpy(salted, tenant.at, tenant.length);
    salted[tenant.length] = '#'; /* which no id holds */
    key->words[0] = tg_hash(salted, tenant.length);
    key->words[1] = tg_hash(salted, tenant.length + 1);
}

enum tg_refusal tg_admission_knock(struct tg_hub *hub, struct tg_str address)
{
    const struct tg_config *config = hub->config;
    struct tg_seat_key key;
    uint64_t rate = config->handshakes_per_second;

    if (hub->is_shedding) {
        return TG_REFUSAL_SHORT_OF_MEMORY;
    }
    if (rate == 0 || !make_address_key(address, &key)) {
        return TG_REFUSAL_NONE;
    }
    struct tg_seat_rate bucket = {
        .interval_ns = NS_PER_S / rate,
        .burst = config->handshake_burst ? config->handshake_burst : rate * BURST_SECONDS,
    };
    int err = tg_seats_knock(hub->page, &key, &bucket, now_ns(hub));
    if (err) {
        return err == TG_ERR_DENIED ? TG_REFUSAL_RATE_LIMITED : TG_REFUSAL_TABLE_FULL;
    }
    return TG_REFUSAL_NONE;
}

static enum tg_refusal refusal_of(enum tg_seats_result result)
{
    switch (result) {
    case TG_SEATS_TAKEN:
        return TG_REFUSAL_NONE;
    case TG_SEATS_ADDRESS_FULL:
        return TG_REFUSAL_ADDRESS_AT_CAPACITY;
    case TG_SEATS_TENANT_FULL:
        return TG_REFUSAL_TENANT_AT_CAPACITY;
    case TG_SEATS_TABLE_FULL:
        return TG_REFUSAL_TABLE_FULL;
    case TG_SEATS_FULL:
        break;
    }
    return TG_REFUSAL_AT_CAPACITY;
}

/* The caps, and room for the keys that they are counted by. */
struct claim {
    struct tg_seats_claim seats;
    struct tg_seat_key address;
    struct tg_seat_key tenant;
};

static void make_claim(struct tg_hub *hub, struct tg_str address, struct tg_str tenant,
                       struct claim *claim)
{
    const struct tg_config *config = hub->config;

    claim->seats = (struct tg_seats_claim){
        .max_seats = config->max_connections,
        .max_per_address = config->max_connections_per_address,
        .max_per_tenant = config->max_connections_per_tenant,
        .now_ns = now_ns(hub),
    };
    if (config->max_connections_per_address > 0 && make_address_key(address, &claim->address)) {
        claim->seats.address = &claim->address;
    }
    if (config->max_connections_per_tenant > 0 && tenant.at) {
        make_tenant_key(tenant, &claim->tenant);
        claim->seats.tenant = &claim->tenant;
    }
}

enum tg_refusal tg_admission_look(struct tg_hub *hub, struct tg_str address)
{
    struct claim claim;

    make_claim(hub, address, tg_str(NULL, 0), &claim);
    return refusal_of(tg_seats_look(hub->page, &claim.seats));
}

enum tg_refusal tg_admission_take(struct tg_hub *hub, struct tg_str address, struct tg_str tenant,
                                  struct tg_ticket *ticket)
{
    struct claim claim;

    make_claim(hub, address, tenant, &claim);
    return refusal_of(tg_seats_take(hub->page, hub->row_index, &claim.seats, ticket));
}

enum tg_refusal tg_admission_take_tenant(struct tg_hub *hub, struct tg_str tenant,
                                         struct tg_ticket *ticket)
{
    struct claim claim;

    make_claim(hub, tg_str(NULL, 0), tenant, &claim);
    return refusal_of(tg_seats_take_tenant(hub->page, hub->row_index, &claim.seats, ticket));
}

void tg_admission_give(struct tg_hub *hub, struct tg_ticket *ticket)
{
    tg_seats_give(hub->page, hub->row_index, ticket);
}

void tg_admission_set_resident(struct tg_hub *hub, uint64_t resident_bytes)
{
    uint64_t mark = hub->config->shed_memory;
    bool was_shedding = hub->is_shedding;

    if (mark == 0) {
        return;
    }
    if (resident_bytes > mark) {
        hub->is_shedding = true;
    } else if (resident_bytes < mark / 100 * RELIEVED_PERCENT) {
        hub->is_shedding = false;
    }
    tg_row_set(hub->row, TG_COUNT_SHEDDING, hub->is_shedding);
    if (hub->is_shedding && !was_shedding) {
        TG_LOG_WARN("memory is short, handshakes are refused",
                    "resident_bytes=%" PRIu64 " shed_memory=%" PRIu64, resident_bytes, mark);
    } else if (was_shedding && !hub->is_shedding) {
        TG_LOG_INFO("memory is no longer short", "resident_bytes=%" PRIu64 " shed_memory=%" PRIu64,
                    resident_bytes, mark);
    }
}

uint32_t tg_admission_retry_after(struct tg_hub *hub, enum tg_refusal refusal)
{
    uint64_t min_s = (hub->config->retry_after_min_ms + 999) / 1000;
    uint64_t max_s = hub->config->retry_after_max_ms / 1000;
    int status = tg_refusal_row(refusal)->status;

    if (status != 503 && status != 429) {
        return 0;
    }
    if (max_s <= min_s) {
        return (uint32_t)min_s;
    }
    return (uint32_t)(min_s + tg_rand_below(&hub->rand, max_s - min_s + 1));
}

void tg_admission_count(struct tg_hub *hub, enum tg_refusal refusal)
{
    switch (refusal) {
    case TG_REFUSAL_AT_CAPACITY:
    case TG_REFUSAL_TENANT_AT_CAPACITY:
    case TG_REFUSAL_ADDRESS_AT_CAPACITY:
    case TG_REFUSAL_TABLE_FULL:
    case TG_REFUSAL_SHORT_OF_MEMORY:
        tg_hub_count(hub, TG_COUNT_UPGRADES_REFUSED, 1);
        break;
    default:
        break;
    }
}
