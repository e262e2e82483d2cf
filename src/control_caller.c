/* SPDX-License-Identifier: MIT */
#include "control_caller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"

static const char LOG_MODULE[] = "control";

enum {
    LOOK_MS = 20, /* how often what callers wait for is looked at */
    READS_PER_STEP = 16
};

static int watch(struct tg_control_desk *desk, const struct tg_control_caller *caller,
                 int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = caller->index};

    return epoll_ctl(desk->epoll, operation, caller->fd, &event);
}

static void watch_for(struct tg_control_desk *desk, const struct tg_control_caller *caller,
                      uint32_t events)
{
    (void)watch(desk, caller, EPOLL_CTL_MOD, events);
}

/* --- begin and end --- */

void tg_control_caller_init(struct tg_control_caller *caller, uint32_t index)
{
    *caller = (struct tg_control_caller){.fd = -1, .index = index};
}

int tg_control_caller_begin(struct tg_control_desk *desk, struct tg_control_caller *caller, int fd,
                            const struct ucred *who)
{
    caller->fd = fd;
    if (watch(desk, caller, EPOLL_CTL_ADD, EPOLLIN) != 0) {
        caller->fd = -1;
        return TG_ERR_IO;
    }
    caller->stage = TG_CONTROL_READING;
    caller->due_ms = desk->now_ms + TG_CONTROL_DEADLINE_MS;
    caller->uid = who->uid;
    caller->pid = who->pid;
    caller->filled = 0;
    tg_buf_init(&caller->out, TG_CONTROL_ANSWER_MAX);
    return TG_OK;
}

void tg_control_caller_forget(struct tg_control_caller *caller)
{
    if (caller->fd < 0) {
        return;
    }
    (void)close(caller->fd);
    caller->fd = -1;
    free(caller->before);
    caller->before = NULL;
    tg_buf_fini(&caller->out);
}

void tg_control_caller_end(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    if (caller->fd >= 0) {
        (void)watch(desk, caller, EPOLL_CTL_DEL, 0);
        (void)shutdown(caller->fd, SHUT_RDWR);
        tg_control_caller_forget(caller);
    }
}

/* --- the answer --- */

/* What is written went into the buffer: sends what the kernel takes. */
static void send_answer(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    while (caller->sent < caller->out.length) {
        ssize_t sent = send(caller->fd, caller->out.at + caller->sent,
                            caller->out.length - caller->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && errno == EAGAIN) {
            watch_for(desk, caller, EPOLLOUT);
            return;
        }
        if (sent < 0) {
            tg_control_caller_end(desk, caller);
            return;
        }
        caller->sent += (size_t)sent;
    }
    caller->stage = TG_CONTROL_LINGERING;
    (void)shutdown(caller->fd, SHUT_WR);
    watch_for(desk, caller, EPOLLIN);
}

static void start_answer(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    caller->stage = TG_CONTROL_WRITING;
    caller->due_ms = desk->now_ms + TG_CONTROL_DEADLINE_MS;
    caller->sent = 0;
    tg_buf_clear(&caller->out);
}

/* The first line must stay one. */
static void add_line(struct tg_buf *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        bool is_control = (unsigned char)*at < ' ' || *at == 0x7f;
        tg_buf_add_char(out, is_control ? ' ' : *at);
    }
    tg_buf_add_char(out, '\n');
}

static void answer_error(struct tg_control_desk *desk, struct tg_control_caller *caller,
                         const char *why)
{
    start_answer(desk, caller);
    tg_buf_add_str(&caller->out, TG_STR("error: "));
    add_line(&caller->out, why);
    if (caller->out.err) {
        tg_control_caller_end(desk, caller); /* not even so much memory is there */
        return;
    }
    send_answer(desk, caller);
}

static void finish_answer(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    int err = caller->out.err;

    if (err) {
        answer_error(desk, caller, tg_err_text(err));
        return;
    }
    send_answer(desk, caller);
}

static const struct tg_control_status *look_around(struct tg_control_desk *desk)
{
    memset(&desk->status, 0, sizeof(desk->status));
    desk->status.root = "";
    desk->handlers.on_status(desk->handlers.self, &desk->status);
    tg_require(desk->status.count <= TG_CONTROL_GATEWAYS_MAX);
    return &desk->status;
}

static void answer_status(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    const struct tg_control_status *status = look_around(desk);

    start_answer(desk, caller);
    tg_buf_add_str(&caller->out, TG_STR("ok\n"));
    if (caller->request.wants_json) {
        tg_control_status_write_json(status, &caller->out);
    } else {
        tg_control_status_write_text(status, &caller->out);
    }
    finish_answer(desk, caller);
}

/* The first line: a reload is no success while a fault stands, nor is the rest when nothing came of
 * it. */
static void add_verdict(const struct tg_control_status *status, struct tg_control_caller *caller)
{
    const struct tg_control_request *request = &caller->request;
    bool is_reload = request->verb == TG_CONTROL_RELOAD;

    if (!is_reload && !tg_control_status_has_changed(status, caller->before, request->name)) {
        tg_buf_add_str(&caller->out, TG_STR("error: it was not done, see the log\n"));
    } else if (!is_reload || !tg_control_status_has_fault(status, request->name)) {
        tg_buf_add_str(&caller->out, TG_STR("ok\n"));
    } else if (status->root_fault[0] && request->name[0] == '\0') {
        tg_buf_add_str(&caller->out, TG_STR("error: "));
        add_line(&caller->out, status->root_fault);
    } else {
        tg_buf_add_str(&caller->out, TG_STR("error: a fault stands\n"));
    }
}

