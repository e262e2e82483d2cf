/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. The
 * processes are real; what they run instead of a worker is tg_worker_run below. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "child.c"
#include "culprits.c"
#include "listen_sockets.c"
#include "watchdog.c"
#define LOG_MODULE mesh_module
#include "mesh.c"
#undef LOG_MODULE
#include "overrun.c"
#include "workers.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/seats.h"
#include "core/worker_link.h"

enum { WORKERS = 3, SEATS = 5, PATIENCE_MS = 10000, NAP_US = 2000 };

struct fixture {
    struct tg_config config;
    struct tg_page *page;
    struct tg_listen_sockets listeners;
    struct tg_workers workers;
    int log[2]; /* a pipe that only on_fork closes the writing end of */
    struct tg_errmsg msg;
    uint32_t lost; /* a bit per worker that was told of */
    uint32_t blames;
    bool is_too_often; /* as the last one was told */
    bool goes_back;    /* something is done about it */
};

/* What runs instead of a worker: serves with some seats until a signal ends it. Its MESSAGES_IN
 * are how many workers it has been linked to, those it was told of included. */
int tg_worker_run(const struct tg_worker_options *options)
{
    struct tg_page_row *row = &options->page->rows[options->slot];
    int links[TG_PAGE_WORKERS_MAX];

    memcpy(links, options->links, sizeof(links[0]) * options->link_count);
    for (int i = 0; i < SEATS; i++) {
        struct tg_seats_claim claim = {0};
        struct tg_ticket ticket = {0};
        if (tg_seats_take(options->page, options->slot, &claim, &ticket) != TG_SEATS_TAKEN) {
            return 1;
        }
    }
    tg_row_set(row, TG_COUNT_CONNECTIONS, SEATS);
    tg_row_add(row, TG_COUNT_UPGRADES, SEATS);
    if (options->generation_count == 1 && options->generations[0].slot == 5) {
        tg_row_set(row, TG_COUNT_MESSAGES_OUT, options->generations[0].counter);
    }
    atomic_store(&row->pid, (uint64_t)getpid());
    atomic_store(&row->heartbeat_ms, now_ms());
    atomic_store(&row->phase, TG_WORKER_SERVING);
    for (int round = 0; round < 10000; round++) {
        struct tg_order order;
        int fd;
        uint64_t count = 0;
        while (tg_worker_link_take(options->control, &order, &fd) == TG_OK) {
            if (order.kind == TG_ORDER_LOOK) {
                tg_row_set(row, TG_COUNT_ROOMS, 1);
                continue;
            }
            if (links[order.slot] >= 0) {
                (void)close(links[order.slot]);
            }
            links[order.slot] = fd;
        }
        for (uint32_t i = 0; i < options->link_count; i++) {
            count += links[i] >= 0;
        }
        tg_row_set(row, TG_COUNT_MESSAGES_IN, count);
        usleep(NAP_US);
    }
    return 1;
}

static void on_fork(void *self)
{
    struct fixture *f = self;

    (void)close(f->log[1]);
}

/* What the workers are to load: nothing that they would look at. */
static uint32_t on_inherit(void *self, struct tg_worker_generation list[TG_GATEWAYS_MAX])
{
    (void)self;
    list[0] = (struct tg_worker_generation){.slot = 5, .counter = 7, .fd = -1};
    return 1;
}

static void on_lost(void *self, uint32_t index)
{
    struct fixture *f = self;

    f->lost |= 1u << index;
}

static bool on_blame(void *self, const struct tg_gateway_row *gateway, bool is_too_often)
{
    struct fixture *f = self;

    assert_string_equal(gateway->name, "chat");
    f->blames++;
    f->is_too_often = is_too_often;
    return f->goes_back;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    assert_int_equal(tg_config_init(&f->config), TG_OK);
    f->page = tg_page_create(WORKERS);
    assert_non_null(f->page);
    struct tg_address any_port = {.host = "127.0.0.1", .port = 0};
    assert_int_equal(tg_listen_sockets_open(&f->listeners, &any_port, 1, WORKERS, &f->msg), TG_OK);
    assert_int_equal(pipe(f->log), 0);
    struct tg_workers_options options = {.config = &f->config,
                                         .page = f->page,
                                         .listeners = &f->listeners,
                                         .on_fork = on_fork,
                                         .on_inherit = on_inherit,
                                         .on_lost = on_lost,
                                         .on_blame = on_blame,
                                         .self = f};
    tg_workers_init(&f->workers, &options);
    *state = f;
    return 0;
}

