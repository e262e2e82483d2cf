/* SPDX-License-Identifier: MIT */
/* The timer ticks in CPU time, so a machine that is busy with other things stops nobody. A call
 * that is the same at one tick after the other has had that much; at its budget it is signalled at
 * each tick, since one signal may come while a hook can't be set. */
#include "script/cpu_watch.h"

#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "core/shared_page.h"
#include "script/stop_signal.h"

/* What the signal handler touches. */
static struct {
    _Atomic(struct tg_page *) page;
    uint64_t sequences[TG_PAGE_WORKERS_MAX]; /* seen at the last tick */
    uint32_t ticks[TG_PAGE_WORKERS_MAX];     /* since that call was first seen */
} watched;

static void look(const struct tg_page_row *row, uint32_t slot)
{
    struct tg_call_moment moment;
    union sigval value;

    if (!tg_call_clock_read(&row->calls, &moment) || moment.sequence % 2 == 0 ||
        moment.sequence != watched.sequences[slot]) {
        watched.sequences[slot] = moment.sequence;
        watched.ticks[slot] = 0;
        return;
    }
    watched.ticks[slot]++;
    if (watched.ticks[slot] * TG_CPU_WATCH_TICK_MS >= moment.budget_ms) {
        value.sival_ptr =
            (void *)(uintptr_t)moment.sequence; /* NOLINT(performance-no-int-to-ptr) */
        (void)sigqueue(getpid(), tg_call_clock_signal(), value);
    }
}

/* So much CPU time has passed. */
static void on_tick(int number)
{
    const struct tg_page *page = atomic_load(&watched.page);

    (void)number;
    for (uint32_t slot = 0; page && slot < page->worker_count; slot++) {
        look(&page->rows[slot], slot);
    }
}

static int start(void)
{
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
    struct itimerspec every = {.it_interval = {.tv_nsec = TG_CPU_WATCH_TICK_MS * 1000000},
                               .it_value = {.tv_nsec = TG_CPU_WATCH_TICK_MS * 1000000}};
    timer_t timer;

    (void)sigemptyset(&action.sa_mask);
    if (tg_stop_signal_watch(getpid()) != TG_OK || sigaction(SIGPROF, &action, NULL) != 0 ||
        timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) != 0) {
        return TG_ERR_IO;
    }
    return timer_settime(timer, 0, &every, NULL) == 0 ? TG_OK : TG_ERR_IO;
}

int tg_cpu_watch_page(struct tg_page *page)
{
    static bool has_started; /* the timer is the process's, and ends with it */
    int err = TG_OK;

    if (!has_started && page) {
        err = start();
        has_started = err == TG_OK;
    }
    if (atomic_load(&watched.page) != page) {
        atomic_store(&watched.page, NULL); /* the handler leaves the rest alone meanwhile */
        for (uint32_t slot = 0; slot < TG_PAGE_WORKERS_MAX; slot++) {
            watched.sequences[slot] = 0;
        }
        atomic_store(&watched.page, page);
    }
    return err;
}
