/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "core/seats.h"

enum { TRIES = 20000, CAP = 5000, SMALL_CAP = 700, NAP_US = 200000, CROWD = 50000 };

static const struct tg_seat_key ANN = {{1, 0}};
static const struct tg_seat_key BEN = {{2, 0}};

struct fixture {
    struct tg_page *page;
    struct tg_config config;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct tg_errmsg msg;

    assert_int_equal(tg_config_init(&f->config), TG_OK);
    assert_int_equal(
        tg_config_set(&f->config, "limits.max_connections_per_address", TG_STR("1"), &msg), TG_OK);
    assert_int_equal(
        tg_config_set(&f->config, "limits.max_connections_per_tenant", TG_STR("1"), &msg), TG_OK);
    f->page = tg_page_create(3);
    assert_non_null(f->page);
    assert_int_equal(tg_seats_prepare(f->page, &f->config), TG_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_page_destroy(f->page);
    tg_config_fini(&f->config);
    free(f);
    return 0;
}

/* A seat of the house alone. */
static enum tg_seats_result take(struct tg_page *page, uint32_t worker, uint64_t max_seats)
{
    struct tg_seats_claim claim = {.max_seats = max_seats};
    struct tg_ticket ticket = {0};

    return tg_seats_take(page, worker, &claim, &ticket);
}

static void give(struct tg_page *page, uint32_t worker)
{
    struct tg_ticket ticket = {.has_seat = true};

    tg_seats_give(page, worker, &ticket);
}

static void tables_are_made_for_the_caps_that_are_set(void **state)
{
    static const struct {
        const char *key;
        bool has_addresses;
        bool has_tenants;
    } cases[] = {
        {"limits.max_connections", false, false},
        {"limits.max_connections_per_address", true, false},
        {"limits.handshakes_per_second", true, false},
        {"limits.max_connections_per_tenant", false, true},
    };
    struct tg_errmsg msg;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_config config;
        struct tg_page *page = tg_page_create(2);
        assert_non_null(page);
        assert_int_equal(tg_config_init(&config), TG_OK);
        assert_int_equal(tg_config_set(&config, cases[i].key, TG_STR("5"), &msg), TG_OK);
        assert_int_equal(tg_seats_prepare(page, &config), TG_OK);
        assert_int_equal(page->addresses != NULL, cases[i].has_addresses);
        assert_int_equal(page->tenants != NULL, cases[i].has_tenants);
        tg_page_destroy(page);
        tg_config_fini(&config);
    }
}

static void tables_have_two_rows_for_each_seat_and_their_most_without_a_cap(void **state)
{
    struct fixture *f = *state;
    struct tg_errmsg msg;

    assert_int_equal(tg_seat_table_rows(f->page->tenants), 32768); /* for 10,000 seats */
    assert_int_equal(tg_config_set(&f->config, "limits.max_connections", TG_STR("0"), &msg), TG_OK);
    struct tg_page *page = tg_page_create(1);
    assert_non_null(page);
    assert_int_equal(tg_seats_prepare(page, &f->config), TG_OK);
    assert_int_equal(tg_seat_table_rows(page->tenants), TG_SEAT_TABLE_ROWS_MAX);
    tg_page_destroy(page);
}

static void a_rate_remembers_more_addresses_than_there_are_seats(void **state)
{
    struct tg_seat_rate rate = {.interval_ns = 1000, .burst = 2};
    struct tg_config config;
    struct tg_errmsg msg;
    struct tg_page *page = tg_page_create(2);

    (void)state;
    assert_non_null(page);
    assert_int_equal(tg_config_init(&config), TG_OK);
    assert_int_equal(tg_config_set(&config, "limits.max_connections", TG_STR("10"), &msg), TG_OK);
    assert_int_equal(tg_config_set(&config, "limits.handshakes_per_second", TG_STR("1"), &msg),
                     TG_OK);
    assert_int_equal(tg_seats_prepare(page, &config), TG_OK);
    for (uint64_t i = 1; i <= CROWD; i++) {
        struct tg_seat_key key = {{i, 0}};
        assert_int_equal(tg_seats_knock(page, &key, &rate, 5000), TG_OK);
    }
    tg_page_destroy(page);
    tg_config_fini(&config);
}

static void the_cap_spans_all_workers(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(take(f->page, 0, 3), TG_SEATS_TAKEN);
    assert_int_equal(take(f->page, 1, 3), TG_SEATS_TAKEN);
    assert_int_equal(take(f->page, 2, 3), TG_SEATS_TAKEN);
    assert_int_equal(take(f->page, 0, 3), TG_SEATS_FULL);
    assert_int_equal(tg_page_seats(f->page), 3);
    give(f->page, 1);
    assert_int_equal(take(f->page, 0, 3), TG_SEATS_TAKEN);
    assert_int_equal(atomic_load(&f->page->rows[0].seats), 2);
    assert_int_equal(atomic_load(&f->page->rows[1].seats), 0);
}

