/* SPDX-License-Identifier: MIT */
/* A head that comes in one read is judged where it lies. One that comes in pieces is collected, up
 * to its limit; the scan goes on where it stopped. */
#include "net/conn_head.h"

#include <stdlib.h>

#include <libwebsockets.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "hub/admission.h"
#include "hub/client.h"
#include "net/conn.h"
#include "net/conn_stream.h"
#include "net/forwarded.h"
#include "net/http_answer.h"
#include "net/http_head.h"
#include "net/server_state.h"
#include "net/tls.h"
#include "net/write_out.h"
#include "net/ws_upgrade.h"

static const char LOG_MODULE[] = "net";

struct tg_conn_head {
    struct tg_http_head scan;
    struct tg_buf octets;           /* empty until a head turns out to come in pieces */
    char address[TG_IP_TEXT_BYTES]; /* the client's */
    bool wants_no_body;             /* asked by HEAD */
};

struct tg_conn_head *tg_conn_head_create(const struct tg_server *server, struct tg_str address)
{
    struct tg_conn_head *head = calloc(1, sizeof(*head));

    if (!head) {
        return NULL;
    }
    /* One more than the limit, so that the scan meets the octet that is too many. */
    tg_buf_init(&head->octets, server->config->head_bytes + 1);
    if (address.length >= sizeof(head->address)) {
        address.length = sizeof(head->address) - 1;
    }
    memcpy(head->address, address.at, address.length);
    return head;
}

void tg_conn_head_destroy(struct tg_conn_head *head)
{
    if (head) {
        tg_buf_fini(&head->octets);
        free(head);
    }
}

static void leave(struct tg_conn *conn)
{
    tg_conn_head_destroy(conn->head);
    conn->head = NULL;
}

/* Writes the refusal; the connection ends after it. */
static void answer_refusal(struct tg_conn *conn, enum tg_refusal refusal, uint32_t retry_after_s)
{
    char answer[TG_HTTP_ANSWER_MAX];
    uint64_t wall_ms = tg_clock_wall_ms(conn->server->hub->clock);
    size_t length = tg_http_answer_write(refusal, retry_after_s, wall_ms, answer);

    if (conn->head->wants_no_body) {
        length -= strlen(tg_refusal_row(refusal)->body); /* RFC 9110 section 9.3.2 */
    }
    leave(conn);
    tg_conn_finish(conn);
    if (tg_write_out_octets(conn, tg_str(answer, length)) != TG_OK) {
        tg_conn_abort(conn);
    }
}

/* A refusal that the hub knows nothing of. request: NULL when the head did not come whole, and with
 * it no trace. */
static void refuse(struct tg_conn *conn, enum tg_refusal refusal,
                   const struct tg_handshake *request)
{
    struct tg_trace trace = {.id = "-"};

    tg_hub_count(conn->server->hub, TG_COUNT_REFUSED + (uint32_t)refusal, 1);
    if (request && tg_log_is_on(TG_LOG_LEVEL_DEBUG)) {
        tg_handshake_begin_trace(conn->server->hub, request, &trace);
    }
    TG_LOG_DEBUG("handshake refused", "reason=%s address=%s trace=%s",
                 tg_refusal_row(refusal)->label, conn->head->address, trace.id);
    answer_refusal(conn, refusal, tg_admission_retry_after(conn->server->hub, refusal));
}

static enum tg_refusal refusal_of(int err)
{
    return err == TG_ERR_NOMEM ? TG_REFUSAL_NO_MEMORY : TG_REFUSAL_BAD_SUBPROTOCOL;
}

/* The hub has said yes. The 101 leaves before on_connect runs, so that whatever a handler sends or
 * decides comes after it. */
static void accept_upgrade(struct tg_conn *conn, struct tg_str key, struct tg_verdict *verdict)
{
    struct tg_hub *hub = conn->server->hub;
    char answer[TG_WS_UPGRADE_ANSWER_MAX];
    size_t length = 0;
    int err = tg_ws_upgrade_answer(key, verdict->subprotocol, answer, &length);

    if (err) {
        tg_verdict_drop(hub, verdict);
        refuse(conn, refusal_of(err), NULL);
        return;
    }
    leave(conn);
    tg_timer_cancel(tg_loop_wheel(conn->server->loop), &conn->deadline);
    if (tg_write_out_octets(conn, tg_str(answer, length)) != TG_OK) {
        tg_verdict_drop(hub, verdict);
        tg_conn_abort(conn);
        return;
    }
    /* Before the hub is told: on_connect may finish or abort the conn. */
    conn->phase = TG_CONN_OPEN;
    conn->client = tg_client_open(hub, verdict, conn);
    if (!conn->client) {
        tg_conn_abort(conn);
    } else if (conn->is_partial) {
        tg_client_blocked(conn->client, true);
    }
}

