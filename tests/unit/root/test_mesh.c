/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "mesh.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

enum { WORKERS = 3, NOW = 1000 };

/* What a worker got: as it were the worker's own process. */
struct worker {
    int control;
    int links[TG_PAGE_WORKERS_MAX];
};

struct fixture {
    struct tg_mesh *mesh;
    struct worker workers[TG_PAGE_WORKERS_MAX];
    uint32_t open_before;
    struct tg_errmsg msg;
};

static uint32_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    uint32_t count = 0;

    assert_non_null(folder);
    while (readdir(folder)) {
        count++;
    }
    assert_int_equal(closedir(folder), 0);
    return count;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->open_before = count_descriptors();
    f->mesh = malloc(sizeof(*f->mesh));
    assert_non_null(f->mesh);
    tg_mesh_init(f->mesh, WORKERS);
    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX; i++) {
        f->workers[i].control = -1;
        for (uint32_t j = 0; j < TG_PAGE_WORKERS_MAX; j++) {
            f->workers[i].links[j] = -1;
        }
    }
    *state = f;
    return 0;
}

/* As the kernel does when the process ends. */
static void end_worker(struct worker *worker)
{
    shut(&worker->control);
    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX; i++) {
        shut(&worker->links[i]);
    }
}

/* Every test leaves no descriptor behind. */
static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_mesh_fini(f->mesh);
    assert_int_equal(f->mesh->untold_count, 0);
    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX; i++) {
        end_worker(&f->workers[i]);
    }
    assert_int_equal(count_descriptors(), f->open_before);
    free(f->mesh);
    free(f);
    return 0;
}