static void zero_is_no_cap(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 1000; i++) {
        assert_int_equal(take(f->page, 2, 0), TG_SEATS_TAKEN);
    }
    assert_int_equal(tg_page_seats(f->page), 1000);
}

static void a_seat_that_nobody_has_is_not_given_back(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(take(f->page, 0, 0), TG_SEATS_TAKEN);
    give(f->page, 1);
    assert_int_equal(tg_page_seats(f->page), 1);
}

static void a_ticket_is_given_back_once(void **state)
{
    struct fixture *f = *state;
    struct tg_seats_claim claim = {.address = &ANN, .max_per_address = 2};
    struct tg_ticket ticket = {0};
    struct tg_ticket other = {0};

    assert_int_equal(tg_seats_take(f->page, 0, &claim, &ticket), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_take(f->page, 0, &claim, &other), TG_SEATS_TAKEN);
    tg_seats_give(f->page, 0, &ticket);
    tg_seats_give(f->page, 0, &ticket);
    assert_int_equal(tg_page_seats(f->page), 1);
    assert_int_equal(tg_seat_table_count(f->page->addresses, other.address_row), 1);
}

static void caps_of_address_and_tenant_span_all_workers_and_nobody_else(void **state)
{
    struct fixture *f = *state;
    struct tg_seats_claim claim = {
        .address = &ANN, .max_per_address = 2, .tenant = &ANN, .max_per_tenant = 3};
    struct tg_ticket tickets[5] = {0};

    assert_int_equal(tg_seats_take(f->page, 0, &claim, &tickets[0]), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_take(f->page, 1, &claim, &tickets[1]), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_look(f->page, &claim), TG_SEATS_ADDRESS_FULL);
    assert_int_equal(tg_seats_take(f->page, 2, &claim, &tickets[2]), TG_SEATS_ADDRESS_FULL);
    claim.address = &BEN;
    assert_int_equal(tg_seats_take(f->page, 2, &claim, &tickets[2]), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_look(f->page, &claim), TG_SEATS_TENANT_FULL);
    assert_int_equal(tg_seats_take(f->page, 0, &claim, &tickets[3]), TG_SEATS_TENANT_FULL);
    claim.tenant = &BEN;
    assert_int_equal(tg_seats_look(f->page, &claim), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_take(f->page, 0, &claim, &tickets[3]), TG_SEATS_TAKEN);
    tg_seats_give(f->page, 1, &tickets[1]);
    claim.address = &ANN;
    claim.tenant = &ANN;
    assert_int_equal(tg_seats_take(f->page, 1, &claim, &tickets[4]), TG_SEATS_TAKEN);
    assert_int_equal(tg_page_seats(f->page), 4);
}

static void a_refused_claim_raises_nothing(void **state)
{
    struct fixture *f = *state;
    struct tg_seats_claim claim = {
        .max_seats = 2, .address = &ANN, .max_per_address = 9, .tenant = &ANN, .max_per_tenant = 1};
    struct tg_ticket first = {0};
    struct tg_ticket refused = {0};

    assert_int_equal(tg_seats_take(f->page, 0, &claim, &first), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_take(f->page, 0, &claim, &refused), TG_SEATS_TENANT_FULL);
    assert_false(refused.has_seat || refused.has_address || refused.has_tenant);
    assert_int_equal(tg_page_seats(f->page), 1);
    assert_int_equal(tg_seat_table_count(f->page->addresses, first.address_row), 1);
    claim.max_seats = 1;
    claim.tenant = &BEN;
    assert_int_equal(tg_seats_take(f->page, 0, &claim, &refused), TG_SEATS_FULL);
    assert_int_equal(tg_seat_table_count(f->page->addresses, first.address_row), 1);
}

static void a_cap_of_zero_counts_nobody(void **state)
{
    struct fixture *f = *state;
    struct tg_seats_claim claim = {.address = &ANN, .tenant = &ANN};
    struct tg_ticket ticket = {0};

    assert_int_equal(tg_seats_take(f->page, 0, &claim, &ticket), TG_SEATS_TAKEN);
    assert_true(ticket.has_seat);
    assert_false(ticket.has_address || ticket.has_tenant);
}

