/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rand.h"
#include "core/wheel.h"

enum { TIMERS = 200, OPERATIONS = 100000, CALLS_MAX = 64 };

static const uint64_t FARTHEST_MS = (uint64_t)1 << 36;

/* One timer as the wheel has it, and as a list without any cleverness would. */
struct pair {
    struct tg_timer timer;
    struct fixture *fixture;
    bool is_set;
    bool is_running; /* collected by the advance that goes on */
    uint64_t due_ms;
    uint64_t order; /* of setting */
};

struct fixture {
    struct tg_wheel wheel;
    struct pair pairs[TIMERS];
    struct tg_rand rand;
    uint64_t orders;
    uint64_t calls;
    bool is_scripted; /* callbacks set and cancel at random */
    struct pair *called[CALLS_MAX];
};

static void on_due(struct tg_timer *timer);

static void start_at(struct fixture *f, uint64_t now_ms)
{
    tg_wheel_init(&f->wheel, now_ms);
    for (int i = 0; i < TIMERS; i++) {
        f->pairs[i] = (struct pair){.fixture = f};
        tg_timer_init(&f->pairs[i].timer, on_due);
    }
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    start_at(f, 1000);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void set(struct fixture *f, int index, uint64_t due_ms)
{
    struct pair *pair = &f->pairs[index];
    uint64_t now_ms = f->wheel.now_ms;

    tg_timer_set(&f->wheel, &pair->timer, due_ms);
    pair->is_set = true;
    pair->is_running = false;
    pair->due_ms = due_ms < now_ms                 ? now_ms
                   : due_ms - now_ms > FARTHEST_MS ? now_ms + FARTHEST_MS
                                                   : due_ms;
    pair->order = f->orders++;
}

static void cancel(struct fixture *f, int index)
{
    tg_timer_cancel(&f->wheel, &f->pairs[index].timer);
    f->pairs[index].is_set = false;
    f->pairs[index].is_running = false;
}

/* The one that must be called next: NULL when none is left. */
static struct pair *first_running(struct fixture *f)
{
    struct pair *first = NULL;

    for (int i = 0; i < TIMERS; i++) {
        struct pair *pair = &f->pairs[i];
        if (pair->is_running && (!first || pair->due_ms < first->due_ms ||
                                 (pair->due_ms == first->due_ms && pair->order < first->order))) {
            first = pair;
        }
    }
    return first;
}

static uint64_t pick_due(struct fixture *f)
{
    uint64_t reach = (uint64_t)1 << (6 * tg_rand_below(&f->rand, 7));
    uint64_t due_ms = f->wheel.now_ms + tg_rand_below(&f->rand, reach + 1);

    /* Sometimes past, sometimes too far, often on the edge of a slot. */
    switch (tg_rand_below(&f->rand, 8)) {
    case 0:
        return due_ms > 100 ? f->wheel.now_ms - tg_rand_below(&f->rand, 100) : due_ms;
    case 1:
        return due_ms + FARTHEST_MS;
    case 2:
    case 3:
        return due_ms & ~(reach - 1);
    default:
        return due_ms;
    }
}

static void change_one(struct fixture *f)
{
    int index = (int)tg_rand_below(&f->rand, TIMERS);

    if (tg_rand_below(&f->rand, 3) == 0) {
        cancel(f, index);
    } else {
        set(f, index, pick_due(f));
    }
}

static void on_due(struct tg_timer *timer)
{
    struct pair *pair = TG_CONTAINER(timer, struct pair, timer);
    struct fixture *f = pair->fixture;

    assert_ptr_equal(pair, first_running(f));
    assert_false(tg_timer_is_set(timer));
    assert_true(pair->due_ms <= f->wheel.now_ms);
    pair->is_set = false;
    pair->is_running = false;
    if (f->calls < CALLS_MAX) {
        f->called[f->calls] = pair;
    }
    f->calls++;
    while (f->is_scripted && tg_rand_below(&f->rand, 3) == 0) {
        change_one(f);
    }
}

static void advance(struct fixture *f, uint64_t now_ms)
{
    uint64_t reached_ms = now_ms > f->wheel.now_ms ? now_ms : f->wheel.now_ms;

    for (int i = 0; i < TIMERS; i++) {
        f->pairs[i].is_running = f->pairs[i].is_set && f->pairs[i].due_ms <= reached_ms;
    }
    tg_wheel_advance(&f->wheel, now_ms);
    assert_true(f->wheel.now_ms == reached_ms);
    assert_null(first_running(f));
}

/* The earliest due time of all that is set; UINT64_MAX when nothing is. */
static uint64_t earliest(struct fixture *f, uint64_t *count)
{
    uint64_t due_ms = UINT64_MAX;

    *count = 0;
    for (int i = 0; i < TIMERS; i++) {
        const struct pair *pair = &f->pairs[i];
        assert_int_equal(pair->is_set, tg_timer_is_set(&pair->timer));
        if (pair->is_set) {
            due_ms = pair->due_ms < due_ms ? pair->due_ms : due_ms;
            (*count)++;
        }
    }
    return due_ms;
}

static void compare_with_list(struct fixture *f)
{
    uint64_t count;
    uint64_t due_ms = earliest(f, &count);
    uint64_t wait_ms = tg_wheel_wait_ms(&f->wheel);

    assert_int_equal(f->wheel.count, count);
    if (count == 0) {
        assert_true(wait_ms == UINT64_MAX);
        for (int level = 0; level < TG_WHEEL_LEVELS; level++) {
            assert_true(f->wheel.occupied[level] == 0);
        }
        return;
    }
    assert_true(wait_ms <= due_ms - f->wheel.now_ms);
    /* Early is fine, but a loop must not spin on it. */
    assert_true(wait_ms > 0 || due_ms == f->wheel.now_ms);
}

static void it_does_what_a_sorted_list_would_do(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 20260117;
    const char *chosen = getenv("TIDEGATE_SEED");

    seed = chosen ? strtoull(chosen, NULL, 10) : seed;
    print_message("seed %llu\n", (unsigned long long)seed);
    tg_rand_seed(&f->rand, seed);
    f->is_scripted = true;
    for (int i = 0; i < OPERATIONS; i++) {
        if (tg_rand_below(&f->rand, 4) > 0) {
            change_one(f);
        } else {
            uint64_t reach = (uint64_t)1 << (6 * tg_rand_below(&f->rand, 7));
            advance(f, f->wheel.now_ms + tg_rand_below(&f->rand, reach + 1));
        }
        if (i % 16 == 0) {
            compare_with_list(f);
        }
    }
    print_message("%d operations, %llu timers called\n", OPERATIONS, (unsigned long long)f->calls);
    assert_true(f->calls > OPERATIONS / 10);
}

static void every_level_is_reached_on_its_millisecond(void **state)
{
    struct fixture *f = *state;

    for (int level = 0; level < TG_WHEEL_LEVELS; level++) {
        uint64_t width = (uint64_t)1 << (6 * level);
        const uint64_t ahead[] = {width - 1,  width,          width + 1,
                                  63 * width, 64 * width - 1, 64 * width};
        for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
            uint64_t due_ms = f->wheel.now_ms + ahead[i];
            if (ahead[i] == 0) {
                continue;
            }
            set(f, 0, due_ms);
            f->calls = 0;
            advance(f, due_ms - 1);
            assert_int_equal(f->calls, 0);
            advance(f, due_ms);
            assert_int_equal(f->calls, 1);
        }
    }
}

