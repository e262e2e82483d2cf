/* SPDX-License-Identifier: MIT */
/* Each allocation of a play fails once: nobody else is hurt, nothing is lost or freed twice (the
 * sanitized build sees to that), and the house works again right after. */
#include "fake_house.h"

#include "fake_memory.h"
#include "hub/inbox.h"
#include "hub/room.h"

static const char token_30s[] =
#include "token_30s.def"
    ;
static const char secret[] = "auth.keys[1].secret=0123456789abcdef0123456789abcdef";

enum { FAILURES_MAX = 500 };

static void suspend(struct fake_house *house, const struct tg_call *call, struct tg_answer *answer)
{
    (void)house;
    if (call->kind == TG_CALL_EVENT) {
        answer->outcome = TG_OUTCOME_SUSPENDED;
    }
}

/* Connects with everything that allocates; false when refused or without memory. */
static bool try_connect(struct fake_house *house, struct tg_conn *conn)
{
    const char *headers[] = {token_30s, "X-Tenant-Id: acme", NULL};
    struct tg_verdict verdict;

    *conn = (struct tg_conn){0};
    tg_buf_init(&conn->written, 1 << 20);
    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat?a=1", headers), &verdict);
    if (verdict.refusal != TG_REFUSAL_NONE) {
        assert_true(verdict.refusal == TG_REFUSAL_NO_MEMORY ||
                    verdict.refusal == TG_REFUSAL_UNAUTHORIZED);
        return false;
    }
    conn->client = tg_client_open(&house->hub, &verdict, conn);
    return conn->client != NULL;
}

static void talk(struct fake_house *house, struct tg_conn *conn)
{
    struct tg_answer done = {.outcome = TG_OUTCOME_DONE, .data = TG_STR("1")};
    struct tg_frame *frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("to all"));

    (void)tg_room_join(conn->client, TG_STR("tea"));
    (void)tg_room_join(conn->client, TG_STR("coffee"));
    if (frame) {
        (void)tg_scope_send(conn->client->scope, frame, NULL);
        tg_frame_unref(frame);
    }
    tg_client_ping(conn->client, TG_STR("p"));
    house->handler = suspend;
    fake_conn_say(conn, "{\"event\":\"say\",\"id\":1}");
    fake_conn_say(conn, "{\"event\":\"say\",\"id\":2}");
    house->handler = NULL;
    if (conn->client->is_busy) {
        tg_client_resume_done(conn->client, &done);
    }
    (void)tg_client_close_with(conn->client, 4000, TG_STR("bye"));
}

static void every_failing_allocation_is_survived(void **state)
{
    uint32_t failures = 0;

    (void)state;
    for (uint32_t n = 0; n < FAILURES_MAX; n++) {
        const char *settings[] = {secret, NULL};
        struct fake_house *house = fake_house_create(settings);
        struct tg_conn alice, bob;
        fake_house_join(house, &bob, "acme");
        fake_memory_fail_after(n);
        bool is_in = try_connect(house, &alice);
        if (is_in) {
            talk(house, &alice);
        }
        bool has_failed = fake_memory_heal();
        if (is_in) {
            fake_conn_lose(&alice);
        }
        assert_int_equal(tg_page_seats(house->page), house->hub.registry.count);
        if (bob.client->phase == TG_CLIENT_OPEN) {
            assert_true(try_connect(house, &alice));
            fake_conn_lose(&alice);
        }
        fake_conn_lose(&bob);
        assert_int_equal(house->hub.registry.count, 0);
        assert_null(house->hub.scopes);
        fake_house_destroy(house);
        if (!has_failed) {
            break;
        }
        failures++;
    }
    print_message("%u allocations failed in turn\n", failures);
    assert_in_range(failures, 15, FAILURES_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failing_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
