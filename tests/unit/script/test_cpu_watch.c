/* SPDX-License-Identifier: MIT */
#include "script/cpu_watch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/err.h"
#include "core/shared_page.h"

enum { BUDGET_MS = 30, PATIENCE_MS = 5000 };

static volatile sig_atomic_t signals;
static volatile uintptr_t last_value;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    signals++;
    last_value = (uintptr_t)info->si_value.sival_ptr;
}

static uint64_t cpu_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Burns CPU time until a signal has come; returns how much. */
static uint64_t burn(uint64_t most_ms)
{
    uint64_t start = cpu_ms();

    signals = 0;
    while (signals == 0 && cpu_ms() - start < most_ms) {
    }
    return cpu_ms() - start;
}

static void a_call_is_signalled_at_its_budget_and_no_other(void **state)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    struct tg_page *page = tg_page_create(2);
    struct tg_call_clock *clock = &page->rows[1].calls;

    (void)state;
    assert_int_equal(tg_cpu_watch_page(page), TG_OK);
    (void)sigemptyset(&action.sa_mask);
    assert_int_equal(sigaction(tg_call_clock_signal(), &action, NULL), 0);

    assert_in_range(burn(100), 100, PATIENCE_MS);
    assert_int_equal(signals, 0); /* outside of a call */

    tg_call_clock_begin(clock, tg_call_terms(0, BUDGET_MS));
    assert_in_range(burn(PATIENCE_MS), BUDGET_MS - TG_CPU_WATCH_TICK_MS, PATIENCE_MS - 1);
    assert_int_equal(last_value, tg_call_clock_sequence(clock));
    (void)burn(PATIENCE_MS);
    assert_true(signals > 0); /* again while it lasts */

    tg_call_clock_end(clock);
    tg_call_clock_begin(clock, tg_call_terms(0, 60000));
    (void)burn(100);
    assert_int_equal(signals, 0); /* another call, with a budget of its own */

    assert_int_equal(tg_cpu_watch_page(NULL), TG_OK);
    (void)burn(50);
    assert_int_equal(signals, 0);
    tg_page_destroy(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_signalled_at_its_budget_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