static void sleeping_for_as_long_as_it_says_reaches_the_timer_in_few_turns(void **state)
{
    struct fixture *f = *state;
    uint64_t due_ms = f->wheel.now_ms + FARTHEST_MS - 12345;
    int turns = 0;

    set(f, 0, due_ms);
    while (f->calls == 0) {
        uint64_t wait_ms = tg_wheel_wait_ms(&f->wheel);
        assert_true(wait_ms > 0);
        advance(f, f->wheel.now_ms + wait_ms);
        assert_true(++turns <= TG_WHEEL_LEVELS + 1);
    }
    assert_true(f->wheel.now_ms == due_ms);
}

static void what_is_too_far_counts_as_far(void **state)
{
    struct fixture *f = *state;
    uint64_t now_ms = f->wheel.now_ms;

    set(f, 0, UINT64_MAX);
    advance(f, now_ms + FARTHEST_MS - 1);
    assert_int_equal(f->calls, 0);
    advance(f, now_ms + FARTHEST_MS);
    assert_int_equal(f->calls, 1);
}

static void a_jump_over_everything_calls_all_in_order(void **state)
{
    struct fixture *f = *state;
    const uint64_t ahead[] = {70, 5, 4096, 5, 300000, 1, 70, FARTHEST_MS};
    const int order[] = {5, 1, 3, 0, 6, 2, 4, 7};

    for (int i = 0; i < 8; i++) {
        set(f, i, f->wheel.now_ms + ahead[i]);
    }
    advance(f, f->wheel.now_ms + 2 * FARTHEST_MS);
    assert_int_equal(f->calls, 8);
    for (int i = 0; i < 8; i++) {
        assert_ptr_equal(f->called[i], &f->pairs[order[i]]);
    }
    assert_int_equal(f->wheel.count, 0);
}

