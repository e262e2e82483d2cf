/* SPDX-License-Identifier: MIT */
/* Looks for the socket where a server with the same setting puts it, asks, and waits a little
 * longer than the server does. */
#include "control_command.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "control.h"
#include "control_place.h"

enum { STATUS_FAILED = 1, READ_BYTES = 16384, PAUSE_MS = 20 };

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

/* How long the whole call may take. */
static uint64_t patience_ms(const struct tg_control_request *request)
{
    uint64_t wait = request->verb == TG_CONTROL_STATUS ? 0 : TG_CONTROL_WAIT_MS;

    return wait + 2 * (uint64_t)TG_CONTROL_DEADLINE_MS;
}

/* A connected socket, or -1 with errno set. A queue that is full empties soon. */
static int connect_to(const char *path, uint64_t due_ms)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        int cause = errno;
        if ((cause != EAGAIN && cause != EINTR) || now_ms() >= due_ms) {
            (void)close(fd);
            errno = cause;
            return -1;
        }
        (void)poll(NULL, 0, PAUSE_MS);
    }
    return fd;
}

/* Whoever answers is the one who may give this program something to believe. Root believes all,
 * since a service runs under a user of its own. */
static bool is_trusted(int fd)
{
    struct ucred who = {0};
    socklen_t length = sizeof(who);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0 &&
           (who.uid == 0 || who.uid == geteuid() || geteuid() == 0);
}

static void add_place(struct tg_errmsg *tried, const char *path, const char *why)
{
    size_t length = strlen(tried->text);

    (void)snprintf(tried->text + length, sizeof(tried->text) - length, "%s%s (%s)",
                   length > 0 ? ", " : "", path, why);
}

/* -1 with a message that names all places. */
static int find_server(const struct tg_control_places *places, uint64_t due_ms,
                       struct tg_errmsg *msg)
{
    struct tg_errmsg tried = {0};

    for (uint32_t i = 0; i < places->count; i++) {
        const struct tg_control_place *place = &places->items[i];
        struct tg_errmsg why = {0};
        if (!places->is_chosen && tg_control_place_judge(place, geteuid(), &why) != TG_OK) {
            continue; /* no server of ours has put a socket there */
        }
        int fd = connect_to(place->path, due_ms);
        if (fd >= 0 && is_trusted(fd)) {
            return fd;
        }
        add_place(&tried, place->path, fd < 0 ? strerror(errno) : "another user's");
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    (void)tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "no server answers%s%s", tried.text[0] ? " at " : "",
                        tried.text);
    return -1;
}

/* False: the time is over. */
static bool wait_for(int fd, short events, uint64_t due_ms)
{
    struct pollfd ready = {.fd = fd, .events = events};
    uint64_t now = now_ms();

    if (now >= due_ms) {
        return false;
    }
    (void)poll(&ready, 1, (int)(due_ms - now));
    return now_ms() < due_ms;
}

static int send_line(int fd, struct tg_str line, uint64_t due_ms, struct tg_errmsg *msg)
{
    size_t sent = 0;

    while (sent < line.length) {
        ssize_t part = send(fd, line.at + sent, line.length - sent, MSG_NOSIGNAL);
        if (part < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            return TG_OK; /* turned away: why is there to be read */
        }
        if (part < 0 && errno != EAGAIN && errno != EINTR) {
            return tg_errmsg_set(msg, TG_ERR_IO, "%s", strerror(errno));
        }
        if (part < 0 && !wait_for(fd, POLLOUT, due_ms)) {
            return tg_errmsg_set(msg, TG_ERR_TIMEOUT, "the server doesn't answer");
        }
        sent += part > 0 ? (size_t)part : 0;
    }
    return TG_OK;
}

static int read_answer(int fd, struct tg_buf *answer, uint64_t due_ms, struct tg_errmsg *msg)
{
    char octets[READ_BYTES];

    while (!answer->err) {
        ssize_t got = recv(fd, octets, sizeof(octets), 0);
        if (got == 0 || (got < 0 && errno == ECONNRESET)) {
            return TG_OK;
        }
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
            return tg_errmsg_set(msg, TG_ERR_IO, "%s", strerror(errno));
        }
        if (got < 0 && !wait_for(fd, POLLIN, due_ms)) {
            return tg_errmsg_set(msg, TG_ERR_TIMEOUT, "the server doesn't answer");
        }
        tg_buf_add(answer, octets, got > 0 ? (size_t)got : 0);
    }
    return tg_errmsg_set(msg, answer->err, "the server's answer: %s", tg_err_text(answer->err));
}

/* A terminal is shown nothing but text. */
static void print(struct tg_str text, FILE *out)
{
    for (size_t i = 0; i < text.length; i++) {
        bool is_control =
            ((unsigned char)text.at[i] < ' ' && text.at[i] != '\n') || text.at[i] == 0x7f;
        (void)fputc(is_control ? '?' : text.at[i], out);
    }
}

static int show(struct tg_str answer, FILE *out, struct tg_errmsg *msg)
{
    struct tg_str text = answer;
    struct tg_str first = tg_str_split(&text, '\n');
    struct tg_str error = TG_STR("error: ");
    bool is_good = tg_str_is(first, TG_STR("ok"));

    if (!text.at || (!is_good && !tg_str_starts(first, error))) {
        (void)tg_errmsg_set(msg, TG_ERR_SYNTAX, "the server ended before it answered");
        return STATUS_FAILED;
    }
    print(text, out);
    if (fflush(out) != 0 || ferror(out)) {
        (void)tg_errmsg_set(msg, TG_ERR_IO, "output: %s", strerror(errno));
        return STATUS_FAILED;
    }
    if (is_good) {
        return 0;
    }
    (void)tg_errmsg_set(msg, TG_ERR_UNAVAILABLE, "%.*s", (int)(first.length - error.length),
                        first.at + error.length);
    return STATUS_FAILED;
}

int tg_control_command_run(const char *setting, const struct tg_control_request *request, FILE *out,
                           struct tg_errmsg *msg)
{
    struct tg_control_places places;
    char line[TG_CONTROL_REQUEST_MAX];
    size_t length = tg_control_request_write(request, line);
    uint64_t due_ms = now_ms() + patience_ms(request);
    struct tg_buf answer;

    if (tg_control_place_list(&places, setting, geteuid(), msg) != TG_OK) {
        return STATUS_FAILED;
    }
    if (places.is_off) {
        (void)tg_errmsg_set(msg, TG_ERR_UNAVAILABLE, "deploy.socket is off");
        return STATUS_FAILED;
    }
    int fd = find_server(&places, due_ms, msg);
    if (fd < 0) {
        return STATUS_FAILED;
    }
    tg_buf_init(&answer, TG_CONTROL_ANSWER_MAX + TG_CONTROL_REQUEST_MAX);
    int err = send_line(fd, tg_str(line, length), due_ms, msg);
    err = err ? err : read_answer(fd, &answer, due_ms, msg);
    (void)close(fd);
    int status = err ? STATUS_FAILED : show(tg_buf_str(&answer), out, msg);
    tg_buf_fini(&answer);
    return status;
}
