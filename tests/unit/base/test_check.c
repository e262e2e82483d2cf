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

#include "base/check.h"
#include "base/log.h"

static void on_line(void *self, enum tg_log_level level, struct tg_str line)
{
    char *text = self;

    assert_int_equal(level, TG_LOG_LEVEL_ERROR);
    assert_true(line.length < 512);
    memcpy(text, line.at, line.length);
    text[line.length] = '\0';
}

static void a_check_that_holds_is_true_and_silent(void **state)
{
    char line[512] = "";

    (void)state;
    tg_log_set_sink(on_line, line);
    assert_true(tg_check(1 + 1 == 2));
    tg_log_set_sink(NULL, NULL);
    assert_string_equal(line, "");
}

static void a_check_that_fails_is_false_and_logged_with_its_place(void **state)
{
    char line[512] = "";

    (void)state;
    tg_log_set_sink(on_line, line);
    assert_false(tg_check(1 + 1 == 3));
    tg_log_set_sink(NULL, NULL);
    assert_non_null(strstr(line, "1 + 1 == 3"));
    assert_non_null(strstr(line, "test_check.c:"));
}

/* Runs the requirement in a child and gives its wait status. */
static int status_of_requiring(int value, char *said, size_t size)
{
    int pipes[2];
    int status = 0;

    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(pipes[1], STDERR_FILENO);
        tg_require(value == 1);
        _exit(0);
    }
    close(pipes[1]);
    ssize_t got = read(pipes[0], said, size - 1);
    said[got > 0 ? got : 0] = '\0';
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void a_requirement_that_fails_ends_the_process_and_says_where(void **state)
{
    char said[512];
    int status = status_of_requiring(2, said, sizeof(said));

    (void)state;
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(said, "value == 1"));
    assert_non_null(strstr(said, "test_check.c:"));
}

static void a_requirement_that_holds_lets_go_on(void **state)
{
    char said[512];
    int status = status_of_requiring(1, said, sizeof(said));

    (void)state;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_that_holds_is_true_and_silent),
        cmocka_unit_test(a_check_that_fails_is_false_and_logged_with_its_place),
        cmocka_unit_test(a_requirement_that_fails_ends_the_process_and_says_where),
        cmocka_unit_test(a_requirement_that_holds_lets_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
