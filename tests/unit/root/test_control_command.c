/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. A
 * process that is forked serves the socket, or plays a server that does it badly. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control.c"
#define LOG_MODULE caller_module
#include "control_caller.c"
#undef LOG_MODULE
#include "control_command.c"
#include "control_place.c"
#include "control_request.c"
#include "control_socket.c"
#include "control_status.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

struct fixture {
    char folder[32];
    char path[64];
    pid_t server; /* 0: there is none */
    FILE *out;
    char *written;
    size_t written_length;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.folder = "/tmp/tidegate-test-XXXXXX"};
    *state = &fixture;
    tg_log_set_level(TG_LOG_LEVEL_ERROR);
    if (!mkdtemp(fixture.folder)) {
        return -1;
    }
    (void)snprintf(fixture.path, sizeof(fixture.path), "%s/control.sock", fixture.folder);
    fixture.out = open_memstream(&fixture.written, &fixture.written_length);
    return fixture.out ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->server > 0) {
        (void)kill(fixture->server, SIGKILL);
        (void)waitpid(fixture->server, NULL, 0);
    }
    (void)fclose(fixture->out);
    free(fixture->written);
    (void)unlink(fixture->path);
    return rmdir(fixture->folder);
}

static void on_status(void *self, struct tg_control_status *status)
{
    (void)self;
    status->root = "/srv/gateways";
    status->count = 1;
    (void)snprintf(status->gateways[0].name, sizeof(status->gateways[0].name), "chat");
    (void)snprintf(status->gateways[0].generation, sizeof(status->gateways[0].generation),
                   "0123456789ab");
    status->gateways[0].counter = 5;
    status->gateways[0].state = TG_CONTROL_LIVE;
}

static int on_begin(void *self, const struct tg_control_request *request, uint64_t *ticket,
                    struct tg_errmsg *msg)
{
    (void)self;
    *ticket = now_ms() + 50;
    return request->verb == TG_CONTROL_ROLLBACK
               ? tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "chat: there is nothing to go back to")
               : TG_OK;
}

static int on_look(void *self, const struct tg_control_request *request, uint64_t ticket,
                   struct tg_errmsg *msg)
{
    (void)self;
    (void)request;
    (void)msg;
    return now_ms() < ticket ? TG_ERR_INCOMPLETE : TG_OK;
}

/* The child serves until it is killed. */
static void start_server(struct fixture *fixture)
{
    const struct tg_control_handlers handlers = {
        .on_status = on_status, .on_begin = on_begin, .on_look = on_look};
    struct tg_control *control = NULL;

    assert_int_equal(tg_control_start(&control, fixture->path, &handlers, &fixture->msg), TG_OK);
    fixture->server = fork();
    assert_true(fixture->server >= 0);
    if (fixture->server > 0) {
        tg_control_forget(control);
        return;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        struct pollfd ready = {.fd = tg_control_fd(control), .events = POLLIN};
        (void)poll(&ready, 1, 10);
        tg_control_step(control, now_ms());
    }
}

/* The child takes one connection, reads a little, says this and ends. */
static void start_bad_server(struct fixture *fixture, const char *answer)
{
    struct tg_control_places places;
    struct tg_control_socket sock;
    char octets[8];

    assert_int_equal(tg_control_place_list(&places, fixture->path, geteuid(), &fixture->msg),
                     TG_OK);
    assert_int_equal(tg_control_socket_open(&sock, &places, geteuid(), &fixture->msg), TG_OK);
    fixture->server = fork();
    assert_true(fixture->server >= 0);
    if (fixture->server > 0) {
        tg_control_socket_forget(&sock);
        return;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct pollfd ready = {.fd = sock.fd, .events = POLLIN};
    (void)poll(&ready, 1, -1);
    int fd = accept(sock.fd, NULL, NULL);
    (void)!read(fd, octets, sizeof(octets));
    (void)!write(fd, answer, strlen(answer));
    (void)close(fd);
    _exit(0);
}

static int run(struct fixture *fixture, enum tg_control_verb verb, bool wants_json)
{
    struct tg_control_request request = {.verb = verb, .wants_json = wants_json};

    if (verb == TG_CONTROL_ROLLBACK || verb == TG_CONTROL_REMOVE) {
        (void)snprintf(request.name, sizeof(request.name), "chat");
    }
    int status = tg_control_command_run(fixture->path, &request, fixture->out, &fixture->msg);
    assert_int_equal(fflush(fixture->out), 0);
    return status;
}

static void what_the_server_tells_is_written(void **state)
{
    struct fixture *fixture = *state;

    start_server(fixture);
    assert_int_equal(run(fixture, TG_CONTROL_STATUS, true), 0);
    assert_ptr_equal(strstr(fixture->written, "{\"version\":"), fixture->written);
    assert_string_equal(fixture->msg.text, "");
}

static void a_reload_is_waited_for(void **state)
{
    struct fixture *fixture = *state;

    start_server(fixture);
    assert_int_equal(run(fixture, TG_CONTROL_RELOAD, false), 0);
    assert_string_equal(fixture->written, "chat: 0123456789ab-5, unchanged (live)\n");
}

static void what_the_server_refuses_is_an_error(void **state)
{
    struct fixture *fixture = *state;

    start_server(fixture);
    assert_int_equal(run(fixture, TG_CONTROL_ROLLBACK, false), 1);
    assert_string_equal(fixture->msg.text, "chat: there is nothing to go back to");
    assert_string_equal(fixture->written, "");
}

static void where_nobody_serves_the_places_are_named(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(run(fixture, TG_CONTROL_STATUS, false), 1);
    assert_non_null(strstr(fixture->msg.text, "no server answers at "));
    assert_non_null(strstr(fixture->msg.text, fixture->path));
    assert_non_null(strstr(fixture->msg.text, "No such file"));
}

static void off_is_told(void **state)
{
    struct fixture *fixture = *state;

    (void)snprintf(fixture->path, sizeof(fixture->path), "off");
    assert_int_equal(run(fixture, TG_CONTROL_STATUS, false), 1);
    assert_string_equal(fixture->msg.text, "deploy.socket is off");
}

static void a_server_that_ends_midway_is_told(void **state)
{
    struct fixture *fixture = *state;

    start_bad_server(fixture, "");
    assert_int_equal(run(fixture, TG_CONTROL_STATUS, false), 1);
    assert_string_equal(fixture->msg.text, "the server ended before it answered");
}

static void what_is_no_answer_is_not_believed(void **state)
{
    struct fixture *fixture = *state;

    start_bad_server(fixture, "HTTP/1.1 200 OK\n\n");
    assert_int_equal(run(fixture, TG_CONTROL_STATUS, false), 1);
    assert_string_equal(fixture->written, "");
}

static void a_terminal_is_shown_nothing_but_text(void **state)
{
    struct fixture *fixture = *state;

    start_bad_server(fixture, "ok\n\x1b[2Jgr\xc3\xbc"
                              "n\x07\n");
    assert_int_equal(run(fixture, TG_CONTROL_STATUS, false), 0);
    assert_string_equal(fixture->written, "?[2Jgr\xc3\xbcn?\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_server_tells_is_written),
        TEST(a_reload_is_waited_for),
        TEST(what_the_server_refuses_is_an_error),
        TEST(where_nobody_serves_the_places_are_named),
        TEST(off_is_told),
        TEST(a_server_that_ends_midway_is_told),
        TEST(what_is_no_answer_is_not_believed),
        TEST(a_terminal_is_shown_nothing_but_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
