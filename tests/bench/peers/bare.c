/* SPDX-License-Identifier: MIT */
/* The ceiling: what the kernel and one epoll loop allow. It looks at frame headers only and trusts
 * its client, so it is no WebSocket server for anything but a comparison. A text frame goes back as
 * it came; one whose event starts with "join" subscribes its sender, one that starts with "publish"
 * goes to all subscribers. All frames for one socket and read leave in one write, as in the
 * product.
 *
 * bare PORT: listens on 127.0.0.1, port 0 for the kernel's choice, and prints the port. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_BYTES = 256 * 1024,
    KEPT_MAX = 1024 * 1024,        /* of a frame whose end hasn't come */
    PENDING_MAX = 4 * 1024 * 1024, /* that a client leaves unread before it is dropped */
    EVENTS_PER_TURN = 1024,
    BACKLOG = 4096,
    CONNS_MAX = 65536,
    KEY_LEN = 24
};

struct octets {
    uint8_t *start;
    size_t len;
    size_t size;
};

struct conn {
    int fd; /* -1: free */
    bool is_upgraded;
    bool is_leaving; /* its close frame is answered */
    bool wants_out;
    size_t subscriber; /* 1 + index in server.subscribers, 0: none */
    struct octets kept;
    struct octets pending;
};

struct server {
    int epoll_fd;
    int listen_fd;
    struct conn *conns; /* by descriptor */
    size_t conn_count;
    int *subscribers; /* descriptors */
    size_t subscriber_count;
    uint8_t *in;
    struct octets out;
    struct octets shared; /* frames for all subscribers */
};

static bool append(struct octets *octets, const void *more, size_t len)
{
    if (octets->len + len > octets->size) {
        size_t size = (octets->len + len) * 2;
        uint8_t *moved = realloc(octets->start, size);
        if (moved == NULL) {
            return false;
        }
        octets->start = moved;
        octets->size = size;
    }
    memcpy(octets->start + octets->len, more, len);
    octets->len += len;
    return true;
}

static void release(struct octets *octets)
{
    free(octets->start);
    *octets = (struct octets){0};
}

static void drop(struct server *server, struct conn *conn)
{
    if (conn->subscriber != 0) {
        size_t index = conn->subscriber - 1;
        int last = server->subscribers[--server->subscriber_count];
        server->subscribers[index] = last;
        server->conns[last].subscriber = index + 1;
    }
    close(conn->fd);
    release(&conn->kept);
    release(&conn->pending);
    *conn = (struct conn){.fd = -1};
}

static void watch(const struct server *server, struct conn *conn, int operation, bool wants_out)
{
    struct epoll_event event = {.events = EPOLLIN | (wants_out ? (uint32_t)EPOLLOUT : 0U),
                                .data.fd = conn->fd};
    if (epoll_ctl(server->epoll_fd, operation, conn->fd, &event) != 0) {
        perror("bare: epoll_ctl");
        exit(1);
    }
    conn->wants_out = wants_out;
}

/* False when the connection is gone or should go. */
static bool write_out(const struct server *server, struct conn *conn, const uint8_t *octets,
                      size_t len)
{
    ssize_t sent = 0;

    if (conn->pending.len == 0) {
        sent = send(conn->fd, octets, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            return false;
        }
        sent = sent < 0 ? 0 : sent;
    }
    if ((size_t)sent == len) {
        return true;
    }
    if (conn->pending.len + len > PENDING_MAX ||
        !append(&conn->pending, octets + sent, len - (size_t)sent)) {
        return false;
    }
    if (!conn->wants_out) {
        watch(server, conn, EPOLL_CTL_MOD, true);
    }
    return true;
}

static bool on_writable(const struct server *server, struct conn *conn)
{
    struct octets *pending = &conn->pending;

    ssize_t sent = send(conn->fd, pending->start, pending->len, MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN;
    }
    pending->len -= (size_t)sent;
    memmove(pending->start, pending->start + sent, pending->len);
    if (pending->len == 0) {
        watch(server, conn, EPOLL_CTL_MOD, false);
    }
    return true;
}

