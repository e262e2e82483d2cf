/* SPDX-License-Identifier: MIT */
/* The parent forks, then reads length-prefixed records until the pipe ends. It ends when the child
 * does, so a child that hangs, sends nonsense or keeps the pipe is ended by the deadline. */
#include "core/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"

enum { LINGER_MS = 1000, REAP_PAUSE_MS = 2 };

struct tg_errand {
    struct tg_errand_options options;
    struct tg_errmsg *msg; /* of the step that runs */
    pid_t child;           /* 0: it has been waited for */
    int pipe;
    uint64_t due_ms;
    uint32_t records;
    size_t filled;
    unsigned char octets[sizeof(uint32_t) + TG_ERRAND_RECORD_MAX];
};

int tg_errand_send(int home, struct tg_str record)
{
    unsigned char octets[sizeof(uint32_t) + TG_ERRAND_RECORD_MAX];
    uint32_t length = (uint32_t)record.length;
    size_t total = sizeof(length) + record.length;
    size_t sent = 0;

    if (record.length > TG_ERRAND_RECORD_MAX) {
        return TG_ERR_TOO_LARGE;
    }
    memcpy(octets, &length, sizeof(length));
    if (length > 0) {
        memcpy(octets + sizeof(length), record.at, record.length);
    }
    while (sent < total) {
        ssize_t written = write(home, octets + sent, total - sent);
        if (written < 0 && errno != EINTR) {
            return TG_ERR_IO;
        }
        sent += written > 0 ? (size_t)written : 0;
    }
    return TG_OK;
}

static void set_limit(__rlimit_resource_t resource, uint64_t soft, uint64_t hard)
{
    struct rlimit limit;

    /* Lowering can't fail; where the limit is lower already, it stays. */
    if (getrlimit(resource, &limit) == 0) {
        limit.rlim_max = hard < limit.rlim_max ? hard : limit.rlim_max;
        limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
        (void)setrlimit(resource, &limit);
    }
}

__attribute__((noreturn)) static void run_child(const struct tg_errand_options *options, int home,
                                                pid_t parent)
{
    sigset_t none;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1); /* it died before the line above */
    }
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    /* The soft limit ends it by SIGXCPU, which tells what it died of. */
    set_limit(RLIMIT_CPU, options->cpu_seconds, options->cpu_seconds + 1);
    set_limit(RLIMIT_CORE, 0, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    if (options->memory_bytes > 0) {
        set_limit(RLIMIT_AS, options->memory_bytes, options->memory_bytes);
    }
#endif
    exit(options->run(options->self, home));
}

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

static int fail_late(struct tg_errand *errand)
{
    return tg_errmsg_set(errand->msg, TG_ERR_TIMEOUT, "it took longer than %u ms",
                         errand->options.deadline_ms);
}

/* Hands over every whole record and keeps the rest. */
static int take_records(struct tg_errand *errand)
{
    size_t at = 0;
    int err = TG_OK;

    while (!err && errand->filled - at >= sizeof(uint32_t)) {
        uint32_t length = 0;
        memcpy(&length, errand->octets + at, sizeof(length));
        if (length > TG_ERRAND_RECORD_MAX || errand->records == TG_ERRAND_RECORDS_MAX) {
            return tg_errmsg_set(errand->msg, TG_ERR_TOO_LARGE, "it sent too much");
        }
        if (errand->filled - at - sizeof(length) < length) {
            break;
        }
        const char *record = (const char *)errand->octets + at + sizeof(length);
        err = errand->options.on_record(errand->options.self, tg_str(record, length), errand->msg);
        at += sizeof(length) + length;
        errand->records++;
    }
    memmove(errand->octets, errand->octets + at, errand->filled - at);
    errand->filled -= at;
    return err;
}

/* Takes what the pipe has: INCOMPLETE while more may come, 0 when it has ended. */
static int read_records(struct tg_errand *errand)
{
    for (;;) {
        ssize_t got = read(errand->pipe, errand->octets + errand->filled,
                           sizeof(errand->octets) - errand->filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            return TG_ERR_INCOMPLETE;
        }
        if (got < 0) {
            return tg_errmsg_set(errand->msg, TG_ERR_IO, "%s", strerror(errno));
        }
        if (got == 0) {
            return TG_OK;
        }
        errand->filled += (size_t)got;
        int err = take_records(errand);
        if (err) {
            return err;
        }
        if (now_ms() >= errand->due_ms) {
            return fail_late(errand);
        }
    }
}

