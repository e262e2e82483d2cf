/* SPDX-License-Identifier: MIT */
#include "net/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

enum { ACCEPTED_MAX = 256, PATIENCE_MS = 5000, TICK_MS = 5 };

struct fixture {
    struct tg_loop *loop;
    struct tg_listener *listener;
    struct tg_timer tick;
    struct tg_watch *quiet; /* never readable: a loop that watches nothing doesn't run */
    int quiet_fd;
    int fd;
    int accepted[ACCEPTED_MAX];
    int clients[ACCEPTED_MAX];
    uint32_t client_count;
    uint32_t count;
    uint32_t turn_count; /* accepted in the turn that is running */
    uint32_t most_in_a_turn;
    uint32_t pauses;
    uint64_t turns;
    bool ends_at_first;
    char address[64];
};

static void on_accept(void *self, int fd, struct tg_str address)
{
    struct fixture *fixture = self;

    assert_true(fixture->count < ACCEPTED_MAX);
    fixture->accepted[fixture->count++] = fd;
    fixture->turn_count++;
    (void)snprintf(fixture->address, sizeof(fixture->address), "%.*s", TG_STR_ARGS(address));
    if (fixture->ends_at_first) {
        tg_listener_destroy(fixture->listener);
        fixture->listener = NULL;
    }
}

static void on_pause(void *self)
{
    struct fixture *fixture = self;

    fixture->pauses++;
}

static void on_turn(void *self)
{
    struct fixture *fixture = self;

    if (fixture->turn_count > fixture->most_in_a_turn) {
        fixture->most_in_a_turn = fixture->turn_count;
    }
    fixture->turn_count = 0;
}

static void on_tick(struct tg_timer *timer)
{
    struct fixture *fixture = TG_CONTAINER(timer, struct fixture, tick);

    tg_timer_set(tg_loop_wheel(fixture->loop), timer, tg_loop_now_ms(fixture->loop) + TICK_MS);
}

static socklen_t loopback(struct sockaddr_storage *address, int family)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;

    memset(address, 0, sizeof(*address));
    address->ss_family = (sa_family_t)family;
    if (family == AF_INET) {
        v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sizeof(*v4);
    }
    if (family == AF_INET6) {
        v6->sin6_addr = in6addr_loopback;
        return sizeof(*v6);
    }
    /* An abstract name that the kernel chooses. */
    return sizeof(sa_family_t);
}

static void on_quiet(void *self)
{
    (void)self;
    fail_msg("the quiet descriptor is readable");
}

static void listen_at(struct fixture *fixture, int family)
{
    struct sockaddr_storage address;
    socklen_t length = loopback(&address, family);

    fixture->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fixture->fd >= 0);
    assert_int_equal(bind(fixture->fd, (struct sockaddr *)(void *)&address, length), 0);
    assert_int_equal(listen(fixture->fd, ACCEPTED_MAX), 0);
    fixture->listener = tg_listener_create(fixture->loop, fixture->fd, on_accept, fixture);
    assert_non_null(fixture->listener);
    tg_listener_on_pause(fixture->listener, on_pause);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    tg_log_set_level(TG_LOG_LEVEL_ERROR);
    fixture->loop = tg_loop_create();
    tg_loop_on_turn(fixture->loop, on_turn, fixture);
    tg_timer_init(&fixture->tick, on_tick);
    tg_timer_set(tg_loop_wheel(fixture->loop), &fixture->tick, 0);
    fixture->quiet_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    fixture->quiet = tg_watch_start(fixture->loop, fixture->quiet_fd, on_quiet, fixture);
    *state = fixture;
    return fixture->quiet ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    for (uint32_t i = 0; i < fixture->count; i++) {
        (void)close(fixture->accepted[i]);
    }
    for (uint32_t i = 0; i < fixture->client_count; i++) {
        (void)close(fixture->clients[i]);
    }
    tg_listener_destroy(fixture->listener);
    tg_watch_stop(fixture->quiet);
    (void)close(fixture->quiet_fd);
    (void)close(fixture->fd);
    tg_timer_cancel(tg_loop_wheel(fixture->loop), &fixture->tick);
    tg_loop_destroy(fixture->loop);
    free(fixture);
    return 0;
}

static void connect_client(struct fixture *fixture)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);

    assert_int_equal(getsockname(fixture->fd, (struct sockaddr *)(void *)&address, &length), 0);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)(void *)&address, length), 0);
    fixture->clients[fixture->client_count++] = fd;
}

static void run(struct fixture *fixture, uint64_t ms)
{
    uint64_t end = tg_clock_mono_ms(tg_clock_system()) + ms;

    while (tg_clock_mono_ms(tg_clock_system()) < end) {
        fixture->turns++;
        (void)tg_loop_step(fixture->loop);
    }
}

