/* SPDX-License-Identifier: MIT */
/* Counted rows in shared memory, found by a key: who has how many seats, on which worker, and how
 * fast it comes. A row whose counts are all zero and whose rate is forgotten is used again.
 * Lives in: every process; made by the supervisor before it spawns, inherited over fork. Rows are
 * found, and their counts raised, under the page's mutex; a worker lowers its own counts without.
 * Opaque; each field says who writes it (seat_table.c). */
#ifndef TG_CORE_SEAT_TABLE_H
#define TG_CORE_SEAT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tg_seat_table;

enum {
    TG_SEAT_TABLE_WINDOW = 128, /* rows that a key may stand in */
    TG_SEAT_TABLE_ROWS_MIN = 256,
    TG_SEAT_TABLE_ROWS_MAX = 1 << 18
};

static const uint32_t TG_SEAT_TABLE_NO_ROW = UINT32_MAX;

/* Whose seats; compared whole. */
struct tg_seat_key {
    uint64_t words[2];
};

/* How often a key may come: a token bucket, kept as the time at which it will be full again (the
 * generic cell rate algorithm of ITU-T I.371). */
struct tg_seat_rate {
    uint64_t interval_ns; /* a token's price */
    uint64_t burst;       /* tokens in a full bucket, at least 1 */
};

/* rows: at least so many, within the bounds above. NULL when the kernel refuses. */
struct tg_seat_table *tg_seat_table_create(uint32_t rows, uint32_t worker_count);

/* Unmaps. Accepts NULL. */
void tg_seat_table_destroy(struct tg_seat_table *table);

uint32_t tg_seat_table_rows(const struct tg_seat_table *table);

/* Under the mutex: the key's row, which is made when it has none. It stays the key's as long as it
 * has a count or a rate. TG_SEAT_TABLE_NO_ROW: all that it could have are taken. */
uint32_t tg_seat_table_find(struct tg_seat_table *table, const struct tg_seat_key *key,
                            uint64_t now_ns);

/* The row's count over all workers. */
uint64_t tg_seat_table_count(const struct tg_seat_table *table, uint32_t row);

/* Under the mutex: one more of that worker's. */
void tg_seat_table_raise(struct tg_seat_table *table, uint32_t row, uint32_t worker);

/* One less, by that worker alone. */
void tg_seat_table_lower(struct tg_seat_table *table, uint32_t row, uint32_t worker);

/* Under the mutex: takes a token. False, with nothing changed, when there is none. */
bool tg_seat_table_spend(struct tg_seat_table *table, uint32_t row, const struct tg_seat_rate *rate,
                         uint64_t now_ns);

/* The supervisor, when the worker is dead: it has nothing any more. */
void tg_seat_table_reset_worker(struct tg_seat_table *table, uint32_t worker);

#endif