/* Waits for one of the workers, and tells of it as the supervisor does. */
static struct tg_worker_slot *reap(struct fixture *f)
{
    int status = 0;
    pid_t pid = waitpid(-1, &status, 0);
    struct tg_worker_slot *slot = tg_workers_find(&f->workers, pid);

    assert_non_null(slot);
    assert_true(WIFSIGNALED(status));
    tg_workers_ended(slot, status);
    return slot;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_workers_signal(&f->workers, SIGKILL);
    while (tg_workers_count(&f->workers) > 0) {
        (void)reap(f);
    }
    assert_int_equal(tg_page_seats(f->page), 0);
    tg_workers_fini(&f->workers);
    tg_listen_sockets_fini(&f->listeners);
    (void)close(f->log[0]);
    (void)close(f->log[1]);
    tg_page_destroy(f->page);
    tg_config_fini(&f->config);
    free(f);
    return 0;
}

/* Until all serve and each is linked to all others. */
static void run_until_linked(struct fixture *f)
{
    uint64_t end = now_ms() + PATIENCE_MS;
    uint32_t linked = 0;

    while (linked < WORKERS || !tg_workers_all_serve(&f->workers)) {
        assert_true(now_ms() < end);
        tg_workers_replace(&f->workers);
        tg_workers_introduce(&f->workers);
        usleep(NAP_US);
        linked = 0;
        for (uint32_t i = 0; i < WORKERS; i++) {
            linked += tg_row_read(&f->page->rows[i], TG_COUNT_MESSAGES_IN) == WORKERS - 1;
        }
    }
}

static void start(struct fixture *f)
{
    if (tg_workers_start(&f->workers, &f->msg) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
    run_until_linked(f);
}

static void all_serve_and_are_linked(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->workers.count, WORKERS);
    assert_string_equal(f->workers.slots[2].process, "worker-3");
    assert_false(tg_workers_all_serve(&f->workers));
    start(f);
    assert_int_equal(tg_workers_count(&f->workers), WORKERS);
    assert_int_equal(tg_page_seats(f->page), WORKERS * SEATS);
    for (uint32_t i = 0; i < WORKERS; i++) {
        pid_t pid = f->workers.slots[i].child.pid;
        assert_int_equal(atomic_load(&f->page->rows[i].pid), pid);
        assert_ptr_equal(tg_workers_find(&f->workers, pid), &f->workers.slots[i]);
    }
    assert_null(tg_workers_find(&f->workers, getpid()));
}

static void what_is_not_the_workers_is_closed_in_them(void **state)
{
    struct fixture *f = *state;
    char octet;

    start(f);
    (void)close(f->log[1]);
    f->log[1] = -1;
    /* Nobody holds the other end any more. */
    assert_int_equal(read(f->log[0], &octet, 1), 0);
}

static void a_killed_workers_seats_and_gauges_are_free_and_its_counters_stay(void **state)
{
    struct fixture *f = *state;
    struct tg_page_row *row = &f->page->rows[1];

    start(f);
    assert_int_equal(kill(f->workers.slots[1].child.pid, SIGKILL), 0);
    assert_ptr_equal(reap(f), &f->workers.slots[1]);
    assert_int_equal(tg_page_seats(f->page), (WORKERS - 1) * SEATS);
    assert_int_equal(atomic_load(&row->seats), 0);
    assert_int_equal(atomic_load(&row->phase), TG_WORKER_STARTING);
    assert_int_equal(atomic_load(&row->heartbeat_ms), 0);
    assert_int_equal(tg_row_read(row, TG_COUNT_CONNECTIONS), 0);
    assert_int_equal(tg_row_read(row, TG_COUNT_UPGRADES), SEATS);
    assert_int_equal(tg_workers_count(&f->workers), WORKERS - 1);
    assert_false(tg_workers_all_serve(&f->workers));
}