static void run_until_count(struct fixture *fixture, uint32_t count)
{
    uint64_t end = tg_clock_mono_ms(tg_clock_system()) + PATIENCE_MS;

    while (fixture->count < count) {
        assert_true(tg_clock_mono_ms(tg_clock_system()) < end);
        (void)tg_loop_step(fixture->loop);
    }
}

static void an_accepted_socket_is_ready_for_the_server(void **state)
{
    struct fixture *fixture = *state;
    int no_delay = 0;
    socklen_t length = sizeof(no_delay);

    listen_at(fixture, AF_INET);
    connect_client(fixture);
    run_until_count(fixture, 1);
    int fd = fixture->accepted[0];
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &length), 0);
    assert_int_equal(no_delay, 1);
    assert_string_equal(fixture->address, "127.0.0.1");
}

static void an_ipv6_peer_has_its_address(void **state)
{
    struct fixture *fixture = *state;

    listen_at(fixture, AF_INET6);
    connect_client(fixture);
    run_until_count(fixture, 1);
    assert_string_equal(fixture->address, "::1");
}

static void an_ipv4_peer_of_an_ipv6_socket_has_its_ipv4_address(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(any);
    const int off = 0;

    fixture->fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(fixture->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), 0);
    any.sin6_addr = (struct in6_addr){.s6_addr = {[10] = 255, [11] = 255, [12] = 127, [15] = 1}};
    assert_int_equal(bind(fixture->fd, (struct sockaddr *)(void *)&any, length), 0);
    assert_int_equal(listen(fixture->fd, 8), 0);
    assert_int_equal(getsockname(fixture->fd, (struct sockaddr *)(void *)&any, &length), 0);
    fixture->listener = tg_listener_create(fixture->loop, fixture->fd, on_accept, fixture);
    peer.sin_port = any.sin6_port;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)(void *)&peer, sizeof(peer)), 0);
    fixture->clients[fixture->client_count++] = fd;
    run_until_count(fixture, 1);
    assert_string_equal(fixture->address, "127.0.0.1");
}

static void a_local_peer_is_called_unix(void **state)
{
    struct fixture *fixture = *state;

    listen_at(fixture, AF_UNIX);
    connect_client(fixture);
    run_until_count(fixture, 1);
    assert_string_equal(fixture->address, "unix");
}

static void a_crowd_is_accepted_in_batches(void **state)
{
    struct fixture *fixture = *state;

    listen_at(fixture, AF_INET);
    for (int i = 0; i < 200; i++) {
        connect_client(fixture);
    }
    run_until_count(fixture, 200);
    assert_int_equal(fixture->most_in_a_turn, TG_LISTENER_BATCH);
}

static void a_peer_that_gave_up_in_the_queue_stops_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct linger hard = {.l_onoff = 1, .l_linger = 0};

    listen_at(fixture, AF_INET);
    for (int i = 0; i < 10; i++) {
        connect_client(fixture);
        int fd = fixture->clients[--fixture->client_count];
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
        (void)close(fd);
    }
    connect_client(fixture);
    run_until_count(fixture, 1);
    run(fixture, 20);
    assert_int_equal(fixture->pauses, 0);
    connect_client(fixture);
    uint32_t before = fixture->count;
    run_until_count(fixture, before + 1);
}

/* At the limit the queued connection keeps the socket readable: without a pause this spins. */
static void without_descriptors_accepting_pauses_and_recovers(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit before;

    listen_at(fixture, AF_INET);
    run(fixture, 20);
    connect_client(fixture);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    /* No number is left below the limit. */
    int lowest = dup(fixture->fd);
    assert_int_equal(close(lowest), 0);
    struct rlimit none = {.rlim_cur = (rlim_t)lowest, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    fixture->turns = 0;
    run(fixture, 300);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(fixture->count, 0);
    assert_int_equal(fixture->pauses, 1);
    assert_in_range(fixture->turns, 1, 180);
    run_until_count(fixture, 1);
}

static void a_listener_may_be_destroyed_from_within_its_callback(void **state)
{
    struct fixture *fixture = *state;

    fixture->ends_at_first = true;
    listen_at(fixture, AF_INET);
    connect_client(fixture);
    connect_client(fixture);
    run_until_count(fixture, 1);
    run(fixture, 20);
    assert_int_equal(fixture->count, 1);
    assert_null(fixture->listener);
}

static void destroy_accepts_null(void **state)
{
    (void)state;
    tg_listener_destroy(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_accepted_socket_is_ready_for_the_server),
        TEST(an_ipv6_peer_has_its_address),
        TEST(an_ipv4_peer_of_an_ipv6_socket_has_its_ipv4_address),
        TEST(a_local_peer_is_called_unix),
        TEST(a_crowd_is_accepted_in_batches),
        TEST(a_peer_that_gave_up_in_the_queue_stops_nobody),
        TEST(without_descriptors_accepting_pauses_and_recovers),
        TEST(a_listener_may_be_destroyed_from_within_its_callback),
        cmocka_unit_test(destroy_accepts_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