/* Behind a trusted proxy the client's address is in the head. False: it can't be read. */
static bool find_client(struct tg_conn_head *head, const struct tg_server *server)
{
    struct tg_ip client;

    if (!tg_address_list_has_text(&server->trusted, tg_str_of(head->address)) ||
        tg_ip_read(tg_str_of(head->address), &client) != TG_OK) {
        return true;
    }
    if (tg_forwarded_find(server->headers, head->scan.fields, &server->trusted, &client) != TG_OK) {
        return false;
    }
    (void)tg_ip_write(&client, head->address);
    return true;
}

/* The head is complete: octets holds it. */
static void judge(struct tg_conn *conn, struct tg_str octets)
{
    struct tg_server *server = conn->server;
    struct tg_conn_head *head = conn->head;
    struct tg_ws_upgrade upgrade;
    struct tg_verdict verdict;
    struct tg_str target;

    tg_http_head_read(&head->scan, octets, &target, server->headers);
    bool is_client_known = find_client(head, server); /* first: refusals tell the address */
    enum tg_refusal refusal =
        tg_ws_upgrade_read(target, server->headers, head->scan.fields, &upgrade);
    if (refusal != TG_REFUSAL_NONE) {
        refuse(conn, refusal, &upgrade.request);
        return;
    }
    if (!is_client_known) {
        refuse(conn, TG_REFUSAL_BAD_FORWARDED, &upgrade.request);
        return;
    }
    upgrade.request.address = tg_str_of(head->address);
    upgrade.request.is_secure = tg_tls_is_on(conn->wsi);
    tg_handshake_decide(server->hub, &upgrade.request, &verdict);
    if (verdict.refusal != TG_REFUSAL_NONE) {
        answer_refusal(conn, verdict.refusal, verdict.retry_after_s);
        return;
    }
    accept_upgrade(conn, upgrade.key, &verdict);
}

/* What came before with what comes now, up to the limit. */
static struct tg_str collect(struct tg_conn_head *head, const uint8_t *octets, size_t length)
{
    size_t room = head->octets.limit - head->octets.length;

    tg_buf_add(&head->octets, octets, length < room ? length : room);
    return tg_buf_str(&head->octets);
}

void tg_conn_head_receive(struct tg_conn *conn, uint8_t *octets, size_t length)
{
    const struct tg_config *config = conn->server->config;
    struct tg_http_head_limits limits = {
        .bytes = (uint32_t)config->head_bytes,
        .fields = (uint32_t)config->head_fields,
    };
    struct tg_conn_head *head = conn->head;
    size_t before = head->octets.length;
    struct tg_str all = tg_str((const char *)octets, length);

    if (before == 0) {
        /* libwebsockets leaves a timer armed after a TLS handshake; the deadline is ours. */
        lws_set_timeout(conn->wsi, NO_PENDING_TIMEOUT, 0);
    } else {
        all = collect(head, octets, length);
    }
    switch (tg_http_head_scan(&head->scan, all, &limits)) {
    case TG_HTTP_HEAD_INCOMPLETE:
        if (before == 0) {
            (void)collect(head, octets, length);
        }
        if (head->octets.err) {
            refuse(conn, TG_REFUSAL_NO_MEMORY, NULL);
        }
        return;
    case TG_HTTP_HEAD_REFUSED:
        head->wants_no_body = tg_str_starts(all, TG_STR("HEAD "));
        refuse(conn, (enum tg_refusal)head->scan.refusal, NULL);
        return;
    case TG_HTTP_HEAD_COMPLETE:
        break;
    }
    size_t taken = head->scan.length - before;
    judge(conn, all);
    if (conn->phase == TG_CONN_OPEN && !conn->is_aborting && length > taken) {
        tg_conn_stream_receive(conn, octets + taken, length - taken);
    }
}
