/* SPDX-License-Identifier: MIT */
#include "fake_house.h"
#include "fake_memory.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/loop.h"
#include "core/worker_link.h"
#include "hub/publish.h"
#include "worker/peers.h"

enum { OWN_SLOT = 0, INHERITED = 1, LATER = 2, SLOTS = 3, STEPS = 20 };

struct fixture {
    struct tg_loop *loop;
    struct fake_house *house;
    struct tg_peers peers;
    struct tg_peers_options options;
    int links[SLOTS];
    int inherited;  /* the other worker's end */
    int supervisor; /* the supervisor's end of the control socket; -1: it has ended */
    bool is_made;
    struct tg_timer tick; /* every millisecond, so that no step of the loop waits for longer */
    struct tg_errmsg msg;
};

static void on_tick(struct tg_timer *timer)
{
    struct tg_wheel *wheel = tg_loop_wheel(TG_CONTAINER(timer, struct fixture, tick)->loop);

    tg_timer_set(wheel, timer, wheel->now_ms + 1);
}

static void on_turn(void *self)
{
    struct fixture *f = self;

    if (f->is_made) {
        tg_peers_flush(&f->peers);
    }
}

static void make_pair(int type, int *ours, int *theirs)
{
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    *ours = fds[0];
    *theirs = fds[1];
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->loop = tg_loop_create();
    assert_non_null(f->loop);
    f->house = fake_house_create(NULL);
    f->links[OWN_SLOT] = -1;
    f->links[LATER] = -1;
    make_pair(SOCK_STREAM, &f->links[INHERITED], &f->inherited);
    make_pair(SOCK_SEQPACKET, &f->options.control, &f->supervisor);
    f->options.loop = f->loop;
    f->options.hub = &f->house->hub;
    f->options.slot = OWN_SLOT;
    f->options.links = f->links;
    f->options.link_count = SLOTS;
    tg_loop_on_turn(f->loop, on_turn, f);
    tg_timer_init(&f->tick, on_tick);
    on_tick(&f->tick);
    *state = f;
    return 0;
}

static void shut(int *fd)
{
    if (*fd >= 0) {
        assert_int_equal(close(*fd), 0);
        *fd = -1;
    }
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->is_made) {
        tg_peers_fini(&f->peers, &f->house->hub);
    }
    shut(&f->inherited);
    shut(&f->supervisor);
    tg_timer_cancel(tg_loop_wheel(f->loop), &f->tick);
    assert_int_equal(tg_loop_wheel(f->loop)->count, 0);
    fake_house_destroy(f->house);
    tg_loop_destroy(f->loop);
    free(f);
    return 0;
}

static void make(struct fixture *f)
{
    if (tg_peers_init(&f->peers, &f->options, &f->msg) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
    f->is_made = true;
}

static void step(struct fixture *f)
{
    for (int i = 0; i < STEPS; i++) {
        (void)tg_loop_step(f->loop);
    }
}

/* Sends a worker's end, and gives back the other one. */
static int introduce(struct fixture *f, uint32_t slot)
{
    int ours;
    int theirs;

    make_pair(SOCK_STREAM, &ours, &theirs);
    struct tg_order order = {.kind = TG_ORDER_PEER, .slot = slot};
    assert_int_equal(tg_worker_link_send(f->supervisor, &order, ours), TG_OK);
    shut(&ours);
    return theirs;
}

static void assert_ended(int fd)
{
    char octet;

    assert_int_equal(read(fd, &octet, 1), 0);
}

/* Whether what the hub publishes arrives at the other end. */
static void assert_hears(struct fixture *f, int fd)
{
    struct tg_publication publication = {
        {TG_STR("chat"), TG_STR("acme"), {0}},
        tg_frame_of(TG_OPCODE_TEXT, TG_STR("hello")),
    };
    char octets[256];
    ssize_t got;

    assert_int_equal(tg_publish(&f->house->hub, f->house->hub.bus, &publication, NULL), TG_OK);
    tg_frame_unref(publication.frame);
    step(f);
    got = read(fd, octets, sizeof(octets));
    assert_true(got > 5);
    assert_memory_equal(octets + got - 5, "hello", 5);
}

static void those_who_run_are_inherited(void **state)
{
    struct fixture *f = *state;

    assert_ptr_equal(f->house->hub.bus, tg_bus_alone());
    make(f);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 1);
    assert_int_equal(f->links[INHERITED], -1);
    assert_ptr_equal(f->house->hub.bus, tg_cluster_bus(f->peers.cluster));
    assert_hears(f, f->inherited);
}

static void those_who_come_later_are_told_by_the_supervisor(void **state)
{
    struct fixture *f = *state;

    make(f);
    int later = introduce(f, LATER);
    step(f);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 2);
    assert_hears(f, later);
    shut(&later);
}

static void a_successor_takes_the_place_of_one_that_ended(void **state)
{
    struct fixture *f = *state;

    make(f);
    shut(&f->inherited);
    step(f);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 0);
    f->inherited = introduce(f, INHERITED);
    step(f);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 1);
    assert_hears(f, f->inherited);
}

static void a_successor_may_come_before_the_end_is_seen(void **state)
{
    struct fixture *f = *state;

    make(f);
    int successor = introduce(f, INHERITED);
    step(f);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 1);
    assert_ended(f->inherited);
    assert_hears(f, successor);
    shut(&successor);
}

