/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. The
 * socket is real, the clock is the test's, the supervisor is played by the handlers below. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control.c"
#define LOG_MODULE caller_module
#include "control_caller.c"
#undef LOG_MODULE
#include "control_place.c"
#include "control_request.c"
#include "control_socket.c"
#include "control_status.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "fake_memory.h"

enum { START_MS = 100000, ANSWER_BYTES = 1 << 18 };

struct fixture {
    char folder[32];
    char path[64];
    struct tg_control *control;
    struct tg_errmsg msg;
    uint64_t now_ms;
    uint32_t gateways; /* in the status */
    uint64_t counter;  /* of each */
    bool has_fault;
    bool has_root_fault;
    int begin_err;
    int look_err;
    uint32_t begun;
    uint32_t looked;
    struct tg_control_request asked;
    char answer[ANSWER_BYTES];
};

static void on_status(void *self, struct tg_control_status *status)
{
    struct fixture *fixture = self;

    status->root = "/srv/gateways";
    status->pid = 7;
    status->count = fixture->gateways;
    for (uint32_t i = 0; i < fixture->gateways; i++) {
        struct tg_control_gateway *gateway = &status->gateways[i];
        (void)snprintf(gateway->name, sizeof(gateway->name), "g%u", i);
        memset(gateway->path, '/', sizeof(gateway->path) - 1);
        (void)snprintf(gateway->generation, sizeof(gateway->generation), "%012x", i);
        gateway->counter = fixture->counter;
        gateway->state = TG_CONTROL_LIVE;
        gateway->has_fault = fixture->has_fault;
    }
    if (fixture->has_root_fault) {
        (void)snprintf(status->root_fault, sizeof(status->root_fault), "the root\nis gone");
    }
}

static int on_begin(void *self, const struct tg_control_request *request, uint64_t *ticket,
                    struct tg_errmsg *msg)
{
    struct fixture *fixture = self;

    fixture->begun++;
    fixture->asked = *request;
    *ticket = 77;
    return fixture->begin_err ? tg_errmsg_set(msg, fixture->begin_err, "not\nnow") : TG_OK;
}

static int on_look(void *self, const struct tg_control_request *request, uint64_t ticket,
                   struct tg_errmsg *msg)
{
    struct fixture *fixture = self;

    assert_int_equal(ticket, 77);
    assert_int_equal(request->verb, fixture->asked.verb);
    fixture->looked++;
    if (fixture->look_err == TG_ERR_UNAVAILABLE) {
        return tg_errmsg_set(msg, fixture->look_err, "it failed");
    }
    return fixture->look_err;
}

static void open_control(struct fixture *fixture)
{
    const struct tg_control_handlers handlers = {
        .on_status = on_status, .on_begin = on_begin, .on_look = on_look, .self = fixture};

    if (tg_control_start(&fixture->control, fixture->path, &handlers, &fixture->msg) != TG_OK) {
        fail_msg("%s", fixture->msg.text);
    }
    assert_non_null(fixture->control);
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){
        .folder = "/tmp/tidegate-test-XXXXXX", .now_ms = START_MS, .gateways = 1, .counter = 3};
    *state = &fixture;
    tg_log_set_level(TG_LOG_LEVEL_ERROR);
    if (!mkdtemp(fixture.folder)) {
        return -1;
    }
    (void)snprintf(fixture.path, sizeof(fixture.path), "%s/control.sock", fixture.folder);
    open_control(&fixture);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_control_stop(fixture->control);
    return rmdir(fixture->folder); /* the file went with it */
}

static int call(struct fixture *fixture)
{
    struct sockaddr_un address = address_of(fixture->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void step(struct fixture *fixture)
{
    for (int i = 0; i < 4; i++) {
        tg_control_step(fixture->control, fixture->now_ms);
    }
}

/* Reads what is there into answer. True: and the end after it. */
static bool hears_end(struct fixture *fixture, int fd)
{
    size_t length = 0;

    for (int i = 0; i < 1000; i++) {
        step(fixture);
        ssize_t got =
            recv(fd, fixture->answer + length, sizeof(fixture->answer) - 1 - length, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno == ECONNRESET)) {
            fixture->answer[length] = '\0';
            return true;
        }
        length += got > 0 ? (size_t)got : 0;
    }
    fixture->answer[length] = '\0';
    return false;
}

static const char *ask(struct fixture *fixture, const char *line)
{
    int fd = call(fixture);

    say(fd, line);
    assert_true(hears_end(fixture, fd));
    (void)close(fd);
    step(fixture);
    return fixture->answer;
}

static void assert_nobody_calls(struct fixture *fixture)
{
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        assert_int_equal(fixture->control->callers[i].fd, -1);
    }
    assert_true(tg_control_due_ms(fixture->control) == UINT64_MAX);
}