/* Starts the worker at the slot: it keeps what a fork would have given it. */
static void start(struct fixture *f, uint32_t slot)
{
    struct worker *worker = &f->workers[slot];

    if (tg_mesh_open(f->mesh, slot, NOW, &f->msg) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
    worker->control = dup(f->mesh->control);
    assert_true(worker->control >= 0);
    for (uint32_t i = 0; i < f->mesh->slot_count; i++) {
        worker->links[i] = f->mesh->links[i] >= 0 ? dup(f->mesh->links[i]) : -1;
    }
    tg_mesh_give_away(f->mesh);
}

/* The worker reads its control socket. Returns how many messages were there. */
static uint32_t listen_to(struct fixture *f, uint32_t slot)
{
    struct worker *worker = &f->workers[slot];
    uint32_t count = 0;
    struct tg_order order;
    int fd;

    while (tg_worker_link_take(worker->control, &order, &fd) == TG_OK) {
        assert_int_equal(order.kind, TG_ORDER_PEER);
        shut(&worker->links[order.slot]);
        worker->links[order.slot] = fd;
        count++;
    }
    return count;
}

static void assert_linked(struct fixture *f, uint32_t a, uint32_t b)
{
    char octet = 0;

    assert_true(f->workers[a].links[b] >= 0 && f->workers[b].links[a] >= 0);
    assert_int_equal(write(f->workers[a].links[b], &(char){(char)a}, 1), 1);
    assert_int_equal(read(f->workers[b].links[a], &octet, 1), 1);
    assert_int_equal(octet, (char)a);
    assert_int_equal(write(f->workers[b].links[a], &(char){(char)b}, 1), 1);
    assert_int_equal(read(f->workers[a].links[b], &octet, 1), 1);
    assert_int_equal(octet, (char)b);
}

static void assert_all_linked(struct fixture *f)
{
    for (uint32_t i = 0; i < f->mesh->slot_count; i++) {
        assert_int_equal(f->workers[i].links[i], -1);
        for (uint32_t j = 0; j < i; j++) {
            assert_linked(f, i, j);
        }
    }
}

static void start_all(struct fixture *f)
{
    for (uint32_t i = 0; i < f->mesh->slot_count; i++) {
        start(f, i);
    }
    for (uint32_t i = 0; i < f->mesh->slot_count; i++) {
        assert_int_equal(listen_to(f, i), f->mesh->slot_count - 1 - i);
    }
}

static void every_worker_reaches_every_other_one(void **state)
{
    struct fixture *f = *state;

    start_all(f);
    assert_all_linked(f);
    assert_false(tg_mesh_tell(f->mesh, NOW));
}

static void a_worker_that_ended_is_seen_to_have_ended(void **state)
{
    struct fixture *f = *state;
    char octet;

    start_all(f);
    end_worker(&f->workers[1]);
    tg_mesh_lose(f->mesh, 1);
    assert_int_equal(read(f->workers[0].links[1], &octet, 1), 0);
    assert_int_equal(read(f->workers[2].links[1], &octet, 1), 0);
    assert_linked(f, 0, 2);
}

static void its_successor_reaches_all(void **state)
{
    struct fixture *f = *state;

    start_all(f);
    for (uint32_t round = 0; round < 9; round++) {
        uint32_t slot = round % WORKERS;
        end_worker(&f->workers[slot]);
        tg_mesh_lose(f->mesh, slot);
        start(f, slot);
        for (uint32_t i = 0; i < WORKERS; i++) {
            assert_int_equal(listen_to(f, i), i == slot ? 0 : 1);
        }
        assert_all_linked(f);
    }
}

static void two_that_end_together_reach_each_other_again(void **state)
{
    struct fixture *f = *state;

    start_all(f);
    end_worker(&f->workers[0]);
    end_worker(&f->workers[2]);
    tg_mesh_lose(f->mesh, 2);
    tg_mesh_lose(f->mesh, 0);
    start(f, 0);
    start(f, 2);
    assert_int_equal(listen_to(f, 0), 1);
    assert_int_equal(listen_to(f, 1), 2);
    assert_int_equal(listen_to(f, 2), 0);
    assert_all_linked(f);
}

/* It is killed and its successor started before anybody has reaped or read anything. */
static void one_whose_end_nobody_noticed_is_told_as_its_successor(void **state)
{
    struct fixture *f = *state;

    start_all(f);
    end_worker(&f->workers[2]);
    end_worker(&f->workers[1]);
    tg_mesh_lose(f->mesh, 1);
    start(f, 1); /* slot 2 has ended too, and isn't told */
    tg_mesh_lose(f->mesh, 2);
    start(f, 2);
    assert_int_equal(listen_to(f, 0), 2);
    assert_int_equal(listen_to(f, 1), 1);
    assert_all_linked(f);
}

/* Fills the control socket of the worker at slot 0 by restarting slot 1. */
static void fill(struct fixture *f)
{
    for (uint32_t i = 0; i < 1000 && f->mesh->untold_count == 0; i++) {
        end_worker(&f->workers[1]);
        tg_mesh_lose(f->mesh, 1);
        start(f, 1);
    }
    assert_int_equal(f->mesh->untold_count, 1);
}

static void one_that_reads_late_is_told_later(void **state)
{
    struct fixture *f = *state;

    start(f, 0);
    start(f, 1);
    fill(f);
    assert_true(tg_mesh_tell(f->mesh, NOW + TG_MESH_TELL_MS - 1));
    assert_true(listen_to(f, 0) > 0);
    assert_false(tg_mesh_tell(f->mesh, NOW + 1));
    assert_int_equal(listen_to(f, 0), 1);
    assert_linked(f, 0, 1);
}

static void one_that_never_reads_is_given_up(void **state)
{
    struct fixture *f = *state;
    char octet;

    start(f, 0);
    start(f, 1);
    fill(f);
    assert_false(tg_mesh_tell(f->mesh, NOW + TG_MESH_TELL_MS));
    /* The other side sees that nobody is there. */
    assert_int_equal(read(f->workers[1].links[0], &octet, 1), 0);
}

static void what_was_not_told_to_one_that_ended_is_dropped(void **state)
{
    struct fixture *f = *state;

    start(f, 0);
    start(f, 1);
    fill(f);
    end_worker(&f->workers[0]);
    tg_mesh_lose(f->mesh, 0);
    assert_int_equal(f->mesh->untold_count, 0);
    start(f, 0);
    assert_int_equal(listen_to(f, 1), 1);
    assert_linked(f, 0, 1);
}

static void without_descriptors_nothing_changes(void **state)
{
    struct fixture *f = *state;
    struct rlimit limit;
    struct rlimit small;

    start(f, 0);
    start(f, 1);
    assert_int_equal(listen_to(f, 0), 1);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    for (uint32_t room = 0; room < 6; room++) {
        uint32_t before = count_descriptors();
        int next = dup(0);
        assert_true(next >= 0);
        assert_int_equal(close(next), 0);
        small = limit;
        small.rlim_cur = (rlim_t)next + room;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
        int err = tg_mesh_open(f->mesh, 2, NOW, &f->msg);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(err, TG_ERR_IO);
        assert_non_null(strstr(f->msg.text, "sockets between workers: "));
        assert_int_equal(count_descriptors(), before);
        assert_int_equal(listen_to(f, 0), 0);
    }
    assert_linked(f, 0, 1);
    start(f, 2);
    assert_int_equal(listen_to(f, 0), 1);
    assert_int_equal(listen_to(f, 1), 1);
    assert_all_linked(f);
}

static void a_child_keeps_its_own_alone(void **state)
{
    struct fixture *f = *state;

    start(f, 0);
    start(f, 1);
    fill(f);
    uint32_t before = count_descriptors();
    assert_int_equal(tg_mesh_open(f->mesh, 2, NOW, &f->msg), TG_OK);
    tg_mesh_keep_own(f->mesh);
    /* Two controls and what was untold are gone, its control and two links have come; what could
     * be sent lies in the others' control sockets. */
    assert_int_equal(count_descriptors(), before - 2 - 1 + 3);
    assert_true(f->mesh->control >= 0 && f->mesh->links[0] >= 0 && f->mesh->links[1] >= 0);
    assert_int_equal(f->mesh->links[2], -1);
}

static void sixty_four_workers_reach_each_other(void **state)
{
    struct fixture *f = *state;

    tg_mesh_init(f->mesh, TG_PAGE_WORKERS_MAX);
    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX; i++) {
        start(f, i);
    }
    bool is_left = true;
    for (uint32_t i = 0; is_left && i < TG_PAGE_WORKERS_MAX; i++) {
        for (uint32_t j = 0; j < TG_PAGE_WORKERS_MAX; j++) {
            (void)listen_to(f, j);
        }
        is_left = tg_mesh_tell(f->mesh, NOW);
    }
    assert_false(is_left);
    for (uint32_t j = 0; j < TG_PAGE_WORKERS_MAX; j++) {
        (void)listen_to(f, j);
    }
    assert_all_linked(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    struct rlimit limit;
    const struct CMUnitTest tests[] = {
        TEST(every_worker_reaches_every_other_one),
        TEST(a_worker_that_ended_is_seen_to_have_ended),
        TEST(its_successor_reaches_all),
        TEST(two_that_end_together_reach_each_other_again),
        TEST(one_whose_end_nobody_noticed_is_told_as_its_successor),
        TEST(one_that_reads_late_is_told_later),
        TEST(one_that_never_reads_is_given_up),
        TEST(what_was_not_told_to_one_that_ended_is_dropped),
        TEST(without_descriptors_nothing_changes),
        TEST(a_child_keeps_its_own_alone),
        TEST(sixty_four_workers_reach_each_other),
    };

    /* All 64 workers live in this process. */
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
