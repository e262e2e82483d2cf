/* SPDX-License-Identifier: MIT */
/* connect, then the request when the socket is writable, then the response head, then frames until
 * the server ends the connection. Every step may fail; then the swarm is told and the client is
 * closed by it. */
#include "client.h"

#include "frame_out.h"
#include "swarm.h"
#include "token_list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NORMAL_CLOSURE = 1000, KEPT_IN_PLACE = 16 * 1024 };

/* The pair of RFC 6455 section 1.3: an answer that isn't computed from the key is still seen. */
static const char request_key[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char expected_accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

static bool grow(uint8_t **octets, size_t *size, size_t wanted)
{
    if (wanted <= *size) {
        return true;
    }
    size_t next = *size == 0 ? 256 : *size;
    while (next < wanted) {
        next *= 2;
    }
    uint8_t *moved = realloc(*octets, next);
    if (moved == NULL) {
        return false;
    }
    *octets = moved;
    *size = next;
    return true;
}

static bool watch(struct tg_swarm *swarm, struct tg_client *client, int operation, bool wants_out)
{
    struct epoll_event event = {.events = EPOLLIN | (wants_out ? (uint32_t)EPOLLOUT : 0U),
                                .data.u32 = client->index};
    if (epoll_ctl(swarm->epoll_fd, operation, client->fd, &event) != 0) {
        return tg_swarm_fault(swarm, "epoll_ctl: %s", strerror(errno));
    }
    client->wants_out = wants_out;
    return true;
}

bool tg_client_connect(struct tg_swarm *swarm, struct tg_client *client)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(swarm->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;

    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0) {
        return tg_swarm_fault(swarm, "socket: %s", strerror(errno));
    }
    client->state = TG_CLIENT_CONNECTING;
    client->in_len = client->out_len = 0;
    client->sent = client->received = 0;
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (client->receive_bytes > 0) {
        setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &client->receive_bytes,
                   sizeof client->receive_bytes);
    }
    client->connect_ns = tg_swarm_now();
    if (connect(client->fd, (const struct sockaddr *)&address, sizeof address) != 0 &&
        errno != EINPROGRESS) {
        return tg_swarm_fault(swarm, "connect: %s", strerror(errno));
    }
    return watch(swarm, client, EPOLL_CTL_ADD, true);
}

uint8_t *tg_client_reserve(struct tg_swarm *swarm, struct tg_client *client, size_t len)
{
    size_t wanted = client->out_len + len;
    if (wanted > TG_CLIENT_OUT_MAX || !grow(&client->out, &client->out_size, wanted)) {
        tg_swarm_fault(swarm, "client %u: the server leaves %zu octets unread", client->index,
                       client->out_len);
        return NULL;
    }
    uint8_t *room = client->out + client->out_len;
    client->out_len = wanted;
    return room;
}

bool tg_client_put(struct tg_swarm *swarm, struct tg_client *client, unsigned opcode,
                   const void *payload, size_t len)
{
    uint8_t *room = tg_client_reserve(swarm, client, len + TG_FRAME_OUT_HEAD_MAX);
    if (room == NULL) {
        return false;
    }
    size_t written = tg_frame_out_write(room, opcode, payload, len);
    client->out_len -= len + TG_FRAME_OUT_HEAD_MAX - written;
    return true;
}

bool tg_client_flush(struct tg_swarm *swarm, struct tg_client *client)
{
    if (client->out_len == 0) {
        return true;
    }
    ssize_t sent = send(client->fd, client->out, client->out_len, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN) {
            return tg_swarm_fault(swarm, "client %u: send: %s", client->index, strerror(errno));
        }
        sent = 0;
    }
    client->out_len -= (size_t)sent;
    if (client->out_len > 0) {
        memmove(client->out, client->out + sent, client->out_len);
    }
    bool wants_out = client->out_len > 0;
    return wants_out == client->wants_out || watch(swarm, client, EPOLL_CTL_MOD, wants_out);
}

