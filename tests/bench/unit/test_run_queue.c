/* SPDX-License-Identifier: MIT */
#include "run_queue.h"

#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct tg_run_queue queue;

/* As if it had been looked at these times: of this process and of two servers. */
static void give(const uint64_t (*samples)[4], size_t count)
{
    memset(&queue, 0, sizeof queue);
    queue.count = 3;
    for (size_t i = 0; i < count; i++) {
        struct tg_run_queue_sample *sample = &queue.samples[i % TG_RUN_QUEUE_SAMPLES];
        sample->at_ns = samples[i][0];
        memcpy(sample->waited_ns, samples[i] + 1, 3 * sizeof(uint64_t));
        queue.taken++;
    }
}

static void own_waits_and_the_longest_of_the_servers_are_added(void **state)
{
    static const uint64_t samples[][4] = {
        {10, 0, 0, 0}, {20, 1, 5, 2}, {30, 3, 6, 20}, {40, 3, 6, 20}};

    (void)state;
    give(samples, 4);
    assert_int_equal(tg_run_queue_waited(&queue, 10, 40), 3 + 20);
    assert_int_equal(tg_run_queue_waited(&queue, 10, 20), 1 + 5);
    assert_int_equal(tg_run_queue_waited(&queue, 30, 40), 0);
}

static void only_what_was_looked_at_within_counts(void **state)
{
    static const uint64_t samples[][4] = {{10, 0, 0, 0}, {20, 1, 5, 2}, {30, 3, 6, 20}};

    (void)state;
    give(samples, 3);
    assert_int_equal(tg_run_queue_waited(&queue, 11, 29), 0);
    assert_int_equal(tg_run_queue_waited(&queue, 11, 35), 2 + 18);
    assert_int_equal(tg_run_queue_waited(&queue, 31, 50), 0);
    assert_int_equal(tg_run_queue_waited(&queue, 0, 9), 0);
    give(samples, 0);
    assert_int_equal(tg_run_queue_waited(&queue, 0, 100), 0);
}

static void this_process_can_be_looked_at(void **state)
{
    struct tg_process_list servers = {.count = 1, .pids = {getpid()}};

    (void)state;
    assert_true(tg_run_queue_init(&queue, &servers));
    tg_run_queue_look(&queue, 1000, false);
    tg_run_queue_look(&queue, 1001, false);
    assert_int_equal(queue.taken, 1);
    tg_run_queue_look(&queue, 1001, true);
    assert_int_equal(queue.taken, 2);
    for (uint64_t i = 0; i < 2 * TG_RUN_QUEUE_SAMPLES; i++) {
        tg_run_queue_look(&queue, 2000000 * (i + 1), false);
    }
    assert_int_equal(queue.taken, 2 + 2 * TG_RUN_QUEUE_SAMPLES);
    assert_true(tg_run_queue_waited(&queue, 0, UINT64_MAX) < 60000000000U);
    tg_run_queue_fini(&queue);
}

static void a_process_that_is_not_there_is_a_fault(void **state)
{
    struct tg_process_list servers = {.count = 1, .pids = {999999999}};

    (void)state;
    assert_false(tg_run_queue_init(&queue, &servers));
    assert_int_equal(queue.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_waits_and_the_longest_of_the_servers_are_added),
        cmocka_unit_test(only_what_was_looked_at_within_counts),
        cmocka_unit_test(this_process_can_be_looked_at),
        cmocka_unit_test(a_process_that_is_not_there_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