static void the_file_is_the_owners_alone(void **state)
{
    struct fixture *fixture = *state;
    struct stat found;
    mode_t before = umask(0);

    tg_control_stop(fixture->control);
    assert_int_equal(lstat(fixture->path, &found), -1);
    open_control(fixture);
    assert_int_equal(umask(before), 0);
    assert_int_equal(lstat(fixture->path, &found), 0);
    assert_true(S_ISSOCK(found.st_mode));
    assert_int_equal(found.st_mode & 07777, 0600);
}

static void status_is_answered_at_once(void **state)
{
    struct fixture *fixture = *state;

    assert_ptr_equal(strstr(ask(fixture, "status text\n"), "ok\n1 gateway of /srv"),
                     fixture->answer);
    assert_ptr_equal(strstr(ask(fixture, "status json\n"), "ok\n{\"version\":"), fixture->answer);
    assert_int_equal(fixture->begun, 0);
    assert_nobody_calls(fixture);
}

static void a_request_may_come_octet_by_octet(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    for (const char *at = "status json\n"; *at; at++) {
        assert_int_equal(send(fd, at, 1, 0), 1);
        step(fixture);
    }
    assert_true(hears_end(fixture, fd));
    assert_ptr_equal(strstr(fixture->answer, "ok\n{"), fixture->answer);
    (void)close(fd);
}

static void a_bad_request_is_told_why(void **state)
{
    struct fixture *fixture = *state;
    char long_line[TG_CONTROL_REQUEST_MAX + 1];

    assert_string_equal(ask(fixture, "rollback\n"), "error: rollback: name the gateway\n");
    assert_string_equal(ask(fixture, "\n"),
                        "error: unknown request: expected status, reload, rollback or remove\n");
    assert_string_equal(ask(fixture, "status text\nreload\n"), "error: expected one line\n");
    memset(long_line, 'x', sizeof(long_line));
    long_line[TG_CONTROL_REQUEST_MAX] = '\0';
    assert_string_equal(ask(fixture, long_line), "error: the line is too long\n");
    assert_int_equal(fixture->begun, 0);
    assert_nobody_calls(fixture);
}

static void a_reload_is_answered_when_it_is_done(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    fixture->look_err = TG_ERR_INCOMPLETE;
    say(fd, "reload\n");
    assert_false(hears_end(fixture, fd));
    assert_string_equal(fixture->answer, "");
    assert_int_equal(fixture->begun, 1);
    assert_true(tg_control_due_ms(fixture->control) <= fixture->now_ms + 50);
    fixture->counter = 4;
    fixture->look_err = TG_OK;
    assert_true(hears_end(fixture, fd));
    assert_string_equal(fixture->answer, "ok\ng0: 000000000000-4, deployed (live)\n");
    (void)close(fd);
    step(fixture);
    assert_nobody_calls(fixture);
}

static void a_reload_that_leaves_a_fault_is_an_error(void **state)
{
    struct fixture *fixture = *state;

    fixture->has_fault = true;
    assert_ptr_equal(strstr(ask(fixture, "reload\n"), "error: a fault stands\ng0: fault (scan)"),
                     fixture->answer);
    assert_ptr_equal(strstr(ask(fixture, "reload g0\n"), "error: a fault stands\n"),
                     fixture->answer);
    fixture->has_fault = false;
    fixture->has_root_fault = true;
    assert_ptr_equal(strstr(ask(fixture, "reload\n"), "error: the root is gone\ng0: "),
                     fixture->answer);
    assert_ptr_equal(strstr(ask(fixture, "reload g0\n"), "ok\n"), fixture->answer);
    assert_string_equal(ask(fixture, "reload other\n"), "error: no gateway is called so\n");
}

static void a_rollback_that_changes_nothing_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    fixture->has_fault = true;
    assert_ptr_equal(strstr(ask(fixture, "rollback g0\n"), "error: it was not done, see the log\n"),
                     fixture->answer);
    fixture->look_err = TG_ERR_INCOMPLETE;
    say(fd, "rollback g0\n");
    step(fixture);
    fixture->counter = 2;
    fixture->look_err = TG_OK;
    assert_true(hears_end(fixture, fd));
    assert_ptr_equal(strstr(fixture->answer, "ok\ng0: "), fixture->answer);
    assert_non_null(strstr(fixture->answer, "000000000000-2, rolled back (live)\n"));
    (void)close(fd);
    fd = call(fixture);
    fixture->look_err = TG_ERR_INCOMPLETE;
    say(fd, "remove g0\n");
    step(fixture);
    fixture->gateways = 0;
    fixture->look_err = TG_OK;
    assert_true(hears_end(fixture, fd));
    assert_string_equal(fixture->answer, "ok\ng0: removed\n");
    (void)close(fd);
}