/* Set on different levels, for the same millisecond. */
static void within_a_millisecond_the_order_of_setting_holds_over_levels(void **state)
{
    struct fixture *f = *state;
    uint64_t due_ms = f->wheel.now_ms + 300000;

    set(f, 0, due_ms);
    advance(f, due_ms - 5000);
    set(f, 1, due_ms);
    advance(f, due_ms - 70);
    set(f, 2, due_ms);
    advance(f, due_ms - 3);
    set(f, 3, due_ms);
    advance(f, due_ms);
    assert_int_equal(f->calls, 4);
    for (int i = 0; i < 4; i++) {
        assert_ptr_equal(f->called[i], &f->pairs[i]);
    }
}

static void time_never_goes_back(void **state)
{
    struct fixture *f = *state;

    advance(f, 5000);
    advance(f, 10);
    assert_true(f->wheel.now_ms == 5000);
    set(f, 0, 20);
    advance(f, 10);
    assert_int_equal(f->calls, 1);
}

static void a_set_timer_is_moved(void **state)
{
    struct fixture *f = *state;

    set(f, 0, 2000);
    set(f, 0, 9000);
    assert_int_equal(f->wheel.count, 1);
    advance(f, 8999);
    assert_int_equal(f->calls, 0);
    advance(f, 9000);
    assert_int_equal(f->calls, 1);
}

static void a_timer_of_zeroes_is_not_set_and_can_be_cancelled(void **state)
{
    struct fixture *f = *state;
    struct tg_timer timer = {0};

    assert_false(tg_timer_is_set(&timer));
    tg_timer_cancel(&f->wheel, &timer);
    assert_int_equal(f->wheel.count, 0);
    timer.on_due = on_due;
    tg_timer_set(&f->wheel, &timer, 5000);
    assert_true(tg_timer_is_set(&timer));
    tg_timer_cancel(&f->wheel, &timer);
    assert_false(tg_timer_is_set(&timer));
    assert_true(tg_wheel_wait_ms(&f->wheel) == UINT64_MAX);
}

struct again {
    struct tg_timer timer;
    struct tg_wheel *wheel;
    int calls;
};

static void on_due_again(struct tg_timer *timer)
{
    struct again *again = TG_CONTAINER(timer, struct again, timer);

    again->calls++;
    tg_timer_set(again->wheel, timer, again->wheel->now_ms);
}

static void a_timer_that_sets_itself_for_now_runs_once_per_advance(void **state)
{
    struct fixture *f = *state;
    struct again again = {.wheel = &f->wheel};

    tg_timer_init(&again.timer, on_due_again);
    tg_timer_set(&f->wheel, &again.timer, 1000);
    for (int i = 1; i <= 5; i++) {
        assert_true(tg_wheel_wait_ms(&f->wheel) == 0);
        tg_wheel_advance(&f->wheel, 1000);
        assert_int_equal(again.calls, i);
    }
    tg_timer_cancel(&f->wheel, &again.timer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(it_does_what_a_sorted_list_would_do),
        TEST(every_level_is_reached_on_its_millisecond),
        TEST(sleeping_for_as_long_as_it_says_reaches_the_timer_in_few_turns),
        TEST(what_is_too_far_counts_as_far),
        TEST(a_jump_over_everything_calls_all_in_order),
        TEST(within_a_millisecond_the_order_of_setting_holds_over_levels),
        TEST(time_never_goes_back),
        TEST(a_set_timer_is_moved),
        TEST(a_timer_of_zeroes_is_not_set_and_can_be_cancelled),
        TEST(a_timer_that_sets_itself_for_now_runs_once_per_advance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
