/* SPDX-License-Identifier: MIT */
/* All callers stand in one epoll set, so that the supervisor waits for one descriptor. Children
 * that are forked meanwhile hold copies of the sockets for a moment: what ends is taken out of the
 * set and shut down, not closed alone. */
#include "control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "control_caller.h"
#include "control_place.h"
#include "control_socket.h"

static const char LOG_MODULE[] = "control";

enum {
    ACCEPT_PAUSE_MS = 1000, /* when the kernel can't give a connection */
    ACCEPTS_PER_STEP = 16,
    LISTENER = TG_CONTROL_CONNECTIONS_MAX, /* in epoll's data, where callers have their index */
    EVENTS_MAX = TG_CONTROL_CONNECTIONS_MAX + 1
};

struct tg_control {
    struct tg_control_desk desk;
    struct tg_control_socket listener;
    struct tg_log_limit refusals;
    uint64_t resume_ms; /* when accepting goes on; 0: it does */
    uid_t uid;
    struct tg_control_caller callers[TG_CONTROL_CONNECTIONS_MAX];
};

static int watch_listener(struct tg_control *control, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = LISTENER};

    return epoll_ctl(control->desk.epoll, operation, control->listener.fd, &event);
}

/* --- who calls --- */

static struct tg_control_caller *find_free(struct tg_control *control)
{
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        if (control->callers[i].fd < 0) {
            return &control->callers[i];
        }
    }
    return NULL;
}

/* The socket is new, so that a short line always fits; it is closed with it. */
static void turn_away(int fd, const char *why)
{
    (void)send(fd, why, strlen(why), MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(fd, SHUT_RDWR);
    (void)close(fd);
}

/* The file's mode keeps others out already; a file system may know no modes. */
static bool may_ask(struct tg_control *control, const struct ucred *who)
{
    uint64_t suppressed = 0;

    if (who->uid == 0 || who->uid == control->uid) {
        return true;
    }
    if (tg_log_limit_pass(&control->refusals, control->desk.now_ms, &suppressed)) {
        TG_LOG_WARN("control request of another user refused", "uid=%ju suppressed=%" PRIu64,
                    (uintmax_t)who->uid, suppressed);
    }
    return false;
}

static void on_accepted(struct tg_control *control, int fd)
{
    struct ucred who = {0};
    socklen_t length = sizeof(who);
    struct tg_control_caller *caller = find_free(control);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0 || !may_ask(control, &who)) {
        turn_away(fd, "error: only the server's user and root may ask\n");
        return;
    }
    if (!caller || tg_control_caller_begin(&control->desk, caller, fd, &who) != TG_OK) {
        turn_away(fd, "error: too many requests are under way, ask again later\n");
    }
}

static void on_listener(struct tg_control *control)
{
    for (int i = 0; i < ACCEPTS_PER_STEP; i++) {
        int fd = accept4(control->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            on_accepted(control, fd);
            continue;
        }
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            /* Without descriptors it would be ready again and again. */
            TG_LOG_WARN("control connections can't be accepted", "errno=%d", errno);
            control->resume_ms = control->desk.now_ms + ACCEPT_PAUSE_MS;
            (void)watch_listener(control, EPOLL_CTL_MOD, 0);
        }
        return;
    }
}

/* --- time --- */

static void look_at_time(struct tg_control *control)
{
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        tg_control_caller_look(&control->desk, &control->callers[i]);
    }
    if (control->resume_ms > 0 && control->desk.now_ms >= control->resume_ms) {
        control->resume_ms = 0;
        (void)watch_listener(control, EPOLL_CTL_MOD, EPOLLIN);
    }
}

uint64_t tg_control_due_ms(const struct tg_control *control)
{
    if (!control) {
        return UINT64_MAX;
    }
    uint64_t due = control->resume_ms > 0 ? control->resume_ms : UINT64_MAX;
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        uint64_t one = tg_control_caller_due_ms(&control->desk, &control->callers[i]);
        due = one < due ? one : due;
    }
    return due;
}

void tg_control_step(struct tg_control *control, uint64_t now_ms)
{
    struct epoll_event events[EVENTS_MAX];

    if (!control) {
        return;
    }
    control->desk.now_ms = now_ms;
    int count = epoll_wait(control->desk.epoll, events, EVENTS_MAX, 0);
    for (int i = 0; i < count; i++) {
        uint32_t index = events[i].data.u32;
        if (index != LISTENER && control->callers[index].fd >= 0) {
            tg_control_caller_on_event(&control->desk, &control->callers[index], events[i].events);
        }
    }
    /* Last, so that no event of a caller who has gone is taken for one of the next. */
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == LISTENER) {
            on_listener(control);
        }
    }
    look_at_time(control);
}

int tg_control_fd(const struct tg_control *control)
{
    return control ? control->desk.epoll : -1;
}

/* --- start and end --- */

static int open_listener(struct tg_control *control, const struct tg_control_places *places,
                         struct tg_errmsg *msg)
{
    int err = tg_control_socket_open(&control->listener, places, control->uid, msg);

    if (err) {
        return err;
    }
    control->desk.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (control->desk.epoll < 0 || watch_listener(control, EPOLL_CTL_ADD, EPOLLIN) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: epoll: %s", control->listener.path,
                             strerror(errno));
    }
    return TG_OK;
}

int tg_control_start(struct tg_control **control, const char *setting,
                     const struct tg_control_handlers *handlers, struct tg_errmsg *msg)
{
    struct tg_control_places places;
    char quoted[TG_ERRMSG_BYTES * 2];
    uid_t uid = geteuid();
    int err = tg_control_place_list(&places, setting, uid, msg);

    *control = NULL;
    if (err || places.is_off) {
        return err;
    }
    struct tg_control *made = calloc(1, sizeof(*made));
    if (!made) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "deploy.socket: %s", tg_err_text(TG_ERR_NOMEM));
    }
    made->desk.handlers = *handlers;
    made->uid = uid;
    made->desk.epoll = -1;
    made->listener.fd = -1;
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        tg_control_caller_init(&made->callers[i], (uint32_t)i);
    }
    err = open_listener(made, &places, msg);
    if (err) {
        tg_control_stop(made);
        made = NULL;
    }
    if (err && places.is_chosen) {
        return tg_errmsg_wrap(msg, err, "deploy.socket");
    }
    if (err) {
        TG_LOG_WARN("no control socket: tidegate status, reload, rollback and remove won't work",
                    "reason=%s", tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg->text)));
        msg->text[0] = '\0';
        return TG_OK;
    }
    TG_LOG_INFO("control socket opened", "path=%s",
                tg_log_quote(quoted, sizeof(quoted), tg_str_of(made->listener.path)));
    *control = made;
    return TG_OK;
}

static void free_all(struct tg_control *control)
{
    if (control->desk.epoll >= 0) {
        (void)close(control->desk.epoll);
    }
    free(control);
}

void tg_control_stop(struct tg_control *control)
{
    if (!control) {
        return;
    }
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        tg_control_caller_end(&control->desk, &control->callers[i]);
    }
    tg_control_socket_fini(&control->listener);
    free_all(control);
}

void tg_control_forget(struct tg_control *control)
{
    if (!control) {
        return;
    }
    for (int i = 0; i < TG_CONTROL_CONNECTIONS_MAX; i++) {
        tg_control_caller_forget(&control->callers[i]);
    }
    tg_control_socket_forget(&control->listener);
    free_all(control);
}