static void what_makes_no_sense_is_dropped_and_the_next_is_taken(void **state)
{
    struct fixture *f = *state;

    make(f);
    int own = introduce(f, OWN_SLOT);
    assert_int_equal(send(f->supervisor, "nonsense", 8, 0), 8);
    int later = introduce(f, LATER);
    step(f);
    assert_ended(own);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 2);
    assert_hears(f, later);
    shut(&own);
    shut(&later);
}

/* Keeps the last one, and its descriptor. */
struct orders {
    uint32_t count;
    struct tg_order last;
    int fd;
};

static void on_order(void *self, const struct tg_order *order, int fd)
{
    struct orders *orders = self;

    orders->count++;
    orders->last = *order;
    orders->fd = fd;
}

static void what_is_about_no_peer_is_handed_on(void **state)
{
    struct fixture *f = *state;
    struct orders orders = {.fd = -1};
    struct tg_order prepare = {.kind = TG_ORDER_PREPARE, .slot = 3, .counter = 7};
    struct tg_order look = {.kind = TG_ORDER_LOOK};

    f->options.on_order = on_order;
    f->options.self = &orders;
    make(f);
    assert_int_equal(tg_worker_link_send(f->supervisor, &prepare, f->inherited), TG_OK);
    step(f);
    assert_int_equal(orders.count, 1);
    assert_int_equal(orders.last.kind, TG_ORDER_PREPARE);
    assert_int_equal(orders.last.slot, 3);
    assert_int_equal(orders.last.counter, 7);
    shut(&orders.fd);
    assert_int_equal(tg_worker_link_send(f->supervisor, &look, -1), TG_OK);
    step(f);
    assert_int_equal(orders.count, 2);
    assert_int_equal(orders.last.kind, TG_ORDER_LOOK);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 1);
}

static void what_nobody_takes_is_closed(void **state)
{
    struct fixture *f = *state;
    struct tg_order prepare = {.kind = TG_ORDER_PREPARE, .slot = 3, .counter = 7};
    int ours;
    int theirs;

    make(f);
    make_pair(SOCK_STREAM, &ours, &theirs);
    assert_int_equal(tg_worker_link_send(f->supervisor, &prepare, ours), TG_OK);
    shut(&ours);
    step(f);
    assert_ended(theirs);
    shut(&theirs);
}

static void without_a_supervisor_the_others_are_reached_all_the_same(void **state)
{
    struct fixture *f = *state;

    make(f);
    int later = introduce(f, LATER);
    shut(&f->supervisor);
    step(f);
    assert_int_equal(f->peers.control, -1);
    assert_null(f->peers.watch);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 2);
    assert_hears(f, later);
    shut(&later);
}

static void a_lone_worker_needs_neither(void **state)
{
    struct fixture *f = *state;

    shut(&f->links[INHERITED]);
    shut(&f->options.control);
    make(f);
    assert_int_equal(tg_cluster_peer_count(f->peers.cluster), 0);
    step(f);
}

static void at_the_end_all_is_closed_and_the_hub_alone(void **state)
{
    struct fixture *f = *state;

    make(f);
    tg_peers_fini(&f->peers, &f->house->hub);
    f->is_made = false;
    assert_ptr_equal(f->house->hub.bus, tg_bus_alone());
    assert_ended(f->inherited);
    struct tg_order order = {.kind = TG_ORDER_PEER, .slot = LATER};
    assert_int_equal(tg_worker_link_send(f->supervisor, &order, f->inherited), TG_ERR_CLOSED);
}

static void without_memory_all_is_closed_and_told(void **state)
{
    struct fixture *f = *state;
    uint32_t failures = 0;

    for (;; failures++) {
        assert_true(failures < 50);
        fake_memory_fail_after(failures);
        int err = tg_peers_init(&f->peers, &f->options, &f->msg);
        if (!fake_memory_heal()) {
            assert_int_equal(err, TG_OK);
            break;
        }
        assert_int_not_equal(err, TG_OK);
        assert_non_null(strstr(f->msg.text, "the sockets to the other workers: "));
        assert_ptr_equal(f->house->hub.bus, tg_bus_alone());
        assert_ended(f->inherited);
        shut(&f->inherited);
        shut(&f->supervisor);
        make_pair(SOCK_STREAM, &f->links[INHERITED], &f->inherited);
        make_pair(SOCK_SEQPACKET, &f->options.control, &f->supervisor);
    }
    f->is_made = true;
    assert_true(failures >= 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(those_who_run_are_inherited),
        TEST(those_who_come_later_are_told_by_the_supervisor),
        TEST(a_successor_takes_the_place_of_one_that_ended),
        TEST(a_successor_may_come_before_the_end_is_seen),
        TEST(what_makes_no_sense_is_dropped_and_the_next_is_taken),
        TEST(what_is_about_no_peer_is_handed_on),
        TEST(what_nobody_takes_is_closed),
        TEST(without_a_supervisor_the_others_are_reached_all_the_same),
        TEST(a_lone_worker_needs_neither),
        TEST(at_the_end_all_is_closed_and_the_hub_alone),
        TEST(without_memory_all_is_closed_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
