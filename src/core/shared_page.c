/* SPDX-License-Identifier: MIT */
#include "core/shared_page.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/check.h"
#include "core/seat_table.h"

static bool make_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attr;

    if (pthread_mutexattr_init(&attr) != 0) {
        return false;
    }
    bool is_made = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0 &&
                   pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0 &&
                   pthread_mutex_init(mutex, &attr) == 0;
    (void)pthread_mutexattr_destroy(&attr);
    return is_made;
}

struct tg_page *tg_page_create(uint32_t worker_count)
{
    tg_require(worker_count >= 1 && worker_count <= TG_PAGE_WORKERS_MAX);
    /* The kernel gives zeroed memory, and zero is what an atomic's initial state looks like. */
    void *memory = mmap(NULL, sizeof(struct tg_page), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    struct tg_page *page = memory;
    if (!make_mutex(&page->reserving)) {
        (void)munmap(page, sizeof(*page));
        return NULL;
    }
    page->worker_count = worker_count;
    return page;
}

void tg_page_destroy(struct tg_page *page)
{
    if (page) {
        tg_seat_table_destroy(page->addresses);
        tg_seat_table_destroy(page->tenants);
        /* The mutex is left as it is: other processes may still have the page. */
        (void)munmap(page, sizeof(*page));
    }
}

bool tg_page_lock(struct tg_page *page)
{
    int err = pthread_mutex_lock(&page->reserving);

    if (err == EOWNERDEAD) {
        /* Its owner died between the lock and the unlock. What it raised is zeroed with its row;
         * a row of a table that it had begun is found by nobody. There is nothing to repair. */
        err = pthread_mutex_consistent(&page->reserving);
    }
    return tg_check(err == 0);
}

void tg_page_unlock(struct tg_page *page)
{
    (void)pthread_mutex_unlock(&page->reserving);
}

uint64_t tg_page_seats(const struct tg_page *page)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < page->worker_count; i++) {
        sum += atomic_load_explicit(&page->rows[i].seats, memory_order_relaxed);
    }
    return sum;
}

void tg_page_reset_row(struct tg_page *page, uint32_t row)
{
    struct tg_page_row *dead = &page->rows[row];

    tg_require(row < page->worker_count);
    atomic_store(&dead->seats, 0);
    if (page->addresses) {
        tg_seat_table_reset_worker(page->addresses, row);
    }
    if (page->tenants) {
        tg_seat_table_reset_worker(page->tenants, row);
    }
    atomic_store(&dead->phase, TG_WORKER_STARTING);
    atomic_store(&dead->heartbeat_ms, 0);
    atomic_store(&dead->pid, 0);
    tg_call_clock_reset(&dead->calls);
    memset(&dead->gateways, 0, sizeof(dead->gateways));
    atomic_store(&dead->vote.state, TG_VOTE_NONE);
    atomic_store(&dead->slots_held, 0);
    for (uint32_t slot = 0; slot < TG_GATEWAYS_MAX; slot++) {
        tg_tally_end(&dead->tallies[slot]);
    }
}