/* RFC 6455 section 4.2.2: the digest of key and GUID, in base64. */
static bool write_response(struct octets *out, const uint8_t *key)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t text[KEY_LEN + sizeof guid - 1];
    uint8_t digest[SHA_DIGEST_LENGTH];
    uint8_t accept[32];
    char response[256];

    memcpy(text, key, KEY_LEN);
    memcpy(text + KEY_LEN, guid, sizeof guid - 1);
    SHA1(text, sizeof text, digest);
    EVP_EncodeBlock(accept, digest, (int)sizeof digest);
    int len = snprintf(response, sizeof response,
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                       (const char *)accept);
    return append(out, response, (size_t)len);
}

/* How many octets the request head takes, 0 while its end hasn't come, -1 for a bad one. */
static ptrdiff_t take_request(struct server *server, struct conn *conn, const uint8_t *in,
                              size_t len)
{
    static const char field[] = "Sec-WebSocket-Key: ";
    const uint8_t *end = memmem(in, len, "\r\n\r\n", 4);

    if (end == NULL) {
        return 0;
    }
    const uint8_t *key = memmem(in, (size_t)(end - in), field, sizeof field - 1);
    if (key == NULL || end - key < (ptrdiff_t)(sizeof field - 1 + KEY_LEN) ||
        !write_response(&server->out, key + sizeof field - 1)) {
        return -1;
    }
    conn->is_upgraded = true;
    return end + 4 - in;
}

static void unmask(uint8_t *payload, size_t len, const uint8_t *mask)
{
    uint64_t word = 0;
    uint64_t mask_word = 0;
    size_t i = 0;

    memcpy(&mask_word, mask, 4);
    mask_word |= mask_word << 32;
    for (; i + sizeof word <= len; i += sizeof word) {
        memcpy(&word, payload + i, sizeof word);
        word ^= mask_word;
        memcpy(payload + i, &word, sizeof word);
    }
    for (; i < len; i++) {
        payload[i] ^= mask[i & 3];
    }
}

static bool append_frame(struct octets *out, uint8_t first, const uint8_t *payload, size_t len)
{
    uint8_t head[10] = {first, (uint8_t)len};
    size_t head_len = len < 126 ? 2 : len < 65536 ? 4 : 10;
    size_t rest = len;

    if (head_len > 2) {
        head[1] = head_len == 4 ? 126 : 127;
    }
    for (size_t i = head_len; i-- > 2;) {
        head[i] = (uint8_t)rest;
        rest >>= 8;
    }
    return append(out, head, head_len) && append(out, payload, len);
}

static bool on_frame(struct server *server, struct conn *conn, uint8_t first, uint8_t *payload,
                     size_t len)
{
    static const char joined[] = "{\"event\":\"joined\",\"data\":true}";
    const size_t event_offset = sizeof "{\"event\":\"" - 1;
    uint8_t opcode = first & 0x0fU;

    if (opcode == 8) {
        conn->is_leaving = true;
        return append_frame(&server->out, first, payload, len);
    }
    if (opcode == 10) {
        return true;
    }
    uint8_t event = len > event_offset ? payload[event_offset] : 0;
    if (event == 'j') {
        if (conn->subscriber == 0) {
            server->subscribers[server->subscriber_count++] = conn->fd;
            conn->subscriber = server->subscriber_count;
        }
        return append_frame(&server->out, first, (const uint8_t *)joined, sizeof joined - 1);
    }
    return append_frame(event == 'p' ? &server->shared : &server->out, first, payload, len);
}

/* How many octets the frame takes, 0 while its end hasn't come, -1 for a bad one. */
static ptrdiff_t take_frame(struct server *server, struct conn *conn, uint8_t *in, size_t len)
{
    size_t payload_len = len < 2 ? 0 : in[1] & 0x7fU;
    size_t head_len = payload_len < 126 ? 6 : payload_len == 126 ? 8 : 14;

    if (len < head_len) {
        return 0;
    }
    if ((in[1] & 0x80U) == 0) {
        return -1;
    }
    if (head_len > 6) {
        payload_len = 0;
        for (size_t i = 2; i < head_len - 4; i++) {
            payload_len = payload_len << 8 | in[i];
        }
    }
    if (payload_len > KEPT_MAX) {
        return -1;
    }
    if (len < head_len + payload_len) {
        return 0;
    }
    unmask(in + head_len, payload_len, in + head_len - 4);
    return on_frame(server, conn, in[0], in + head_len, payload_len)
               ? (ptrdiff_t)(head_len + payload_len)
               : -1;
}

