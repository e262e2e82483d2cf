/* SPDX-License-Identifier: MIT */
#include "hub/idle_sweep.h"

#include "hub/client.h"
#include "hub/hub.h"
#include "hub/provenance.h"

enum {
    WALL_CHECK_MS = 60000, /* when the clock on the wall is set, tokens are judged again by then */
    STALL_MS = 100,        /* a timer later than this says that the process stood still */
    GRACE_MS = 1000        /* to read and write what waits after that */
};

static uint64_t min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Our own pauses are no silence of the peer's: while we don't read we can't hear. */
static bool is_judged_idle(const struct tg_client *client)
{
    return client->hub->config->idle_timeout_ms > 0 && !client->is_paused && !client->is_blocked;
}

static uint64_t expiry_due(const struct tg_client *client, uint64_t now_ms)
{
    uint64_t wall_ms = tg_clock_wall_ms(client->hub->clock);
    uint64_t expires_at_ms = client->provenance->token.expires_at_ms;

    if (expires_at_ms == 0) {
        return UINT64_MAX;
    }
    return expires_at_ms <= wall_ms ? now_ms : now_ms + min(expires_at_ms - wall_ms, WALL_CHECK_MS);
}

static uint64_t next_due(const struct tg_client *client)
{
    const struct tg_config *config = client->hub->config;
    uint64_t due = expiry_due(client, tg_hub_now_ms(client->hub));

    if (config->ping_interval_ms > 0) {
        due = min(due, client->next_ping_ms);
    }
    if (is_judged_idle(client)) {
        due = min(due, client->last_seen_ms + config->idle_timeout_ms);
    }
    if (client->phase == TG_CLIENT_AUTHENTICATING) {
        due = min(due, client->auth_due_ms);
    }
    if (client->is_blocked) {
        due = min(due, client->blocked_since_ms + config->write_deadline_ms);
    }
    return due;
}

/* A ping behind octets that the kernel refuses would prove nothing: it is skipped. */
static void ping_when_due(struct tg_client *client, uint64_t now_ms)
{
    struct tg_hub *hub = client->hub;
    uint64_t interval_ms = hub->config->ping_interval_ms;

    if (interval_ms == 0 || now_ms < client->next_ping_ms) {
        return;
    }
    /* Missed ticks are skipped, the beat is kept. */
    client->next_ping_ms += ((now_ms - client->next_ping_ms) / interval_ms + 1) * interval_ms;
    if (client->is_blocked || !client->conn) {
        return;
    }
    struct tg_outbox_limits limits = tg_client_outbox_limits(client);
    if (tg_outbox_push(&client->outbox, tg_frame_ref(hub->ping), &limits) != TG_OK) {
        tg_frame_unref(hub->ping);
        return;
    }
    tg_hub_count(hub, TG_COUNT_PINGS_OUT, 1);
    hub->transport->wake(client->conn);
}

static void on_due(struct tg_timer *timer)
{
    struct tg_client *client = TG_CONTAINER(timer, struct tg_client, timer);
    const struct tg_config *config = client->hub->config;
    uint64_t now_ms = tg_hub_now_ms(client->hub);
    uint64_t late_ms = now_ms - timer->due_ms;

    if (late_ms > STALL_MS) {
        /* It was us who stood still: what the peer sent meanwhile has not been read yet. */
        client->last_seen_ms += late_ms + GRACE_MS;
        client->blocked_since_ms += late_ms + GRACE_MS;
        client->auth_due_ms += late_ms + GRACE_MS;
    }
    if (expiry_due(client, now_ms) <= now_ms) {
        tg_client_close(client, TG_CLOSE_TOKEN_EXPIRED);
    } else if (client->phase == TG_CLIENT_AUTHENTICATING && now_ms >= client->auth_due_ms) {
        tg_client_close(client, TG_CLOSE_AUTH_TIMEOUT);
    } else if (client->is_blocked &&
               now_ms >= client->blocked_since_ms + config->write_deadline_ms) {
        tg_client_close(client, TG_CLOSE_WRITE_DEADLINE);
    } else if (is_judged_idle(client) && now_ms >= client->last_seen_ms + config->idle_timeout_ms) {
        tg_client_close(client, TG_CLOSE_IDLE);
    } else {
        ping_when_due(client, now_ms);
        tg_idle_sweep_again(client);
    }
}

void tg_idle_sweep_start(struct tg_client *client)
{
    uint64_t now_ms = tg_hub_now_ms(client->hub);

    tg_timer_init(&client->timer, on_due);
    client->last_seen_ms = now_ms;
    client->next_ping_ms = now_ms + client->hub->config->ping_interval_ms;
    tg_idle_sweep_again(client);
}

void tg_idle_sweep_again(struct tg_client *client)
{
    uint64_t due = next_due(client);

    if (due == UINT64_MAX) {
        tg_timer_cancel(client->hub->wheel, &client->timer);
    } else {
        tg_timer_set(client->hub->wheel, &client->timer, due);
    }
}

void tg_idle_sweep_stop(struct tg_client *client)
{
    tg_timer_cancel(client->hub->wheel, &client->timer);
}