static void what_cannot_begin_or_fails_is_told(void **state)
{
    struct fixture *fixture = *state;

    fixture->begin_err = TG_ERR_NOT_FOUND;
    assert_string_equal(ask(fixture, "rollback g0\n"), "error: not now\n");
    assert_int_equal(fixture->looked, 0);
    fixture->begin_err = TG_OK;
    fixture->look_err = TG_ERR_UNAVAILABLE;
    assert_string_equal(ask(fixture, "remove g0\n"), "error: it failed\n");
    assert_string_equal(fixture->asked.name, "g0");
}

static void waiting_ends_at_its_deadline(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    fixture->look_err = TG_ERR_INCOMPLETE;
    say(fd, "rollback g0\n");
    assert_false(hears_end(fixture, fd));
    fixture->now_ms += TG_CONTROL_WAIT_MS - 1;
    assert_false(hears_end(fixture, fd));
    fixture->now_ms += 1;
    assert_true(hears_end(fixture, fd));
    assert_string_equal(fixture->answer, "error: it isn't done yet; see tidegate status\n");
    (void)close(fd);
}

static void who_hangs_up_while_waiting_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    fixture->look_err = TG_ERR_INCOMPLETE;
    say(fd, "reload\n");
    step(fixture);
    assert_int_equal(fixture->begun, 1);
    (void)close(fd);
    step(fixture);
    assert_nobody_calls(fixture);
}

static void who_closes_only_his_own_end_is_answered(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    fixture->look_err = TG_ERR_INCOMPLETE;
    say(fd, "reload\n");
    (void)shutdown(fd, SHUT_WR);
    assert_false(hears_end(fixture, fd));
    fixture->look_err = TG_OK;
    assert_true(hears_end(fixture, fd));
    assert_ptr_equal(strstr(fixture->answer, "ok\n"), fixture->answer);
    (void)close(fd);
}

static void who_says_nothing_is_cut_at_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    say(fd, "stat");
    step(fixture);
    assert_int_equal(tg_control_due_ms(fixture->control), START_MS + TG_CONTROL_DEADLINE_MS);
    fixture->now_ms += TG_CONTROL_DEADLINE_MS - 1;
    assert_false(hears_end(fixture, fd));
    fixture->now_ms += 1;
    assert_true(hears_end(fixture, fd));
    (void)close(fd);
    assert_nobody_calls(fixture);
}

static void who_does_not_read_is_cut_at_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    fixture->gateways = TG_CONTROL_GATEWAYS_MAX; /* more than a socket holds */
    int small = 4096;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    step(fixture);
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        int sent = 4096;
        if (fixture->control->callers[i].fd >= 0) {
            (void)setsockopt(fixture->control->callers[i].fd, SOL_SOCKET, SO_SNDBUF, &sent,
                             sizeof(sent));
        }
    }
    say(fd, "status json\n");
    step(fixture);
    assert_int_equal(fixture->control->callers[0].stage, TG_CONTROL_WRITING);
    fixture->now_ms += TG_CONTROL_DEADLINE_MS;
    step(fixture);
    assert_nobody_calls(fixture);
    (void)close(fd);
}

static void a_long_answer_comes_whole(void **state)
{
    struct fixture *fixture = *state;

    fixture->gateways = TG_CONTROL_GATEWAYS_MAX;
    const char *answer = ask(fixture, "status json\n");
    assert_true(strlen(answer) > TG_CONTROL_GATEWAYS_MAX * (size_t)TG_CONTROL_PATH_BYTES);
    assert_string_equal(answer + strlen(answer) - 4, "}]}\n");
}

static void one_too_many_is_turned_away_and_the_others_are_served(void **state)
{
    struct fixture *fixture = *state;
    int fds[TG_CONTROL_CONNECTIONS_MAX];

    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        fds[i] = call(fixture);
        step(fixture);
    }
    assert_ptr_equal(strstr(ask(fixture, "status text\n"), "error: too many requests"),
                     fixture->answer);
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        say(fds[i], "status json\n");
        assert_true(hears_end(fixture, fds[i]));
        assert_ptr_equal(strstr(fixture->answer, "ok\n{"), fixture->answer);
        (void)close(fds[i]);
    }
    step(fixture);
    assert_nobody_calls(fixture);
}

static void an_answer_is_not_lost_to_octets_that_nobody_wanted(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    say(fd, "status json\n");
    step(fixture);
    say(fd, "and more, and more\n");
    assert_true(hears_end(fixture, fd));
    assert_ptr_equal(strstr(fixture->answer, "ok\n{"), fixture->answer);
    (void)close(fd);
    step(fixture);
    assert_nobody_calls(fixture);
}