/* What was asked for is over. */
static void answer_changes(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    const struct tg_control_status *status = look_around(desk);
    const struct tg_control_request *request = &caller->request;
    struct tg_buf changes;

    tg_buf_init(&changes, TG_CONTROL_ANSWER_MAX);
    tg_control_status_write_changes(status, caller->before, request->name, &changes);
    start_answer(desk, caller);
    add_verdict(status, caller);
    if (changes.err) {
        caller->out.err = changes.err;
    }
    tg_buf_add_str(&caller->out, tg_buf_str(&changes));
    bool is_unknown = request->name[0] && changes.length == 0 && !changes.err;
    tg_buf_fini(&changes);
    if (is_unknown) {
        answer_error(desk, caller, "no gateway is called so");
        return;
    }
    finish_answer(desk, caller);
}

/* --- the request --- */

static void look_at(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    struct tg_errmsg msg = {0};
    int err = desk->handlers.on_look(desk->handlers.self, &caller->request, caller->ticket, &msg);

    if (err == TG_ERR_INCOMPLETE) {
        return;
    }
    if (err) {
        answer_error(desk, caller, msg.text);
        return;
    }
    answer_changes(desk, caller);
}

static void begin(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    const struct tg_control_request *request = &caller->request;
    struct tg_errmsg msg = {0};
    char line[TG_CONTROL_REQUEST_MAX];
    char quoted[TG_CONTROL_REQUEST_MAX];

    line[tg_control_request_write(request, line) - 1] = '\0';
    TG_LOG_INFO("control request", "request=%s uid=%ju pid=%jd",
                tg_log_quote(quoted, sizeof(quoted), tg_str_of(line)), (uintmax_t)caller->uid,
                (intmax_t)caller->pid);
    caller->before = calloc(1, sizeof(*caller->before));
    if (!caller->before) {
        answer_error(desk, caller, tg_err_text(TG_ERR_NOMEM));
        return;
    }
    tg_control_status_mark(look_around(desk), caller->before);
    int err = desk->handlers.on_begin(desk->handlers.self, request, &caller->ticket, &msg);
    if (err) {
        answer_error(desk, caller, msg.text);
        return;
    }
    caller->stage = TG_CONTROL_WAITING;
    caller->due_ms = desk->now_ms + TG_CONTROL_WAIT_MS;
    watch_for(desk, caller, 0); /* the kernel tells the end in any case */
    look_at(desk, caller);
}

static void on_line(struct tg_control_desk *desk, struct tg_control_caller *caller, size_t length)
{
    struct tg_errmsg msg = {0};

    if (length + 1 < caller->filled) {
        answer_error(desk, caller, "expected one line");
        return;
    }
    if (tg_control_request_read(tg_str(caller->in, length), &caller->request, &msg) != TG_OK) {
        answer_error(desk, caller, msg.text);
        return;
    }
    if (caller->request.verb == TG_CONTROL_STATUS) {
        answer_status(desk, caller);
        return;
    }
    begin(desk, caller);
}

/* Octets have come, or the end of them. */
static void on_octets(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    ssize_t got = recv(caller->fd, caller->in + caller->filled, sizeof(caller->in) - caller->filled,
                       MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        tg_control_caller_end(desk, caller);
        return;
    }
    caller->filled += (size_t)got;
    const char *newline = memchr(caller->in, '\n', caller->filled);
    if (newline) {
        on_line(desk, caller, (size_t)(newline - caller->in));
    } else if (caller->filled == sizeof(caller->in)) {
        answer_error(desk, caller, "the line is too long");
    }
}

/* The answer is out: whatever comes now is of no interest, but the end is. */
static void on_lingering(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    for (int i = 0; i < READS_PER_STEP; i++) {
        ssize_t got = recv(caller->fd, caller->in, sizeof(caller->in), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (got <= 0) {
            tg_control_caller_end(desk, caller);
            return;
        }
    }
}

void tg_control_caller_on_event(struct tg_control_desk *desk, struct tg_control_caller *caller,
                                uint32_t events)
{
    switch (caller->stage) {
    case TG_CONTROL_READING:
        on_octets(desk, caller);
        return;
    case TG_CONTROL_WAITING:
        if (events & (EPOLLHUP | EPOLLERR)) {
            tg_control_caller_end(desk, caller);
        }
        return;
    case TG_CONTROL_WRITING:
        send_answer(desk, caller);
        return;
    case TG_CONTROL_LINGERING:
        on_lingering(desk, caller);
        return;
    }
}

/* --- time --- */

void tg_control_caller_look(struct tg_control_desk *desk, struct tg_control_caller *caller)
{
    if (caller->fd >= 0 && caller->stage == TG_CONTROL_WAITING) {
        look_at(desk, caller);
    }
    if (caller->fd < 0 || desk->now_ms < caller->due_ms) {
        return;
    }
    if (caller->stage == TG_CONTROL_WAITING) {
        answer_error(desk, caller, "it isn't done yet; see tidegate status");
        return;
    }
    TG_LOG_DEBUG("control connection cut at its deadline", "pid=%jd", (intmax_t)caller->pid);
    tg_control_caller_end(desk, caller);
}

uint64_t tg_control_caller_due_ms(const struct tg_control_desk *desk,
                                  const struct tg_control_caller *caller)
{
    uint64_t look_ms = desk->now_ms + LOOK_MS;

    if (caller->fd < 0) {
        return UINT64_MAX;
    }
    return caller->stage == TG_CONTROL_WAITING && look_ms < caller->due_ms ? look_ms
                                                                           : caller->due_ms;
}