static void a_killed_worker_is_replaced_and_linked_anew(void **state)
{
    struct fixture *f = *state;

    start(f);
    for (uint32_t round = 1; round <= 3; round++) {
        struct tg_worker_slot *slot = &f->workers.slots[round - 1];
        pid_t before = slot->child.pid;
        tg_row_set(&f->page->rows[slot->index], TG_COUNT_MESSAGES_IN, 0);
        assert_int_equal(kill(before, SIGKILL), 0);
        assert_ptr_equal(reap(f), slot);
        tg_row_set(&f->page->rows[slot->index], TG_COUNT_MESSAGES_IN, 0);
        run_until_linked(f);
        assert_int_not_equal(slot->child.pid, before);
        assert_int_equal(atomic_load(&f->page->restarts), round);
        assert_int_equal(tg_page_seats(f->page), WORKERS * SEATS);
    }
}

/* Ticks until one has judged; they must not be late. */
static void tick(struct fixture *f)
{
    uint64_t end = now_ms() + PATIENCE_MS;
    uint64_t silent_ms = f->workers.slots[0].watchdog.silent_ms;

    while (f->workers.slots[0].watchdog.silent_ms == silent_ms) {
        assert_true(now_ms() < end);
        tg_workers_watch(&f->workers);
        usleep(NAP_US);
    }
}

static void only_one_that_gives_no_sign_of_life_is_killed(void **state)
{
    struct fixture *f = *state;

    start(f);
    tick(f);
    assert_in_range(f->workers.slots[0].watchdog.silent_ms, 1,
                    (uint64_t)TG_WATCHDOG_TICK_MS + TG_WATCHDOG_LATE_MS);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
    /* These workers never beat again: as if the third had been silent for the rest of its time. */
    f->workers.slots[2].watchdog.silent_ms = TG_WATCHDOG_SILENT_MAX_MS;
    tick(f);
    assert_ptr_equal(reap(f), &f->workers.slots[2]);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
    /* Nothing is held against its successor. */
    run_until_linked(f);
    assert_int_equal(f->workers.slots[2].watchdog.silent_ms, 0);
}

/* The worker is in a call that it will not end, of a gateway with one millisecond; these workers
 * know no signal and die of it. */
static void overrun(struct fixture *f, uint32_t index)
{
    struct tg_page_row *row = &f->page->rows[index];
    uint64_t end = now_ms() + PATIENCE_MS;
    int gateway = tg_gateway_rows_take(&row->gateways, "chat", "0123456789ab");

    tg_gateway_rows_set_path(&row->gateways, gateway, "/chat");
    tg_call_clock_begin(&row->calls, tg_call_terms((uint32_t)gateway, 1));
    siginfo_t info = {0};
    while (info.si_pid == 0) {
        assert_true(now_ms() < end);
        tg_workers_watch_calls(&f->workers);
        usleep(NAP_US);
        (void)waitid(P_PID, (id_t)f->workers.slots[index].child.pid, &info,
                     WEXITED | WNOHANG | WNOWAIT);
    }
    assert_int_equal(info.si_status, tg_call_clock_signal());
    assert_ptr_equal(reap(f), &f->workers.slots[index]);
}

static void a_gateway_that_workers_died_in_three_times_is_unloaded(void **state)
{
    struct fixture *f = *state;

    start(f);
    for (uint32_t round = 1; round <= 3; round++) {
        assert_int_equal(atomic_load(&f->page->unloaded.count), 0);
        overrun(f, 1);
        run_until_linked(f);
        assert_int_equal(f->blames, round);
        assert_int_equal(f->is_too_often, round == 3);
    }
    assert_int_equal(f->lost, 1u << 1);
    assert_int_equal(atomic_load(&f->page->unloaded.count), 1);
    const struct tg_gateway_row *row = tg_unloaded_find(&f->page->unloaded, "chat", "0123456789ab");
    assert_non_null(row);
    assert_string_equal(row->path, "/chat");
}

