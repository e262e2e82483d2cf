/* SPDX-License-Identifier: MIT */
#include "core/seats.h"

#include "base/check.h"
#include "base/err.h"

/* Half of a table stays free when the house is full, so that rows are found within the window. */
static uint32_t rows_for_seats(const struct tg_config *config)
{
    uint64_t max = config->max_connections;

    return max == 0 || max > TG_SEAT_TABLE_ROWS_MAX / 2 ? TG_SEAT_TABLE_ROWS_MAX
                                                        : (uint32_t)max * 2;
}

int tg_seats_prepare(struct tg_page *page, const struct tg_config *config)
{
    uint32_t rows = rows_for_seats(config);

    if (config->max_connections_per_address > 0 || config->handshakes_per_second > 0) {
        /* A rate is remembered of the refused too, who may be far more than there are seats. */
        page->addresses = tg_seat_table_create(
            config->handshakes_per_second > 0 ? TG_SEAT_TABLE_ROWS_MAX : rows, page->worker_count);
        if (!page->addresses) {
            return TG_ERR_NOMEM;
        }
    }
    if (config->max_connections_per_tenant > 0) {
        page->tenants = tg_seat_table_create(rows, page->worker_count);
        if (!page->tenants) {
            return TG_ERR_NOMEM; /* tg_page_destroy frees the other */
        }
    }
    return TG_OK;
}

/* --- under the mutex --- */

/* The row in which there is room for one more; TG_SEAT_TABLE_NO_ROW with *result when there is
 * none. */
static uint32_t find_room(struct tg_seat_table *table, const struct tg_seat_key *key, uint64_t max,
                          uint64_t now_ns, enum tg_seats_result *result)
{
    tg_require(table != NULL);
    uint32_t row = tg_seat_table_find(table, key, now_ns);

    if (row == TG_SEAT_TABLE_NO_ROW) {
        *result = TG_SEATS_TABLE_FULL;
    } else if (tg_seat_table_count(table, row) >= max) {
        row = TG_SEAT_TABLE_NO_ROW;
    }
    return row;
}

static bool wants_address(const struct tg_seats_claim *claim)
{
    return claim->address && claim->max_per_address > 0;
}

static bool wants_tenant(const struct tg_seats_claim *claim)
{
    return claim->tenant && claim->max_per_tenant > 0;
}

static enum tg_seats_result find_tenant(struct tg_page *page, const struct tg_seats_claim *claim,
                                        struct tg_ticket *found)
{
    enum tg_seats_result result = TG_SEATS_TENANT_FULL;

    if (wants_tenant(claim)) {
        found->tenant_row =
            find_room(page->tenants, claim->tenant, claim->max_per_tenant, claim->now_ns, &result);
        found->has_tenant = found->tenant_row != TG_SEAT_TABLE_NO_ROW;
        return found->has_tenant ? TG_SEATS_TAKEN : result;
    }
    return TG_SEATS_TAKEN;
}

/* What a ticket would hold; nothing is raised yet. */
static enum tg_seats_result find_all(struct tg_page *page, const struct tg_seats_claim *claim,
                                     struct tg_ticket *found)
{
    enum tg_seats_result result = TG_SEATS_ADDRESS_FULL;

    *found = (struct tg_ticket){.has_seat = true};
    if (claim->max_seats > 0 && tg_page_seats(page) >= claim->max_seats) {
        return TG_SEATS_FULL;
    }
    if (wants_address(claim)) {
        found->address_row = find_room(page->addresses, claim->address, claim->max_per_address,
                                       claim->now_ns, &result);
        found->has_address = found->address_row != TG_SEAT_TABLE_NO_ROW;
        if (!found->has_address) {
            return result;
        }
    }
    return find_tenant(page, claim, found);
}

static void raise_all(struct tg_page *page, uint32_t worker, const struct tg_ticket *found)
{
    if (found->has_seat) {
        atomic_fetch_add_explicit(&page->rows[worker].seats, 1, memory_order_relaxed);
    }
    if (found->has_address) {
        tg_seat_table_raise(page->addresses, found->address_row, worker);
    }
    if (found->has_tenant) {
        tg_seat_table_raise(page->tenants, found->tenant_row, worker);
    }
}

/* --- what is asked from outside --- */

enum tg_seats_result tg_seats_look(struct tg_page *page, const struct tg_seats_claim *claim)
{
    struct tg_ticket found;

    if (!wants_address(claim) && !wants_tenant(claim)) {
        return find_all(page, claim, &found); /* the sum of the seats needs no mutex */
    }
    if (!tg_page_lock(page)) {
        return TG_SEATS_FULL;
    }
    enum tg_seats_result result = find_all(page, claim, &found);
    tg_page_unlock(page);
    return result;
}

enum tg_seats_result tg_seats_take(struct tg_page *page, uint32_t worker,
                                   const struct tg_seats_claim *claim, struct tg_ticket *ticket)
{
    struct tg_ticket found;

    tg_require(worker < page->worker_count && !ticket->has_seat);
    if (!tg_page_lock(page)) {
        return TG_SEATS_FULL;
    }
    enum tg_seats_result result = find_all(page, claim, &found);
    if (result == TG_SEATS_TAKEN) {
        raise_all(page, worker, &found);
        *ticket = found;
    }
    tg_page_unlock(page);
    return result;
}

enum tg_seats_result tg_seats_take_tenant(struct tg_page *page, uint32_t worker,
                                          const struct tg_seats_claim *claim,
                                          struct tg_ticket *ticket)
{
    struct tg_ticket found = {0};

    tg_require(worker < page->worker_count && !ticket->has_tenant);
    if (!wants_tenant(claim)) {
        return TG_SEATS_TAKEN;
    }
    if (!tg_page_lock(page)) {
        return TG_SEATS_FULL;
    }
    enum tg_seats_result result = find_tenant(page, claim, &found);
    if (result == TG_SEATS_TAKEN) {
        raise_all(page, worker, &found);
        ticket->tenant_row = found.tenant_row;
        ticket->has_tenant = true;
    }
    tg_page_unlock(page);
    return result;
}

void tg_seats_give(struct tg_page *page, uint32_t worker, struct tg_ticket *ticket)
{
    tg_require(worker < page->worker_count);
    if (ticket->has_address) {
        tg_seat_table_lower(page->addresses, ticket->address_row, worker);
    }
    if (ticket->has_tenant) {
        tg_seat_table_lower(page->tenants, ticket->tenant_row, worker);
    }
    /* Only the row's worker gives back, so no other one comes between the two. */
    if (ticket->has_seat && tg_check(atomic_load(&page->rows[worker].seats) > 0)) {
        atomic_fetch_sub_explicit(&page->rows[worker].seats, 1, memory_order_relaxed);
    }
    *ticket = (struct tg_ticket){0};
}

int tg_seats_knock(struct tg_page *page, const struct tg_seat_key *address,
                   const struct tg_seat_rate *rate, uint64_t now_ns)
{
    int result = TG_ERR_FULL;

    tg_require(page->addresses != NULL);
    if (!tg_page_lock(page)) {
        return TG_ERR_FULL;
    }
    uint32_t row = tg_seat_table_find(page->addresses, address, now_ns);
    if (row != TG_SEAT_TABLE_NO_ROW) {
        result = tg_seat_table_spend(page->addresses, row, rate, now_ns) ? TG_OK : TG_ERR_DENIED;
    }
    tg_page_unlock(page);
    return result;
}