bool tg_client_close(struct tg_swarm *swarm, struct tg_client *client)
{
    static const uint8_t code[2] = {NORMAL_CLOSURE >> 8, NORMAL_CLOSURE & 0xff};

    client->state = TG_CLIENT_CLOSING;
    return tg_client_put(swarm, client, TG_OPCODE_CLOSE, code, sizeof code) &&
           tg_client_flush(swarm, client);
}

static bool send_request(struct tg_swarm *swarm, struct tg_client *client)
{
    char request[1024 + TG_TOKEN_OCTETS_MAX];
    const char *token = swarm->tokens ? tg_token_list_take(swarm->tokens) : NULL;
    int len =
        snprintf(request, sizeof request,
                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                 "Sec-WebSocket-Version: 13\r\n%s%s%s\r\n",
                 swarm->path, (unsigned)swarm->port, request_key,
                 token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "");
    if (len < 0 || (size_t)len >= sizeof request) {
        return tg_swarm_fault(swarm, "the path is too long");
    }
    uint8_t *room = tg_client_reserve(swarm, client, (size_t)len);
    if (room == NULL) {
        return false;
    }
    memcpy(room, request, (size_t)len);
    client->state = TG_CLIENT_UPGRADING;
    return tg_client_flush(swarm, client);
}

bool tg_client_on_writable(struct tg_swarm *swarm, struct tg_client *client)
{
    if (client->state != TG_CLIENT_CONNECTING) {
        return tg_client_flush(swarm, client);
    }
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        return tg_swarm_fault(swarm, "client %u: connect: %s", client->index, strerror(error));
    }
    return send_request(swarm, client);
}

/* Takes the response head at the start of the octets. *used is 0 while its end hasn't come. */
static bool take_head(struct tg_swarm *swarm, struct tg_client *client, const uint8_t *octets,
                      size_t len, size_t *used)
{
    static const char status[] = "HTTP/1.1 101 ";
    const uint8_t *end = memmem(octets, len, "\r\n\r\n", 4);

    *used = 0;
    if (end == NULL) {
        return true;
    }
    size_t head_len = (size_t)(end - octets) + 4;
    if (head_len < sizeof status || memcmp(octets, status, sizeof status - 1) != 0 ||
        memmem(octets, head_len, expected_accept, sizeof expected_accept - 1) == NULL) {
        return tg_swarm_fault(swarm, "client %u: the upgrade was answered by: %.*s", client->index,
                              (int)(head_len < 200 ? head_len : 200), (const char *)octets);
    }
    *used = head_len;
    client->state = TG_CLIENT_OPEN;
    swarm->opened++;
    swarm->handler.on_open(swarm->handler.self, client);
    return swarm->faults == 0;
}

static bool on_frame(struct tg_swarm *swarm, struct tg_client *client, unsigned opcode,
                     const uint8_t *payload, size_t len, uint64_t now_ns)
{
    switch (opcode) {
    case TG_OPCODE_TEXT:
        /* What comes after our close frame is of no interest: section 5.5.1. */
        return client->state != TG_CLIENT_OPEN ||
               swarm->handler.on_text(swarm->handler.self, client, (const char *)payload, len,
                                      now_ns);
    case TG_OPCODE_PING:
        swarm->pings++;
        return len > 125 ? tg_swarm_fault(swarm, "client %u: a long ping", client->index)
                         : tg_client_put(swarm, client, TG_OPCODE_PONG, payload, len);
    case TG_OPCODE_PONG:
        return true;
    case TG_OPCODE_CLOSE:
        if (client->state == TG_CLIENT_CLOSING && len >= 2 &&
            (payload[0] << 8 | payload[1]) == NORMAL_CLOSURE) {
            client->state = TG_CLIENT_CLOSE_ECHOED;
            return true;
        }
        return tg_swarm_fault(swarm, "client %u: closed by the server with %d", client->index,
                              len < 2 ? 0 : payload[0] << 8 | payload[1]);
    default:
        return tg_swarm_fault(swarm, "client %u: a frame with opcode %u", client->index, opcode);
    }
}