static void a_tenant_that_becomes_known_later_is_counted_from_then(void **state)
{
    struct fixture *f = *state;
    struct tg_seats_claim anonymous = {.address = &ANN, .max_per_address = 9};
    struct tg_seats_claim named = {.tenant = &ANN, .max_per_tenant = 1};
    struct tg_ticket first = {0};
    struct tg_ticket second = {0};

    assert_int_equal(tg_seats_take(f->page, 0, &anonymous, &first), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_take(f->page, 1, &anonymous, &second), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_take_tenant(f->page, 0, &named, &first), TG_SEATS_TAKEN);
    assert_int_equal(tg_seats_take_tenant(f->page, 1, &named, &second), TG_SEATS_TENANT_FULL);
    assert_false(second.has_tenant);
    assert_int_equal(tg_page_seats(f->page), 2);
    tg_seats_give(f->page, 0, &first);
    assert_int_equal(tg_page_seats(f->page), 1);
    assert_int_equal(tg_seats_take_tenant(f->page, 1, &named, &second), TG_SEATS_TAKEN);
}

static void a_full_table_refuses_and_counts_nothing(void **state)
{
    struct fixture *f = *state;
    uint32_t rows = tg_seat_table_rows(f->page->addresses);
    enum tg_seats_result result = TG_SEATS_TAKEN;
    uint32_t taken = 0;

    for (uint64_t i = 0; i < 2 * (uint64_t)rows && result == TG_SEATS_TAKEN; i++) {
        struct tg_seat_key key = {{i, 1}};
        struct tg_seats_claim claim = {.address = &key, .max_per_address = 1};
        struct tg_ticket ticket = {0};
        result = tg_seats_take(f->page, 0, &claim, &ticket);
        taken += result == TG_SEATS_TAKEN;
    }
    assert_int_equal(result, TG_SEATS_TABLE_FULL);
    assert_in_range(taken, rows / 2, rows);
    assert_int_equal(tg_page_seats(f->page), taken);
}

static void a_dead_workers_part_is_free_again(void **state)
{
    struct fixture *f = *state;
    struct tg_seats_claim claim = {
        .address = &ANN, .max_per_address = 1, .tenant = &ANN, .max_per_tenant = 1};
    struct tg_ticket ticket = {0};

    assert_int_equal(tg_seats_take(f->page, 1, &claim, &ticket), TG_SEATS_TAKEN);
    tg_page_reset_row(f->page, 1);
    assert_int_equal(tg_page_seats(f->page), 0);
    ticket = (struct tg_ticket){0};
    assert_int_equal(tg_seats_take(f->page, 2, &claim, &ticket), TG_SEATS_TAKEN);
}

static void an_address_that_knocks_too_often_is_denied(void **state)
{
    struct fixture *f = *state;
    struct tg_seat_rate rate = {.interval_ns = 1000, .burst = 2};

    assert_int_equal(tg_seats_knock(f->page, &ANN, &rate, 5000), TG_OK);
    assert_int_equal(tg_seats_knock(f->page, &ANN, &rate, 5000), TG_OK);
    assert_int_equal(tg_seats_knock(f->page, &ANN, &rate, 5000), TG_ERR_DENIED);
    assert_int_equal(tg_seats_knock(f->page, &BEN, &rate, 5000), TG_OK);
    assert_int_equal(tg_seats_knock(f->page, &ANN, &rate, 6000), TG_OK);
}

/* --- several processes --- */

static void assert_exits_well(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* In a child: takes and gives at random, and exits with 0 when no count ever passed its cap. It
 * keeps what it holds at the end. */
static void race(struct tg_page *page, uint32_t worker, uint32_t seed)
{
    static struct tg_ticket held[CAP];
    uint32_t count = 0;

    while (tg_page_seats(page) == 0) {
        usleep(10); /* the parent holds a seat when all may start */
    }
    for (int i = 0; i < TRIES; i++) {
        struct tg_ticket ticket = {0};
        seed = seed * 1664525 + 1013904223;
        struct tg_seats_claim claim = {
            .max_seats = CAP,
            .address = seed & 1 << 20 ? &ANN : &BEN,
            .max_per_address = CAP,
            .tenant = &ANN,
            .max_per_tenant = seed & 1 << 21 ? SMALL_CAP : 0,
        };
        if (tg_seats_take(page, worker, &claim, &ticket) == TG_SEATS_TAKEN) {
            held[count++] = ticket;
            if (ticket.has_tenant &&
                tg_seat_table_count(page->tenants, ticket.tenant_row) > SMALL_CAP) {
                _exit(3);
            }
        }
        if (tg_page_seats(page) > CAP) {
            _exit(1);
        }
        if (count > 0 && seed >> 30 == 0) {
            tg_seats_give(page, worker, &held[--count]);
        }
    }
    _exit(atomic_load(&page->rows[worker].seats) == count ? 0 : 2);
}

static void racing_processes_never_pass_a_cap(void **state)
{
    struct fixture *f = *state;
    pid_t children[2];

    for (uint32_t i = 0; i < 2; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            race(f->page, i + 1, i);
        }
    }
    assert_int_equal(take(f->page, 0, CAP), TG_SEATS_TAKEN);
    assert_exits_well(children[0]);
    assert_exits_well(children[1]);
    print_message("%d tries each, %llu seats of %d taken\n", TRIES,
                  (unsigned long long)tg_page_seats(f->page), CAP);
    /* Far more was asked for than there is: the last seat is taken or was given back last. */
    assert_in_range(tg_page_seats(f->page), CAP - 2, CAP);
    while (take(f->page, 0, CAP) == TG_SEATS_TAKEN) {
    }
    assert_int_equal(tg_page_seats(f->page), CAP);
}