static bool flush(struct server *server, struct conn *conn)
{
    if (server->out.len > 0 && !write_out(server, conn, server->out.start, server->out.len)) {
        return false;
    }
    for (size_t i = 0; server->shared.len > 0 && i < server->subscriber_count; i++) {
        /* One that fails is dropped when epoll tells of it: the list may not change here. */
        (void)write_out(server, &server->conns[server->subscribers[i]], server->shared.start,
                        server->shared.len);
    }
    return !conn->is_leaving;
}

static bool on_readable(struct server *server, struct conn *conn)
{
    size_t kept = conn->kept.len;
    ptrdiff_t used = 0;

    ssize_t got = recv(conn->fd, server->in + kept, READ_BYTES, 0);
    if (got <= 0) {
        return got < 0 && errno == EAGAIN;
    }
    if (kept > 0) {
        memcpy(server->in, conn->kept.start, kept);
    }
    uint8_t *in = server->in;
    size_t len = kept + (size_t)got;
    server->out.len = server->shared.len = conn->kept.len = 0;
    do {
        used = conn->is_upgraded ? take_frame(server, conn, in, len)
                                 : take_request(server, conn, in, len);
        if (used < 0) {
            return false;
        }
        in += used;
        len -= (size_t)used;
    } while (used > 0 && len > 0);
    if (len > 0 && (len > KEPT_MAX + 14 || !append(&conn->kept, in, len))) {
        return false;
    }
    return flush(server, conn);
}

static void on_acceptable(struct server *server)
{
    const int on = 1;
    int fd;

    while ((fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if ((size_t)fd >= server->conn_count) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        server->conns[fd] = (struct conn){.fd = fd};
        watch(server, &server->conns[fd], EPOLL_CTL_ADD, false);
    }
}

static void turn(struct server *server)
{
    struct epoll_event events[EVENTS_PER_TURN];

    int count = epoll_wait(server->epoll_fd, events, EVENTS_PER_TURN, -1);
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == server->listen_fd) {
            on_acceptable(server);
            continue;
        }
        struct conn *conn = &server->conns[events[i].data.fd];
        if (conn->fd < 0) {
            continue;
        }
        bool is_good = conn->pending.len == 0 || (events[i].events & EPOLLOUT) == 0 ||
                       on_writable(server, conn);
        if (is_good && (events[i].events & ~(uint32_t)EPOLLOUT) != 0) {
            is_good = on_readable(server, conn);
        }
        if (!is_good) {
            drop(server, conn);
        }
    }
}

static bool open_listener(struct server *server, uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    const int on = 1;

    server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->listen_fd < 0) {
        return false;
    }
    setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = server->listen_fd};
    if (bind(server->listen_fd, (const struct sockaddr *)&address, len) != 0 ||
        listen(server->listen_fd, BACKLOG) != 0 ||
        getsockname(server->listen_fd, (struct sockaddr *)&address, &len) != 0 ||
        epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &event) != 0) {
        return false;
    }
    printf("listening on %u\n", (unsigned)ntohs(address.sin_port));
    return fflush(stdout) == 0;
}

static bool make_room(struct server *server)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return false;
    }
    limit.rlim_cur = limit.rlim_max < CONNS_MAX ? limit.rlim_max : CONNS_MAX;
    server->conn_count = limit.rlim_cur;
    server->conns = calloc(server->conn_count, sizeof *server->conns);
    server->subscribers = calloc(server->conn_count, sizeof *server->subscribers);
    server->in = malloc(READ_BYTES + KEPT_MAX + 14);
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 && server->conns != NULL &&
           server->subscribers != NULL && server->in != NULL && server->epoll_fd >= 0;
}

int main(int argc, char **argv)
{
    struct server server = {0};
    char *end = NULL;

    unsigned long port = argc == 2 ? strtoul(argv[1], &end, 10) : 65536;
    if (port > 65535 || end == argv[1] || *end != '\0') {
        fputs("usage: bare PORT\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (make_room(&server) && open_listener(&server, (uint16_t)port)) {
        /* Until a signal ends it: whoever started it stops it. */
        for (;;) {
            turn(&server);
        }
    }
    perror("bare");
    free(server.conns);
    free(server.subscribers);
    free(server.in);
    return 1;
}