/* Takes the frame at the start of the octets. *used is 0 while its end hasn't come. */
static bool take_frame(struct tg_swarm *swarm, struct tg_client *client, const uint8_t *octets,
                       size_t len, uint64_t now_ns, size_t *used)
{
    size_t head_len = 2;

    *used = 0;
    if (len < head_len) {
        return true;
    }
    if ((octets[0] & 0xf0U) != 0x80U || (octets[1] & 0x80U) != 0) {
        return tg_swarm_fault(swarm, "client %u: a frame that starts with %02x %02x", client->index,
                              octets[0], octets[1]);
    }
    uint64_t payload_len = octets[1] & 0x7fU;
    if (payload_len >= 126) {
        head_len = payload_len == 126 ? 4 : 10;
        if (len < head_len) {
            return true;
        }
        payload_len = 0;
        for (size_t i = 2; i < head_len; i++) {
            payload_len = payload_len << 8 | octets[i];
        }
        if (payload_len > TG_CLIENT_IN_MAX - head_len) {
            return tg_swarm_fault(swarm, "client %u: a frame of %" PRIu64 " octets", client->index,
                                  payload_len);
        }
    }
    if (len - head_len < payload_len) {
        return true;
    }
    *used = head_len + payload_len;
    return on_frame(swarm, client, octets[0] & 0x0fU, octets + head_len, payload_len, now_ns);
}

static bool take_octets(struct tg_swarm *swarm, struct tg_client *client, const uint8_t *octets,
                        size_t len)
{
    uint64_t now_ns = tg_swarm_now();
    size_t used = 0;

    do {
        bool is_good = client->state == TG_CLIENT_UPGRADING
                           ? take_head(swarm, client, octets, len, &used)
                           : take_frame(swarm, client, octets, len, now_ns, &used);
        if (!is_good) {
            return false;
        }
        octets += used;
        len -= used;
    } while (used > 0 && len > 0);

    client->in_len = len;
    if (len == 0) {
        return true;
    }
    if (len > TG_CLIENT_IN_MAX || !grow(&client->in, &client->in_size, len)) {
        return tg_swarm_fault(swarm, "client %u: %zu octets without an end", client->index, len);
    }
    if (octets != client->in) {
        memmove(client->in, octets, len);
    }
    return true;
}

/* The start of a large frame isn't carried to and fro: what comes is read behind it. */
static ssize_t read_more(struct tg_swarm *swarm, struct tg_client *client, uint8_t **octets)
{
    size_t kept = client->in_len;

    if (kept < KEPT_IN_PLACE) {
        *octets = swarm->read_octets;
        return recv(client->fd, swarm->read_octets + kept, TG_SWARM_READ_BYTES, 0);
    }
    if (kept == client->in_size && !grow(&client->in, &client->in_size, 2 * kept)) {
        errno = ENOMEM;
        return -1;
    }
    *octets = client->in;
    return recv(client->fd, client->in + kept, client->in_size - kept, 0);
}

bool tg_client_on_readable(struct tg_swarm *swarm, struct tg_client *client)
{
    size_t kept = client->in_len;

    uint8_t *octets = NULL;
    ssize_t got = read_more(swarm, client, &octets);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (got < 0) {
        return tg_swarm_fault(swarm, "client %u: recv: %s", client->index, strerror(errno));
    }
    if (got == 0) {
        if (client->state != TG_CLIENT_CLOSE_ECHOED) {
            return tg_swarm_fault(swarm, "client %u: ended by the server without a close frame",
                                  client->index);
        }
        tg_client_fini(client);
        swarm->handler.on_end(swarm->handler.self, client);
        return true;
    }
    if (kept > 0 && octets != client->in) {
        memcpy(octets, client->in, kept);
    }
    return take_octets(swarm, client, octets, kept + (size_t)got) && tg_client_flush(swarm, client);
}

bool tg_client_stall(struct tg_swarm *swarm, struct tg_client *client)
{
    return epoll_ctl(swarm->epoll_fd, EPOLL_CTL_DEL, client->fd, NULL) == 0 ||
           tg_swarm_fault(swarm, "epoll_ctl: %s", strerror(errno));
}

void tg_client_fini(struct tg_client *client)
{
    if (client->fd >= 0) {
        close(client->fd);
    }
    free(client->in);
    free(client->out);
    *client = (struct tg_client){.fd = -1, .index = client->index};
}
