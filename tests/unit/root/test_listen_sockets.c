/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "listen_sockets.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct tg_address any_port = {.host = "127.0.0.1", .port = 0};

struct fixture {
    struct tg_listen_sockets sockets;
    struct tg_listen_sockets others;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_listen_sockets_fini(&fixture->sockets);
    tg_listen_sockets_fini(&fixture->others);
    return 0;
}

static void open_well(struct fixture *fixture, const struct tg_address *addresses, uint32_t count,
                      uint32_t slots)
{
    if (tg_listen_sockets_open(&fixture->sockets, addresses, count, slots, &fixture->msg) != 0) {
        fail_msg("%s", fixture->msg.text);
    }
}

/* A connected socket, or -1. */
static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void port_0_becomes_a_real_port_that_listens(void **state)
{
    struct fixture *fixture = *state;

    open_well(fixture, &any_port, 1, 1);
    assert_int_not_equal(fixture->sockets.addresses[0].port, 0);
    int client = connect_to(fixture->sockets.addresses[0].port);
    assert_true(client >= 0);
    (void)close(client);
}

static void sockets_don_t_block_and_aren_t_inherited_over_exec(void **state)
{
    struct fixture *fixture = *state;

    open_well(fixture, &any_port, 1, 1);
    assert_true(fcntl(fixture->sockets.fds[0][0], F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fixture->sockets.fds[0][0], F_GETFD) & FD_CLOEXEC);
}

static void all_slots_share_the_port(void **state)
{
    struct fixture *fixture = *state;
    struct pollfd waiting[4];
    int clients[64];
    uint32_t with_clients = 0;

    open_well(fixture, &any_port, 1, 4);
    for (int i = 0; i < 64; i++) {
        clients[i] = connect_to(fixture->sockets.addresses[0].port);
        assert_true(clients[i] >= 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(port_of(fixture->sockets.fds[i][0]), fixture->sockets.addresses[0].port);
        waiting[i] = (struct pollfd){.fd = fixture->sockets.fds[i][0], .events = POLLIN};
    }
    assert_true(poll(waiting, 4, 1000) > 0);
    for (int i = 0; i < 4; i++) {
        with_clients += waiting[i].revents == POLLIN;
    }
    /* The kernel spreads by a hash of the addresses: 64 of them don't all fall on one. */
    assert_true(with_clients >= 2);
    for (int i = 0; i < 64; i++) {
        (void)close(clients[i]);
    }
}

static void an_address_in_use_is_told_although_ports_are_shared(void **state)
{
    struct fixture *fixture = *state;
    char expected[128];

    open_well(fixture, &any_port, 1, 2);
    int err =
        tg_listen_sockets_open(&fixture->others, fixture->sockets.addresses, 1, 1, &fixture->msg);
    assert_int_equal(err, TG_ERR_IO);
    (void)snprintf(expected, sizeof(expected), "127.0.0.1:%u: the address is in use",
                   (unsigned)fixture->sockets.addresses[0].port);
    assert_string_equal(fixture->msg.text, expected);
    assert_int_equal(fixture->others.fds[0][0], -1);
}

static void after_a_failure_nothing_is_open(void **state)
{
    struct fixture *fixture = *state;
    struct tg_address addresses[2] = {any_port, {.host = "192.0.2.1", .port = 1}};

    assert_int_equal(tg_listen_sockets_open(&fixture->sockets, addresses, 2, 2, &fixture->msg),
                     TG_ERR_IO);
    assert_string_equal(fixture->msg.text, "192.0.2.1:1: Cannot assign requested address");
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(fixture->sockets.fds[i][0], -1);
        assert_int_equal(fixture->sockets.fds[i][1], -1);
    }
}

static void names_are_not_looked_up(void **state)
{
    struct fixture *fixture = *state;
    struct tg_address address = {.host = "localhost", .port = 0};

    assert_int_equal(tg_listen_sockets_open(&fixture->sockets, &address, 1, 1, &fixture->msg),
                     TG_ERR_IO);
    assert_non_null(strstr(fixture->msg.text, "localhost:0: "));
}

static void keeping_a_slot_closes_the_others(void **state)
{
    struct fixture *fixture = *state;
    struct tg_address addresses[2] = {any_port, any_port};

    open_well(fixture, addresses, 2, 3);
    int kept[2] = {fixture->sockets.fds[1][0], fixture->sockets.fds[1][1]};
    int closed = fixture->sockets.fds[2][1];
    tg_listen_sockets_keep(&fixture->sockets, 1);
    assert_int_equal(fixture->sockets.fds[1][0], kept[0]);
    assert_int_equal(fixture->sockets.fds[1][1], kept[1]);
    assert_true(fcntl(kept[0], F_GETFD) >= 0);
    assert_int_equal(fixture->sockets.fds[0][0], -1);
    assert_int_equal(fixture->sockets.fds[2][1], -1);
    assert_int_equal(fcntl(closed, F_GETFD), -1);
}

static void when_all_are_closed_connections_are_refused(void **state)
{
    struct fixture *fixture = *state;

    open_well(fixture, &any_port, 1, 2);
    uint16_t port = fixture->sockets.addresses[0].port;
    tg_listen_sockets_fini(&fixture->sockets);
    assert_int_equal(connect_to(port), -1);
    assert_int_equal(errno, ECONNREFUSED);
}

static void the_text_names_every_address(void **state)
{
    struct fixture *fixture = *state;
    char text[TG_LISTEN_TEXT_BYTES];

    assert_string_equal(tg_listen_sockets_text(&fixture->sockets, text), "off");
    fixture->others.address_count = 2;
    fixture->others.addresses[0] = (struct tg_address){.host = "127.0.0.1", .port = 8080};
    fixture->others.addresses[1] = (struct tg_address){.host = "::1", .port = 65535};
    assert_string_equal(tg_listen_sockets_text(&fixture->others, text),
                        "127.0.0.1:8080,[::1]:65535");
}

static void the_longest_text_fits(void **state)
{
    struct fixture *fixture = *state;
    char text[TG_LISTEN_TEXT_BYTES];

    fixture->others.address_count = TG_LISTEN_MAX;
    for (uint32_t i = 0; i < TG_LISTEN_MAX; i++) {
        struct tg_address *address = &fixture->others.addresses[i];
        memset(address->host, ':', sizeof(address->host) - 1);
        address->port = 65535;
    }
    assert_int_equal(strlen(tg_listen_sockets_text(&fixture->others, text)),
                     TG_LISTEN_MAX * (63 + strlen("[]:65535,")) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(port_0_becomes_a_real_port_that_listens),
        TEST(sockets_don_t_block_and_aren_t_inherited_over_exec),
        TEST(all_slots_share_the_port),
        TEST(an_address_in_use_is_told_although_ports_are_shared),
        TEST(after_a_failure_nothing_is_open),
        TEST(names_are_not_looked_up),
        TEST(keeping_a_slot_closes_the_others),
        TEST(when_all_are_closed_connections_are_refused),
        TEST(the_text_names_every_address),
        TEST(the_longest_text_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
