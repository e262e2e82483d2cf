/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>

#include "hub/unavailable.h"

struct fixture {
    struct fake_house *house;
    struct tg_conn alice;
    struct tg_conn bob;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.house = fake_house_create(NULL)};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    fake_house_destroy(f->house);
    return 0;
}

/* What the supervisor writes. */
static void unload(struct fixture *f, const char *generation)
{
    struct tg_gateway_row row = {.path = "/chat"};

    (void)snprintf(row.name, sizeof(row.name), "%s", f->house->chat->name);
    (void)snprintf(row.generation, sizeof(row.generation), "%s", generation);
    assert_int_equal(tg_unloaded_add(&f->house->page->unloaded, &row), TG_OK);
}

static void suspends(struct fake_house *house, const struct tg_call *call, struct tg_answer *answer)
{
    (void)house;
    (void)call;
    answer->outcome = TG_OUTCOME_SUSPENDED;
}

static void end(struct fixture *f, struct tg_conn *conn)
{
    (void)f;
    if (conn->client) {
        tg_client_lost(conn->client);
        conn->client = NULL;
    }
}

static void its_clients_are_closed_and_its_code_does_not_run(void **state)
{
    struct fixture *f = *state;

    fake_house_join(f->house, &f->alice, NULL);
    fake_house_join(f->house, &f->bob, NULL);
    uint32_t calls = f->house->call_count;
    unload(f, f->house->chat->generation);
    tg_unavailable_sweep(&f->house->hub);
    tg_hub_turn(&f->house->hub);
    assert_int_equal(f->alice.client->cause, TG_CLOSE_GATEWAY_REMOVED);
    assert_int_equal(f->bob.client->cause, TG_CLOSE_GATEWAY_REMOVED);
    assert_int_equal(f->house->hub.registry.count, 0);
    assert_int_equal(tg_page_seats(f->house->page), 0);
    assert_int_equal(f->house->call_count, calls);
    assert_int_equal(f->house->forgotten, 2);
    end(f, &f->alice);
    end(f, &f->bob);
}

static void a_client_whose_call_is_suspended_ends_too(void **state)
{
    struct fixture *f = *state;

    f->house->handler = suspends;
    fake_house_join(f->house, &f->alice, NULL);
    fake_house_join(f->house, &f->bob, NULL);
    assert_true(f->alice.client->is_busy);
    tg_client_close(f->bob.client, TG_CLOSE_IDLE);
    tg_unavailable_make(&f->house->hub, f->house->chat);
    tg_hub_turn(&f->house->hub);
    assert_int_equal(f->house->hub.registry.count, 0);
    end(f, &f->alice);
    end(f, &f->bob);
}

static void its_handshakes_are_refused(void **state)
{
    struct fixture *f = *state;
    struct tg_verdict verdict;

    unload(f, f->house->chat->generation);
    tg_unavailable_sweep(&f->house->hub);
    tg_handshake_decide(&f->house->hub, fake_house_request(f->house, "/chat", NULL), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_UNAVAILABLE);
    assert_int_equal(tg_refusal_row(verdict.refusal)->status, 503);
    assert_true(verdict.retry_after_s > 0);
}

static void another_generation_serves_on(void **state)
{
    struct fixture *f = *state;

    fake_house_join(f->house, &f->alice, NULL);
    unload(f, "ffffffffffff");
    tg_unavailable_sweep(&f->house->hub);
    tg_hub_turn(&f->house->hub);
    assert_true(tg_client_is_open(f->alice.client));
    assert_false(f->house->chat->is_unavailable);
    end(f, &f->alice);
    tg_hub_turn(&f->house->hub);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(its_clients_are_closed_and_its_code_does_not_run),
        TEST(a_client_whose_call_is_suspended_ends_too),
        TEST(its_handshakes_are_refused),
        TEST(another_generation_serves_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
