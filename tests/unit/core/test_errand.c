/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/errand.h"

enum { RECORDS = 2000 };

struct fixture {
    struct tg_errand_options options;
    struct tg_errmsg msg;
    uint32_t count;
    size_t octets;
    bool is_in_order;
    uint32_t refuse_at; /* 0: never */
};

static int on_record(void *self, struct tg_str record, struct tg_errmsg *msg)
{
    struct fixture *fixture = self;
    unsigned number = (unsigned)-1;

    if (record.length >= sizeof(number)) {
        memcpy(&number, record.at, sizeof(number));
        fixture->is_in_order = fixture->is_in_order && number == fixture->count;
    }
    fixture->count++;
    fixture->octets += record.length;
    if (fixture->refuse_at == fixture->count) {
        return tg_errmsg_set(msg, TG_ERR_DENIED, "no more of that");
    }
    return TG_OK;
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){
        .is_in_order = true,
        .options = {.cpu_seconds = 20, .deadline_ms = 20000, .on_record = on_record}};
    fixture.options.self = &fixture;
    *state = &fixture;
    return 0;
}

/* No child may be left behind by any test. */
static int tear_down(void **state)
{
    (void)state;
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

static int send_nothing(void *self, int home)
{
    (void)self;
    (void)home;
    return 0;
}

/* Records of every length up to the largest. */
static int send_many(void *self, int home)
{
    char record[TG_ERRAND_RECORD_MAX] = {0};

    (void)self;
    for (unsigned i = 0; i < RECORDS; i++) {
        size_t length = sizeof(i) + (i * 37) % (sizeof(record) - sizeof(i) + 1);
        memcpy(record, &i, sizeof(i));
        if (tg_errand_send(home, tg_str(record, length)) != TG_OK) {
            return 9;
        }
    }
    return 0;
}

static int send_without_end(void *self, int home)
{
    (void)self;
    while (tg_errand_send(home, tg_str(NULL, 0)) == TG_OK) {
    }
    return 0;
}

static int send_one_octet_at_a_time(void *self, int home)
{
    static const unsigned char octets[] = {5, 0, 0, 0, 0, 0, 0, 0, 'x', 4, 0, 0, 0, 1, 0, 0, 0};

    (void)self;
    for (size_t i = 0; i < sizeof(octets); i++) {
        const struct timespec pause = {.tv_nsec = 1000000};
        if (write(home, octets + i, 1) != 1) {
            return 9;
        }
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}

static int send_half(void *self, int home)
{
    (void)self;
    return write(home, "\x09\0\0\0abc", 7) == 7 ? 0 : 9;
}

static int send_a_monstrous_length(void *self, int home)
{
    (void)self;
    return write(home, "\xff\xff\xff\xff", 4) == 4 ? 0 : 9;
}

static int sleep_long(void *self, int home)
{
    (void)self;
    (void)home;
    (void)sleep(60);
    return 0;
}

/* Closes the pipe, so that only waiting for the child itself finds it still there. */
static int linger(void *self, int home)
{
    (void)close(home);
    return sleep_long(self, home);
}

static int burn(void *self, int home)
{
    volatile bool goes_on = true;

    (void)self;
    (void)home;
    while (goes_on) {
    }
    return 0;
}

static int take_memory(void *self, int home)
{
    (void)self;
    (void)home;
    char *block = malloc(256 << 20);
    int status = block ? 0 : 3;
    free(block);
    return status;
}

static int crash(void *self, int home)
{
    (void)self;
    (void)home;
    (void)raise(SIGKILL);
    return 0;
}

static int give_three(void *self, int home)
{
    (void)self;
    (void)home;
    return 3;
}

static int run_errand(struct fixture *fixture, int (*run)(void *self, int home))
{
    fixture->options.run = run;
    return tg_errand_run(&fixture->options, &fixture->msg);
}

static void an_errand_without_records_is_done(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_errand(fixture, send_nothing), TG_OK);
    assert_int_equal(fixture->count, 0);
}

static void records_come_whole_and_in_order(void **state)
{
    struct fixture *fixture = *state;
    size_t expected = 0;

    for (unsigned i = 0; i < RECORDS; i++) {
        expected += sizeof(i) + (i * 37) % (TG_ERRAND_RECORD_MAX - sizeof(i) + 1);
    }
    assert_int_equal(run_errand(fixture, send_many), TG_OK);
    assert_int_equal(fixture->count, RECORDS);
    assert_int_equal(fixture->octets, expected);
    assert_true(fixture->is_in_order);
}

static void records_that_come_octet_by_octet_are_the_same(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_errand(fixture, send_one_octet_at_a_time), TG_OK);
    assert_int_equal(fixture->count, 2);
    assert_true(fixture->is_in_order);
}

static void too_many_records_end_it(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_errand(fixture, send_without_end), TG_ERR_TOO_LARGE);
    assert_int_equal(fixture->count, TG_ERRAND_RECORDS_MAX);
}

static void a_length_past_the_largest_ends_it(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_errand(fixture, send_a_monstrous_length), TG_ERR_TOO_LARGE);
    assert_string_equal(fixture->msg.text, "it sent too much");
}

