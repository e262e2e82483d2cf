/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "worker/orphan.h"

enum { PATIENCE_MS = 900, WAIT_MS = 5000, STEP_MS = 10 };

static void nap(void)
{
    struct timespec span = {.tv_nsec = STEP_MS * 1000000L};

    (void)nanosleep(&span, NULL);
}

/* A worker whose handler never returns: it takes no notice of SIGTERM. */
static _Noreturn void be_stuck_worker(int report)
{
    pid_t self = getpid();

    tg_orphan_watch(PATIENCE_MS);
    (void)signal(SIGTERM, SIG_IGN);
    ssize_t written = write(report, &self, sizeof(self));
    (void)written;
    for (;;) {
        nap();
    }
}

static _Noreturn void be_supervisor(int report)
{
    if (fork() == 0) {
        be_stuck_worker(report);
    }
    for (;;) {
        nap();
    }
}

static void a_stuck_orphan_is_ended_within_its_patience(void **state)
{
    int report[2];
    pid_t worker = 0;
    int status;
    int waited_ms = 0;

    (void)state;
    assert_int_equal(pipe(report), 0);
    /* The orphan becomes ours, so that its end can be seen. */
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t supervisor = fork();
    if (supervisor == 0) {
        be_supervisor(report[1]);
    }
    assert_int_equal(read(report[0], &worker, sizeof(worker)), sizeof(worker));
    assert_int_equal(kill(supervisor, SIGKILL), 0);
    assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
    while (waitpid(worker, &status, WNOHANG) != worker) {
        assert_true(waited_ms < WAIT_MS);
        nap();
        waited_ms += STEP_MS;
    }
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGALRM);
    (void)close(report[0]);
    (void)close(report[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stuck_orphan_is_ended_within_its_patience),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