static void racing_processes_get_exactly_as_many_seats_as_there_are(void **state)
{
    struct fixture *f = *state;
    struct tg_seats_claim claim = {.address = &ANN, .max_per_address = CAP};
    pid_t children[2];

    for (uint32_t i = 0; i < 2; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            uint32_t got = 0;
            for (int n = 0; n < TRIES; n++) {
                struct tg_ticket ticket = {0};
                got += tg_seats_take(f->page, i + 1, &claim, &ticket) == TG_SEATS_TAKEN;
            }
            _exit(atomic_load(&f->page->rows[i + 1].seats) == got ? 0 : 1);
        }
    }
    assert_exits_well(children[0]);
    assert_exits_well(children[1]);
    assert_int_equal(tg_page_seats(f->page), CAP);
}

/* In a child: holds the mutex until it is killed. */
static void hold_mutex(struct tg_page *page, int told)
{
    if (pthread_mutex_lock(&page->reserving) == 0 && write(told, "x", 1) == 1) {
        pause();
    }
    _exit(1);
}

static void a_process_killed_with_the_mutex_blocks_nobody(void **state)
{
    struct fixture *f = *state;
    int pipes[2];
    char octet;
    int status = 0;

    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        hold_mutex(f->page, pipes[1]);
    }
    assert_int_equal(read(pipes[0], &octet, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    alarm(10); /* a mutex that stays locked ends this program */
    assert_int_equal(take(f->page, 0, 2), TG_SEATS_TAKEN);
    assert_int_equal(take(f->page, 1, 2), TG_SEATS_TAKEN);
    assert_int_equal(take(f->page, 1, 2), TG_SEATS_FULL);
    alarm(0);
    close(pipes[0]);
    close(pipes[1]);
}

/* The one that waits for the mutex while its owner is killed is the one that repairs it. */
static void a_process_that_waits_for_a_killed_one_goes_on(void **state)
{
    struct fixture *f = *state;
    int pipes[2];
    char octet;

    assert_int_equal(pipe(pipes), 0);
    pid_t owner = fork();
    assert_true(owner >= 0);
    if (owner == 0) {
        hold_mutex(f->page, pipes[1]);
    }
    assert_int_equal(read(pipes[0], &octet, 1), 1);
    pid_t waiter = fork();
    assert_true(waiter >= 0);
    if (waiter == 0) {
        alarm(10);
        _exit(take(f->page, 1, 1) == TG_SEATS_TAKEN ? 0 : 1);
    }
    usleep(NAP_US);
    assert_int_equal(tg_page_seats(f->page), 0);
    assert_int_equal(kill(owner, SIGKILL), 0);
    assert_int_equal(waitpid(owner, NULL, 0), owner);
    assert_exits_well(waiter);
    assert_int_equal(tg_page_seats(f->page), 1);
    assert_int_equal(take(f->page, 0, 1), TG_SEATS_FULL);
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(tables_are_made_for_the_caps_that_are_set),
        TEST(tables_have_two_rows_for_each_seat_and_their_most_without_a_cap),
        TEST(a_rate_remembers_more_addresses_than_there_are_seats),
        TEST(the_cap_spans_all_workers),
        TEST(zero_is_no_cap),
        TEST(a_seat_that_nobody_has_is_not_given_back),
        TEST(a_ticket_is_given_back_once),
        TEST(caps_of_address_and_tenant_span_all_workers_and_nobody_else),
        TEST(a_refused_claim_raises_nothing),
        TEST(a_cap_of_zero_counts_nobody),
        TEST(a_tenant_that_becomes_known_later_is_counted_from_then),
        TEST(a_full_table_refuses_and_counts_nothing),
        TEST(a_dead_workers_part_is_free_again),
        TEST(an_address_that_knocks_too_often_is_denied),
        TEST(racing_processes_never_pass_a_cap),
        TEST(racing_processes_get_exactly_as_many_seats_as_there_are),
        TEST(a_process_killed_with_the_mutex_blocks_nobody),
        TEST(a_process_that_waits_for_a_killed_one_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