static void a_gateway_that_goes_back_is_not_unloaded(void **state)
{
    struct fixture *f = *state;

    start(f);
    f->goes_back = true;
    for (int round = 0; round < 4; round++) {
        overrun(f, 1);
        run_until_linked(f);
    }
    assert_true(f->is_too_often);
    assert_int_equal(atomic_load(&f->page->unloaded.count), 0);
}

static void a_worker_inherits_what_is_live(void **state)
{
    struct fixture *f = *state;

    start(f);
    for (uint32_t i = 0; i < WORKERS; i++) {
        assert_int_equal(tg_row_read(&f->page->rows[i], TG_COUNT_MESSAGES_OUT), 7);
    }
}

static void orders_reach_those_who_live(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_door door = tg_workers_door(&f->workers);
    struct tg_order look = {.kind = TG_ORDER_LOOK};

    assert_ptr_equal(door.page, f->page);
    assert_false(door.is_alive(door.self, 1));
    start(f);
    assert_true(door.is_alive(door.self, 1));
    assert_int_equal(door.send(door.self, 1, &look, -1), TG_OK);
    uint64_t end = now_ms() + PATIENCE_MS;
    while (tg_row_read(&f->page->rows[1], TG_COUNT_ROOMS) == 0) {
        assert_true(now_ms() < end);
        usleep(NAP_US);
    }
    assert_int_equal(kill(f->workers.slots[1].child.pid, SIGKILL), 0);
    assert_ptr_equal(reap(f), &f->workers.slots[1]);
    assert_false(door.is_alive(door.self, 1));
    assert_int_not_equal(door.send(door.self, 1, &look, -1), TG_OK);
}

static void who_dies_outside_of_a_call_is_nobodys_fault(void **state)
{
    struct fixture *f = *state;

    start(f);
    struct tg_page_row *row = &f->page->rows[1];
    (void)tg_gateway_rows_take(&row->gateways, "chat", "0123456789ab");
    for (int round = 0; round < 3; round++) {
        assert_int_equal(kill(f->workers.slots[1].child.pid, SIGKILL), 0);
        (void)reap(f);
        run_until_linked(f);
    }
    assert_int_equal(f->workers.culprits.count, 0);
    assert_int_equal(atomic_load(&f->page->unloaded.count), 0);
}

static void the_supervisor_looks_often_while_somebody_is_missing(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_workers_wait_ms(&f->workers), LOOK_MS);
    start(f);
    tg_workers_watch(&f->workers);
    tg_workers_watch_calls(&f->workers);
    assert_in_range(tg_workers_calls_wait_ms(&f->workers), 1, TG_OVERRUN_IDLE_TICK_MS);
    assert_in_range(tg_workers_wait_ms(&f->workers), 1, TG_WATCHDOG_TICK_MS);
    assert_int_equal(kill(f->workers.slots[0].child.pid, SIGKILL), 0);
    (void)reap(f);
    assert_int_equal(tg_workers_wait_ms(&f->workers), LOOK_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_serve_and_are_linked),
        TEST(what_is_not_the_workers_is_closed_in_them),
        TEST(a_killed_workers_seats_and_gauges_are_free_and_its_counters_stay),
        TEST(a_killed_worker_is_replaced_and_linked_anew),
        TEST(only_one_that_gives_no_sign_of_life_is_killed),
        TEST(a_gateway_that_workers_died_in_three_times_is_unloaded),
        TEST(a_gateway_that_goes_back_is_not_unloaded),
        TEST(a_worker_inherits_what_is_live),
        TEST(orders_reach_those_who_live),
        TEST(who_dies_outside_of_a_call_is_nobodys_fault),
        TEST(the_supervisor_looks_often_while_somebody_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