/* Waits until the due time for the child to end, kills it then, and gives its status. */
static int reap(pid_t child, uint64_t due_ms, bool *was_late)
{
    int status = 0;
    const struct timespec pause = {.tv_nsec = REAP_PAUSE_MS * 1000000L};

    *was_late = false;
    for (;;) {
        pid_t ended = waitpid(child, &status, *was_late ? 0 : WNOHANG);
        if (ended == child) {
            return status;
        }
        if (ended < 0 && errno != EINTR) {
            return -1;
        }
        if (!*was_late && now_ms() >= due_ms) {
            *was_late = true;
            (void)kill(child, SIGKILL);
        }
        if (!*was_late) {
            (void)nanosleep(&pause, NULL);
        }
    }
}

static int judge(struct tg_errand *errand, int status, bool was_late)
{
    if (was_late) {
        return fail_late(errand);
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
        return tg_errmsg_set(errand->msg, TG_ERR_TIMEOUT, "it used more than %u s of CPU time",
                             errand->options.cpu_seconds);
    }
    if (WIFSIGNALED(status)) {
        return tg_errmsg_set(errand->msg, TG_ERR_SCRIPT, "it was ended by signal %d (%s)",
                             WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return tg_errmsg_set(errand->msg, TG_ERR_SCRIPT, "it ended with status %d",
                             WIFEXITED(status) ? WEXITSTATUS(status) : status);
    }
    if (errand->filled > 0) {
        return tg_errmsg_set(errand->msg, TG_ERR_SCRIPT, "it ended in the middle of a record");
    }
    return TG_OK;
}

int tg_errand_start(const struct tg_errand_options *options, struct tg_errand **started,
                    struct tg_errmsg *msg)
{
    int ends[2];
    pid_t parent = getpid();
    struct tg_errand *errand = calloc(1, sizeof(*errand));

    if (!errand) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)tg_errmsg_set(msg, TG_ERR_IO, "pipe: %s", strerror(errno));
        goto err_after_errand;
    }
    errand->options = *options;
    errand->due_ms = now_ms() + options->deadline_ms;
    errand->pipe = ends[0];
    errand->child = fork();
    if (errand->child < 0) {
        (void)tg_errmsg_set(msg, TG_ERR_IO, "fork: %s", strerror(errno));
        goto err_after_pipe;
    }
    if (errand->child == 0) {
        (void)close(ends[0]);
        run_child(options, ends[1], parent);
    }
    (void)close(ends[1]);
    /* The parent's end alone: the child may block on its own. */
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *started = errand;
    return TG_OK;

err_after_pipe:
    (void)close(ends[0]);
    (void)close(ends[1]);
err_after_errand:
    free(errand);
    return TG_ERR_IO;
}

int tg_errand_fd(const struct tg_errand *errand)
{
    return errand->pipe;
}

uint64_t tg_errand_due_ms(const struct tg_errand *errand)
{
    return errand->due_ms;
}

int tg_errand_step(struct tg_errand *errand, struct tg_errmsg *msg)
{
    bool was_late = false;

    errand->msg = msg;
    int err = read_records(errand);
    if (err == TG_ERR_INCOMPLETE) {
        return now_ms() < errand->due_ms ? err : fail_late(errand);
    }
    if (err) {
        return err;
    }
    int status = reap(errand->child, errand->due_ms + LINGER_MS, &was_late);
    errand->child = 0;
    return judge(errand, status, was_late);
}

void tg_errand_end(struct tg_errand *errand)
{
    bool was_late = false;

    if (!errand) {
        return;
    }
    if (errand->child > 0) {
        (void)reap(errand->child, 0, &was_late); /* nothing more is wanted of it */
    }
    (void)close(errand->pipe);
    free(errand);
}

int tg_errand_run(const struct tg_errand_options *options, struct tg_errmsg *msg)
{
    struct tg_errand *errand = NULL;
    int err = tg_errand_start(options, &errand, msg);

    if (err) {
        return err;
    }
    tg_require(errand != NULL);
    do {
        struct pollfd home = {.fd = errand->pipe, .events = POLLIN};
        uint64_t now = now_ms();
        (void)poll(&home, 1, now < errand->due_ms ? (int)(errand->due_ms - now) : 0);
        err = tg_errand_step(errand, msg);
    } while (err == TG_ERR_INCOMPLETE);
    tg_errand_end(errand);
    return err;
}
