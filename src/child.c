/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"

__attribute__((noreturn)) static void run_child(const struct tg_child_options *options,
                                                pid_t parent)
{
    sigset_t none;

    (void)prctl(PR_SET_PDEATHSIG, options->death_signal);
    if (getppid() != parent) {
        _exit(1); /* it died before the line above */
    }
    tg_log_set_process(options->process);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    exit(options->run(options->self));
}

int tg_child_start(struct tg_child *child, const struct tg_child_options *options, uint64_t now_ms,
                   struct tg_errmsg *msg)
{
    pid_t parent = getpid();

    child->started_ms = now_ms;
    pid_t pid = fork();
    if (pid < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: fork: %s", options->process, strerror(errno));
    }
    if (pid == 0) {
        run_child(options, parent);
    }
    child->pid = pid;
    return TG_OK;
}

void tg_child_ended(struct tg_child *child, uint64_t now_ms)
{
    if (now_ms - child->started_ms >= TG_CHILD_EARLY_MS) {
        child->delay_ms = 0;
    } else if (child->delay_ms == 0) {
        child->delay_ms = TG_CHILD_DELAY_MIN_MS;
    } else {
        child->delay_ms *= 2;
    }
    if (child->delay_ms > TG_CHILD_DELAY_MAX_MS) {
        child->delay_ms = TG_CHILD_DELAY_MAX_MS;
    }
    child->pid = 0;
    child->start_again_ms = now_ms + child->delay_ms;
}

bool tg_child_is_due(const struct tg_child *child, uint64_t now_ms)
{
    return child->pid == 0 && now_ms >= child->start_again_ms;
}