static void a_child_that_forgets_leaves_all_to_its_parent(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    step(fixture);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        tg_control_forget(fixture->control);
        _exit(access(fixture->path, F_OK) == 0 ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    say(fd, "status json\n");
    assert_true(hears_end(fixture, fd));
    assert_ptr_equal(strstr(fixture->answer, "ok\n{"), fixture->answer);
    (void)close(fd);
}

static void another_users_process_is_turned_away(void **state)
{
    struct fixture *fixture = *state;
    int fd = call(fixture);

    fixture->control->uid = 12345;
    struct ucred who = {.uid = geteuid() ? geteuid() : 54321};
    assert_false(may_ask(fixture->control, &who));
    who.uid = 12345;
    assert_true(may_ask(fixture->control, &who));
    who.uid = 0;
    assert_true(may_ask(fixture->control, &who));
    (void)close(fd);
    step(fixture);
}

static void off_and_no_place_are_no_error_but_a_named_place_is(void **state)
{
    struct fixture *fixture = *state;
    const struct tg_control_handlers handlers = {.self = fixture};
    struct tg_control *second = fixture->control;

    assert_int_equal(tg_control_start(&second, "off", &handlers, &fixture->msg), TG_OK);
    assert_null(second);
    assert_int_equal(tg_control_fd(second), -1);
    assert_true(tg_control_due_ms(second) == UINT64_MAX);
    tg_control_step(second, 1);
    assert_int_equal(tg_control_start(&second, fixture->path, &handlers, &fixture->msg),
                     TG_ERR_EXISTS);
    assert_null(second);
    assert_non_null(strstr(fixture->msg.text, "another server is running there"));
    step(fixture);
    assert_int_equal(access(fixture->path, F_OK), 0);
    /* "auto" finds the living server where the environment points to it, and goes on without. */
    char socket_path[80];
    (void)snprintf(socket_path, sizeof(socket_path), "%s", fixture->folder);
    (void)setenv("RUNTIME_DIRECTORY", socket_path, 1);
    assert_int_equal(tg_control_start(&second, "auto", &handlers, &fixture->msg), TG_OK);
    (void)unsetenv("RUNTIME_DIRECTORY");
    assert_null(second);
    step(fixture);
}

static void a_start_without_memory_leaves_nothing_behind(void **state)
{
    struct fixture *fixture = *state;
    const struct tg_control_handlers handlers = {.self = fixture};
    struct tg_control *second = fixture->control;
    char path[80];
    uint32_t allocations = 0;

    (void)snprintf(path, sizeof(path), "%s/second.sock", fixture->folder);
    for (;; allocations++) {
        fake_memory_fail_after(allocations);
        int err = tg_control_start(&second, path, &handlers, &fixture->msg);
        bool has_failed = fake_memory_heal();
        if (!has_failed) {
            assert_int_equal(err, TG_OK);
            break;
        }
        assert_int_equal(err, TG_ERR_NOMEM);
        assert_null(second);
        assert_int_equal(access(path, F_OK), -1);
    }
    assert_true(allocations > 0);
    tg_control_stop(second);
}

static void a_request_without_memory_is_an_error_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    static const char *const lines[] = {"status json\n", "status text\n", "reload\n",
                                        "rollback g0\n"};

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        for (uint32_t allocations = 0;; allocations++) {
            int fd = call(fixture);
            say(fd, lines[i]);
            fake_memory_fail_after(allocations);
            assert_true(hears_end(fixture, fd));
            bool has_failed = fake_memory_heal();
            (void)close(fd);
            step(fixture);
            assert_nobody_calls(fixture);
            if (!has_failed) {
                break;
            }
            assert_true(fixture->answer[0] == '\0' ||
                        strcmp(fixture->answer, "error: out of memory\n") == 0);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_file_is_the_owners_alone),
        TEST(status_is_answered_at_once),
        TEST(a_request_may_come_octet_by_octet),
        TEST(a_bad_request_is_told_why),
        TEST(a_reload_is_answered_when_it_is_done),
        TEST(a_reload_that_leaves_a_fault_is_an_error),
        TEST(a_rollback_that_changes_nothing_is_an_error),
        TEST(what_cannot_begin_or_fails_is_told),
        TEST(waiting_ends_at_its_deadline),
        TEST(who_hangs_up_while_waiting_is_forgotten),
        TEST(who_closes_only_his_own_end_is_answered),
        TEST(who_says_nothing_is_cut_at_the_deadline),
        TEST(who_does_not_read_is_cut_at_the_deadline),
        TEST(a_long_answer_comes_whole),
        TEST(one_too_many_is_turned_away_and_the_others_are_served),
        TEST(an_answer_is_not_lost_to_octets_that_nobody_wanted),
        TEST(a_child_that_forgets_leaves_all_to_its_parent),
        TEST(another_users_process_is_turned_away),
        TEST(a_start_without_memory_leaves_nothing_behind),
        TEST(a_request_without_memory_is_an_error_and_no_more),
        TEST(off_and_no_place_are_no_error_but_a_named_place_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