static void a_record_past_the_largest_is_not_sent(void **state)
{
    static const char octets[TG_ERRAND_RECORD_MAX + 1];

    (void)state;
    assert_int_equal(tg_errand_send(-1, tg_str(octets, sizeof(octets))), TG_ERR_TOO_LARGE);
}

static void half_a_record_is_an_error(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_errand(fixture, send_half), TG_ERR_SCRIPT);
    assert_string_equal(fixture->msg.text, "it ended in the middle of a record");
}

static void what_the_parent_refuses_ends_it(void **state)
{
    struct fixture *fixture = *state;

    fixture->refuse_at = 3;
    assert_int_equal(run_errand(fixture, send_many), TG_ERR_DENIED);
    assert_string_equal(fixture->msg.text, "no more of that");
    assert_int_equal(fixture->count, 3);
}

static void one_that_sleeps_is_ended_at_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    uint64_t started = now_ms();

    fixture->options.deadline_ms = 150;
    assert_int_equal(run_errand(fixture, sleep_long), TG_ERR_TIMEOUT);
    assert_string_equal(fixture->msg.text, "it took longer than 150 ms");
    assert_in_range(now_ms() - started, 150, 5000);
}

static void one_that_closes_the_pipe_and_stays_is_ended_too(void **state)
{
    struct fixture *fixture = *state;

    fixture->options.deadline_ms = 50;
    assert_int_equal(run_errand(fixture, linger), TG_ERR_TIMEOUT);
}

static void one_that_burns_is_ended_at_its_cpu_time(void **state)
{
    struct fixture *fixture = *state;

    fixture->options.cpu_seconds = 1;
    assert_int_equal(run_errand(fixture, burn), TG_ERR_TIMEOUT);
    assert_string_equal(fixture->msg.text, "it used more than 1 s of CPU time");
}

/* Under a sanitizer, whose shadow needs more, the limit is not set. */
static void memory_is_limited(void **state)
{
    struct fixture *fixture = *state;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)fixture;
    skip();
#endif
    fixture->options.memory_bytes = 128 << 20;
    assert_int_equal(run_errand(fixture, take_memory), TG_ERR_SCRIPT);
    assert_string_equal(fixture->msg.text, "it ended with status 3");
    fixture->options.memory_bytes = 0;
    assert_int_equal(run_errand(fixture, take_memory), TG_OK);
}

static void a_death_and_a_status_are_told(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run_errand(fixture, crash), TG_ERR_SCRIPT);
    assert_string_equal(fixture->msg.text, "it was ended by signal 9 (Killed)");
    assert_int_equal(run_errand(fixture, give_three), TG_ERR_SCRIPT);
    assert_string_equal(fixture->msg.text, "it ended with status 3");
}

static void steps_never_block(void **state)
{
    struct fixture *fixture = *state;
    struct tg_errand *errand = NULL;
    int err;
    unsigned steps = 0;

    fixture->options.run = send_one_octet_at_a_time;
    assert_int_equal(tg_errand_start(&fixture->options, &errand, &fixture->msg), TG_OK);
    assert_in_range(tg_errand_due_ms(errand), now_ms() + 10000, now_ms() + 20000);
    do {
        struct pollfd home = {.fd = tg_errand_fd(errand), .events = POLLIN};
        assert_int_equal(poll(&home, 1, 10000), 1);
        err = tg_errand_step(errand, &fixture->msg);
        steps++;
    } while (err == TG_ERR_INCOMPLETE);
    assert_int_equal(err, TG_OK);
    assert_true(steps > 2);
    assert_int_equal(fixture->count, 2);
    tg_errand_end(errand);
}

static void one_in_the_middle_can_be_ended(void **state)
{
    struct fixture *fixture = *state;
    struct tg_errand *errand = NULL;
    uint64_t started = now_ms();

    fixture->options.run = sleep_long;
    assert_int_equal(tg_errand_start(&fixture->options, &errand, &fixture->msg), TG_OK);
    assert_int_equal(tg_errand_step(errand, &fixture->msg), TG_ERR_INCOMPLETE);
    tg_errand_end(errand);
    assert_in_range(now_ms() - started, 0, 10000);
    tg_errand_end(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_errand_without_records_is_done),
        TEST(records_come_whole_and_in_order),
        TEST(records_that_come_octet_by_octet_are_the_same),
        TEST(too_many_records_end_it),
        TEST(a_length_past_the_largest_ends_it),
        TEST(a_record_past_the_largest_is_not_sent),
        TEST(half_a_record_is_an_error),
        TEST(what_the_parent_refuses_ends_it),
        TEST(one_that_sleeps_is_ended_at_the_deadline),
        TEST(one_that_closes_the_pipe_and_stays_is_ended_too),
        TEST(one_that_burns_is_ended_at_its_cpu_time),
        TEST(memory_is_limited),
        TEST(a_death_and_a_status_are_told),
        TEST(steps_never_block),
        TEST(one_in_the_middle_can_be_ended),
    };
    /* A child's write to a parent that has given up fails instead of ending it, as in main. */
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
