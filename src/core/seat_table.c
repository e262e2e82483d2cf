/* SPDX-License-Identifier: MIT */
/* Linear probing within a window. A row that was used once never becomes unused, only void or
 * another key's: so a search may end at the first unused row, and nothing has to be moved. */
#include "core/seat_table.h"

#include <stdatomic.h>
#include <sys/mman.h>

#include "base/check.h"
#include "base/hash.h"

enum state {
    STATE_UNUSED, /* as the kernel gives it */
    STATE_VOID,   /* its key is being written, or its writer died over it */
    STATE_KEYED
};

struct row {
    uint32_t state;            /* enum state; under the mutex */
    struct tg_seat_key key;    /* under the mutex */
    uint64_t full_at_ns;       /* when the bucket will be full; under the mutex */
    _Atomic uint32_t counts[]; /* by worker: raised by it under the mutex, lowered by it; zeroed by
                                  the supervisor when it is dead */
};

struct tg_seat_table {
    /* written before the first fork */
    size_t size; /* of the mapping, octets */
    size_t stride;
    uint32_t row_count; /* a power of two */
    uint32_t worker_count;

    max_align_t rows[]; /* row_count of them, stride octets each */
};

static struct row *row_at(const struct tg_seat_table *table, uint32_t index)
{
    char *rows = (char *)(uintptr_t)table->rows;

    tg_require(index < table->row_count);
    return (struct row *)(void *)(rows + table->stride * index);
}

struct tg_seat_table *tg_seat_table_create(uint32_t rows, uint32_t worker_count)
{
    uint32_t row_count = TG_SEAT_TABLE_ROWS_MIN;

    tg_require(worker_count >= 1);
    while (row_count < rows && row_count < TG_SEAT_TABLE_ROWS_MAX) {
        row_count *= 2;
    }
    size_t stride = sizeof(struct row) + sizeof(uint32_t) * worker_count;
    stride = (stride + _Alignof(struct row) - 1) / _Alignof(struct row) * _Alignof(struct row);
    size_t size = sizeof(struct tg_seat_table) + stride * row_count;
    /* The kernel gives zeroed memory, and only for the pages that are touched. */
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    struct tg_seat_table *table = memory;
    table->size = size;
    table->stride = stride;
    table->row_count = row_count;
    table->worker_count = worker_count;
    return table;
}

void tg_seat_table_destroy(struct tg_seat_table *table)
{
    if (table) {
        (void)munmap(table, table->size);
    }
}

uint32_t tg_seat_table_rows(const struct tg_seat_table *table)
{
    return table->row_count;
}

static uint64_t sum_of(const struct tg_seat_table *table, const struct row *row)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < table->worker_count; i++) {
        sum += atomic_load_explicit(&row->counts[i], memory_order_relaxed);
    }
    return sum;
}

static bool is_free(const struct tg_seat_table *table, const struct row *row, uint64_t now_ns)
{
    return row->state != STATE_KEYED || (row->full_at_ns <= now_ns && sum_of(table, row) == 0);
}

/* Whoever dies in here leaves a row that nobody finds and that has no count. */
static void write_key(struct row *row, const struct tg_seat_key *key)
{
    row->state = STATE_VOID;
    atomic_signal_fence(memory_order_seq_cst);
    row->key = *key;
    row->full_at_ns = 0;
    atomic_signal_fence(memory_order_seq_cst);
    row->state = STATE_KEYED;
}

uint32_t tg_seat_table_find(struct tg_seat_table *table, const struct tg_seat_key *key,
                            uint64_t now_ns)
{
    uint32_t mask = table->row_count - 1;
    uint32_t home = (uint32_t)tg_hash(key, sizeof(*key)) & mask;
    uint32_t unused = TG_SEAT_TABLE_NO_ROW;

    for (uint32_t i = 0; i < TG_SEAT_TABLE_WINDOW; i++) {
        uint32_t index = (home + i) & mask;
        struct row *row = row_at(table, index);
        if (row->state == STATE_KEYED && memcmp(&row->key, key, sizeof(*key)) == 0) {
            return index;
        }
        if (unused == TG_SEAT_TABLE_NO_ROW && is_free(table, row, now_ns)) {
            unused = index;
        }
        if (row->state == STATE_UNUSED) {
            break;
        }
    }
    if (unused != TG_SEAT_TABLE_NO_ROW) {
        write_key(row_at(table, unused), key);
    }
    return unused;
}

uint64_t tg_seat_table_count(const struct tg_seat_table *table, uint32_t row)
{
    return sum_of(table, row_at(table, row));
}

void tg_seat_table_raise(struct tg_seat_table *table, uint32_t row, uint32_t worker)
{
    tg_require(worker < table->worker_count);
    atomic_fetch_add_explicit(&row_at(table, row)->counts[worker], 1, memory_order_relaxed);
}

void tg_seat_table_lower(struct tg_seat_table *table, uint32_t row, uint32_t worker)
{
    tg_require(worker < table->worker_count);
    _Atomic uint32_t *count = &row_at(table, row)->counts[worker];
    /* Only the worker itself lowers its count, so no other one comes between the two. */
    if (tg_check(atomic_load(count) > 0)) {
        atomic_fetch_sub_explicit(count, 1, memory_order_relaxed);
    }
}

bool tg_seat_table_spend(struct tg_seat_table *table, uint32_t row, const struct tg_seat_rate *rate,
                         uint64_t now_ns)
{
    struct row *spender = row_at(table, row);
    uint64_t full_at_ns = spender->full_at_ns > now_ns ? spender->full_at_ns : now_ns;

    if (full_at_ns - now_ns > rate->interval_ns * (rate->burst - 1)) {
        return false;
    }
    spender->full_at_ns = full_at_ns + rate->interval_ns;
    return true;
}

void tg_seat_table_reset_worker(struct tg_seat_table *table, uint32_t worker)
{
    tg_require(worker < table->worker_count);
    for (uint32_t i = 0; i < table->row_count; i++) {
        atomic_store_explicit(&row_at(table, i)->counts[worker], 0, memory_order_relaxed);
    }
}
