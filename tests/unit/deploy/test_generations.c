/* SPDX-License-Identifier: MIT */
#include "fake_deploys.h"

#include <stdio.h>
#include <string.h>

#include "hub/unavailable.h"

/* Which generation runs, and what it has of the client. */
#define WHO                                                                      \
    "function events.who(client) return tide.generation:match('%-(%d+)$') end\n" \
    "function events.put(client, data) client.state.kept = data end\n"           \
    "function events.get(client) return client.state.kept end\n"                 \
    "function events.nap(client, ms) tide.sleep(ms) return tide.generation:match('%d+$') end\n"

static const char *ask(struct tg_conn *conn, const char *event, const char *data)
{
    const char *text = fake_conn_ask(conn, event, data);
    const char *start = strstr(text, "\"data\":");

    return start ? start + 7 : text;
}

static void assert_runs(struct tg_conn *conn, uint64_t counter)
{
    char expected[32];

    (void)snprintf(expected, sizeof(expected), "\"%llu\"}", (unsigned long long)counter);
    assert_string_equal(ask(conn, "who", NULL), expected);
}

static void the_first_generation_serves_at_once(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    assert_runs(&deploys->alice, 1);
    assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->counter), 1);
    assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->is_settled), 1);
    assert_int_equal(tg_generations_held(deploys->generations), 1);
    assert_int_equal(deploys->app->hub.gateways[0]->counter, 1);
}

static void a_candidate_changes_nothing_until_it_is_committed(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    const char *next = WHO "tide.after(10, function() tide.broadcast('rang') end)";
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 2, next), TG_OK);
    fake_app_advance(deploys->app, 1000);
    assert_runs(&deploys->alice, 1);
    assert_string_equal(fake_conn_take(&deploys->alice), "");
    assert_int_equal(fake_deploys_rows(deploys), 2);
    fake_deploys_commit(deploys, "chat", 2);
    assert_runs(&deploys->alice, 2);
    fake_app_advance(deploys->app, 9);
    assert_string_equal(fake_conn_take(&deploys->alice), "");
    fake_app_advance(deploys->app, 1);
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"event\":\"rang\",\"data\":null}");
}

static void a_candidate_can_be_dropped_or_replaced(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 2, WHO), TG_OK);
    tg_generations_drop(deploys->generations, 0, 1);
    assert_int_equal(fake_deploys_rows(deploys), 2);
    tg_generations_drop(deploys->generations, 0, 2);
    assert_int_equal(fake_deploys_rows(deploys), 1);
    assert_int_equal(tg_generations_commit(deploys->generations, 0, 2), TG_ERR_NOT_FOUND);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 3, WHO), TG_OK);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 4, WHO), TG_OK);
    assert_int_equal(fake_deploys_rows(deploys), 2);
    assert_int_equal(tg_generations_commit(deploys->generations, 0, 3), TG_ERR_NOT_FOUND);
    fake_deploys_commit(deploys, "chat", 4);
    fake_deploys_commit(deploys, "chat", 4);
    assert_runs(&deploys->alice, 4);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 4, "error('not looked at')"), TG_OK);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 1, "error('not looked at')"), TG_OK);
}

static void a_generation_that_does_not_load_leaves_all_as_it_was(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 2, "error('no')"), TG_ERR_SCRIPT);
    assert_true(strstr(deploys->msg.text, "gateways/chat/gateway.lua:2: no") != NULL);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 2, "gateway.pth = 1"), TG_ERR_INVALID);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 2, "gateway.path = '/ a'"),
                     TG_ERR_INVALID);
    assert_int_equal(fake_deploys_rows(deploys), 1);
    assert_runs(&deploys->alice, 1);
}

static void a_path_belongs_to_one_gateway(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    assert_int_equal(fake_deploys_prepare(deploys, "game", 1, "gateway.path = '/chat'"),
                     TG_ERR_EXISTS);
    assert_string_equal(deploys->msg.text, "gateways chat and game are both at the path /chat");
    fake_deploys_go(deploys, "chat", 2, WHO "gateway.path = '/talk'");
    /* It may go back to it. */
    assert_int_equal(fake_deploys_prepare(deploys, "game", 1, "gateway.path = '/chat'"),
                     TG_ERR_EXISTS);
    assert_int_equal(fake_deploys_prepare(deploys, "game", 1, "gateway.path = '/talk'"),
                     TG_ERR_EXISTS);
    tg_generations_prove(deploys->generations, 0, 2);
    fake_deploys_go(deploys, "game", 1, "gateway.path = '/chat'");
    assert_string_equal(fake_deploys_find(deploys, "game")->path, "/chat");
    assert_string_equal(fake_deploys_find(deploys, "chat")->path, "/talk");
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 3, "gateway.path = '/chat'"),
                     TG_ERR_EXISTS);
    assert_string_equal(deploys->msg.text, "gateways game and chat are both at the path /chat");
    assert_runs(&deploys->alice, 2);
}

static void rooms_and_queues_stay(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO "gateway.on_connect = function(client) client:join('r') end");
    struct tg_gateway *gateway = deploys->alice.client->gateway;
    fake_conn_say(&deploys->alice, "{\"event\":\"who\",\"id\":5}");
    fake_deploys_go(deploys, "chat", 2,
                    WHO "function events.tell() "
                        "tide.room('r'):emit('news') end");
    assert_ptr_equal(deploys->alice.client->gateway, gateway);
    (void)fake_conn_ask(&deploys->bob, "tell", NULL);
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"id\":5,\"data\":\"1\"}");
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"event\":\"news\",\"data\":null}");
}

static void settings_are_those_of_the_handshake(void **state)
{
    struct fake_deploys *deploys = *state;
    struct tg_conn carol;

    fake_deploys_start(deploys, WHO "gateway.limits = { message_bytes = 1000 }");
    fake_deploys_go(deploys, "chat", 2, WHO "gateway.limits = { message_bytes = 2000 }");
    fake_app_connect(deploys->app, &carol, deploys->app->hub.gateways[0], NULL, NULL);
    assert_int_equal(deploys->alice.client->message_bytes, 1000);
    assert_int_equal(carol.client->message_bytes, 2000);
    fake_conn_lose(&carol);
}

static void a_suspended_call_ends_on_its_own_generation(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    fake_conn_say(&deploys->alice, "{\"event\":\"nap\",\"data\":50,\"id\":1}");
    fake_conn_say(&deploys->alice, "{\"event\":\"who\",\"id\":2}");
    fake_deploys_go(deploys, "chat", 2, WHO);
    fake_conn_say(&deploys->alice, "{\"event\":\"who\",\"id\":3}");
    assert_runs(&deploys->bob, 2);
    assert_string_equal(fake_conn_take(&deploys->alice), "");
    tg_generations_prove(deploys->generations, 0, 2);
    assert_int_equal(fake_deploys_rows(deploys), 2);
    fake_app_advance(deploys->app, 50);
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"id\":1,\"data\":\"1\"}");
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"id\":2,\"data\":\"2\"}");
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"id\":3,\"data\":\"2\"}");
    fake_app_advance(deploys->app, 100);
    assert_int_equal(fake_deploys_rows(deploys), 1);
}

static void a_suspended_call_reaches_the_same_rooms(void **state)
{
    struct fake_deploys *deploys = *state;
    const char *body = WHO "function events.late(client) client:join('old') tide.sleep(50) "
                           "client:join('new') tide.room('new'):emit('here', client:rooms()) "
                           "return tide.room('new'):count() end";

    fake_deploys_start(deploys, body);
    fake_conn_say(&deploys->alice, "{\"event\":\"late\",\"id\":1}");
    fake_deploys_go(deploys, "chat", 2, WHO);
    fake_app_advance(deploys->app, 50);
    assert_string_equal(fake_conn_take(&deploys->alice),
                        "{\"event\":\"here\",\"data\":[\"old\",\"new\"]}");
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"id\":1,\"data\":1}");
}

static void calls_past_the_deadline_end_with_an_error(void **state)
{
    struct fake_deploys *deploys = *state;

    deploys->app->config.retire_deadline_ms = 5000;
    fake_deploys_start(deploys, WHO);
    fake_conn_say(&deploys->alice, "{\"event\":\"nap\",\"data\":60000,\"id\":1}");
    fake_conn_say(&deploys->alice, "{\"event\":\"who\",\"id\":2}");
    fake_deploys_go(deploys, "chat", 2, WHO);
    for (int i = 0; i < 499; i++) {
        fake_app_advance(deploys->app, 10);
    }
    assert_string_equal(fake_conn_take(&deploys->alice), "");
    for (int i = 0; i < 3; i++) {
        fake_app_advance(deploys->app, 10);
    }
    assert_string_equal(fake_conn_take(&deploys->alice),
                        "{\"id\":1,\"error\":{\"code\":\"handler_error\",\"message\":\"the handler "
                        "failed\"}}");
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"id\":2,\"data\":\"2\"}");
    assert_int_equal(fake_app_counter(deploys->app, TG_COUNT_HANDLER_ERRORS), 1);
    assert_true(fake_app_logged(deploys->app, "gateway=chat generation=000000000001 counter=1 "
                                              "calls=1 \"calls of an old generation"));
}

static void hooks_over_the_switch_go_on(void **state)
{
    struct fake_deploys *deploys = *state;
    const char *body = WHO "gateway.on_connect = function(client) tide.sleep(50) "
                           "client:join(tide.generation:match('%d+$')) end "
                           "gateway.on_disconnect = function(client) tide.sleep(50) "
                           "tide.broadcast('left', { tide.generation:match('%d+$'), "
                           "client:rooms() }) end";

    fake_deploys_start(deploys, body);
    fake_deploys_go(deploys, "chat", 2, body);
    fake_app_advance(deploys->app, 50);
    assert_runs(&deploys->alice, 2);
    assert_string_equal(ask(&deploys->bob, "who", NULL), "\"2\"}");
    fake_conn_lose(&deploys->alice);
    fake_deploys_go(deploys, "chat", 3, body);
    fake_app_advance(deploys->app, 50);
    assert_string_equal(fake_conn_take(&deploys->bob),
                        "{\"event\":\"left\",\"data\":[\"2\",[\"1\"]]}");
    fake_conn_lose(&deploys->bob);
    fake_app_advance(deploys->app, 100);
    assert_int_equal(deploys->app->hub.registry.count, 0);
}

static void who_leaves_in_a_suspended_call_is_told_to_the_new_one(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    (void)ask(&deploys->alice, "put", "\"mine\"");
    fake_conn_say(&deploys->alice, "{\"event\":\"nap\",\"data\":50}");
    fake_deploys_go(deploys, "chat", 2,
                    WHO "gateway.on_disconnect = function(client) tide.broadcast('left', "
                        "{ tide.generation:match('%d+$'), client.state.kept }) end");
    fake_conn_lose(&deploys->alice);
    assert_string_equal(fake_conn_take(&deploys->bob), "");
    fake_app_advance(deploys->app, 50);
    assert_string_equal(fake_conn_take(&deploys->bob),
                        "{\"event\":\"left\",\"data\":[\"2\",\"mine\"]}");
}

static void a_switch_may_come_in_the_middle_of_a_drain(void **state)
{
    struct fake_deploys *deploys = *state;
    const char *body = WHO "gateway.on_disconnect = function() tide.broadcast('left', "
                           "tide.generation:match('%d+$')) end";

    fake_deploys_start(deploys, body);
    tg_hub_start_drain(&deploys->app->hub);
    (void)tg_hub_drain_some(&deploys->app->hub, 1);
    fake_deploys_go(deploys, "chat", 2, body);
    tg_hub_turn(&deploys->app->hub);
    struct tg_conn *open = tg_client_is_open(deploys->bob.client) ? &deploys->bob : &deploys->alice;
    assert_string_equal(fake_conn_take(open), "{\"event\":\"left\",\"data\":\"2\"}");
    (void)tg_hub_drain_some(&deploys->app->hub, 1);
    tg_hub_turn(&deploys->app->hub);
    fake_conn_lose(&deploys->alice);
    fake_conn_lose(&deploys->bob);
    assert_int_equal(deploys->app->hub.registry.count, 0);
}

static void a_gateway_with_another_path_is_found_there(void **state)
{
    struct fake_deploys *deploys = *state;
    struct tg_gateway *gateway;

    fake_deploys_start(deploys, WHO);
    gateway = deploys->alice.client->gateway;
    fake_deploys_go(deploys, "chat", 2, WHO "gateway.path = '/other'");
    assert_string_equal(gateway->path, "/other");
    assert_runs(&deploys->alice, 2);
    fake_deploys_commit(deploys, "chat", 1);
    assert_string_equal(gateway->path, "/chat");
    assert_runs(&deploys->alice, 1);
}

static void an_unavailable_gateway_can_be_replaced(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    (void)ask(&deploys->alice, "put", "1");
    struct tg_gateway *gateway = deploys->app->hub.gateways[0];
    tg_unavailable_make(&deploys->app->hub, gateway);
    tg_hub_turn(&deploys->app->hub);
    fake_conn_lose(&deploys->alice);
    fake_conn_lose(&deploys->bob);
    fake_deploys_go(deploys, "chat", 2, WHO);
    assert_false(gateway->is_unavailable);
    fake_app_connect(deploys->app, &deploys->alice, gateway, NULL, NULL);
    assert_runs(&deploys->alice, 2);
    /* There is nothing to go back to. */
    assert_int_equal(tg_generations_commit(deploys->generations, 0, 1), TG_ERR_NOT_FOUND);
    assert_int_equal(fake_deploys_rows(deploys), 1);
}

static void an_unloaded_generation_comes_as_unavailable(void **state)
{
    struct fake_deploys *deploys = *state;
    struct tg_gateway_row row = {.name = "chat", .generation = "000000000001", .path = "/chat"};

    assert_int_equal(tg_unloaded_add(&deploys->app->page->unloaded, &row), TG_OK);
    fake_deploys_go(deploys, "chat", 1, "error('it does not run')");
    assert_true(deploys->app->hub.gateways[0]->is_unavailable);
    fake_deploys_go(deploys, "chat", 2, WHO);
    assert_false(deploys->app->hub.gateways[0]->is_unavailable);
}

/* The first of "chat", as the supervisor says it. */
static void unload_first(struct fake_deploys *deploys)
{
    struct tg_gateway_row row = {.name = "chat", .generation = "000000000001", .path = "/chat"};

    assert_int_equal(tg_unloaded_add(&deploys->app->page->unloaded, &row), TG_OK);
    tg_unavailable_sweep(&deploys->app->hub);
}

static void a_kept_generation_that_was_unloaded_does_not_run_again(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO "function gateway.on_disconnect() tide.log.info('left') end\n");
    fake_conn_say(&deploys->alice, "{\"event\":\"nap\",\"data\":5}");
    (void)ask(&deploys->bob, "put", "1");
    fake_deploys_go(deploys, "chat", 2, WHO);
    unload_first(deploys);
    assert_runs(&deploys->bob, 2);
    fake_deploys_commit(deploys, "chat", 1);
    tg_hub_turn(&deploys->app->hub);
    assert_true(fake_deploys_find(deploys, "chat")->is_unavailable);
    assert_true(deploys->alice.is_finished && deploys->bob.is_finished);
    fake_app_advance(deploys->app, 1000);
    assert_false(fake_app_logged(deploys->app, "left"));
    assert_int_equal(fake_deploys_rows(deploys), 0);
    fake_conn_lose(&deploys->alice);
    fake_conn_lose(&deploys->bob);
    fake_deploys_go(deploys, "chat", 3, WHO);
    fake_app_connect(deploys->app, &deploys->alice, fake_deploys_find(deploys, "chat"), NULL, NULL);
    assert_runs(&deploys->alice, 3);
}

static void what_comes_back_unloaded_closes_who_is_connected(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    fake_deploys_go(deploys, "chat", 2, WHO);
    tg_generations_prove(deploys->generations, 0, 2);
    (void)ask(&deploys->bob, "put", "1");
    unload_first(deploys);
    fake_deploys_go(deploys, "chat", 1, WHO);
    assert_true(fake_deploys_find(deploys, "chat")->is_unavailable);
    fake_conn_lose(&deploys->alice);
    fake_app_advance(deploys->app, 1000);
    assert_true(deploys->bob.is_finished);
    assert_int_equal(fake_deploys_rows(deploys), 0);
}

static void a_call_of_the_one_before_finds_no_client_of_an_unavailable_gateway(void **state)
{
    struct fake_deploys *deploys = *state;
    const char *body = "function events.late() tide.sleep(5) error('late') end "
                       "gateway.on_error = function(client) tide.log.info('it was told') end";

    fake_deploys_start(deploys, body);
    fake_conn_say(&deploys->alice, "{\"event\":\"late\"}");
    fake_deploys_go(deploys, "chat", 2, WHO);
    tg_unavailable_make(&deploys->app->hub, fake_deploys_find(deploys, "chat"));
    fake_app_advance(deploys->app, 5);
    assert_true(fake_app_logged(deploys->app, "it was told"));
    fake_conn_lose(&deploys->alice);
    fake_deploys_go(deploys, "chat", 3, WHO);
    tg_generations_prove(deploys->generations, 0, 3);
    fake_app_advance(deploys->app, 1000);
    assert_int_equal(fake_deploys_rows(deploys), 1);
}

static void a_candidate_that_was_unloaded_does_not_run(void **state)
{
    struct fake_deploys *deploys = *state;

    assert_int_equal(fake_deploys_prepare(deploys, "chat", 1, WHO), TG_OK);
    unload_first(deploys);
    fake_deploys_commit(deploys, "chat", 1);
    assert_true(fake_deploys_find(deploys, "chat")->is_unavailable);
    assert_int_equal(fake_deploys_rows(deploys), 0);
}

static void a_full_state_is_renewed_while_another_is_kept(void **state)
{
    struct fake_deploys *deploys = *state;
    const char *body =
        WHO "local hoard = {} function events.hoard() local ok, err = pcall(function() "
            "while true do hoard[#hoard + 1] = ('x'):rep(4000) .. #hoard end end) return err end\n"
            "function events.held() return #hoard end\n";

    deploys->app->config.script_memory = 4 << 20;
    fake_deploys_start(deploys, WHO);
    (void)ask(&deploys->alice, "put", "1");
    (void)ask(&deploys->bob, "put", "2");
    fake_deploys_go(deploys, "chat", 2, body);
    assert_string_equal(ask(&deploys->alice, "get", NULL), "1}");
    assert_string_equal(ask(&deploys->alice, "hoard", NULL), "\"not enough memory\"}");
    fake_app_advance(deploys->app, 1);
    assert_int_equal(fake_app_counter(deploys->app, TG_COUNT_SCRIPT_RENEWALS), 1);
    assert_string_equal(ask(&deploys->alice, "held", NULL), "0}");
    assert_string_equal(ask(&deploys->alice, "get", NULL), "1}");
    assert_string_equal(ask(&deploys->bob, "get", NULL), "2}");
    uint64_t calls = atomic_load(&fake_deploys_tally(deploys)->calls);
    assert_true(calls >= 5);
    assert_int_equal(fake_deploys_rows(deploys), 2);
    fake_deploys_commit(deploys, "chat", 1);
    assert_string_equal(ask(&deploys->alice, "get", NULL), "1}");
    /* One that does not serve is not renewed, however full. */
    fake_deploys_go(deploys, "chat", 3, body);
    fake_conn_say(&deploys->alice, "{\"event\":\"nap\",\"data\":5}");
    assert_string_equal(ask(&deploys->bob, "hoard", NULL), "\"not enough memory\"}");
    fake_deploys_go(deploys, "chat", 4, body);
    fake_app_advance(deploys->app, 10000);
    assert_int_equal(fake_app_counter(deploys->app, TG_COUNT_SCRIPT_RENEWALS), 1);
}

static void a_thousand_switches_leave_nothing_behind(void **state)
{
    struct fake_deploys *deploys = *state;
    const char *body = WHO "gateway.on_connect = function(client) client:join('r') end "
                           "tide.after(1000000, function() end) "
                           "gateway.save = function() return { 1 } end "
                           "gateway.restore = function() end";
    size_t held = 0;

    fake_deploys_start(deploys, body);
    (void)ask(&deploys->alice, "put", "{\"a\":1}");
    for (uint64_t counter = 2; counter <= 1001; counter++) {
        fake_deploys_go(deploys, "chat", counter, body);
        assert_runs(&deploys->alice, counter);
        if (counter % 3 == 0) {
            tg_generations_prove(deploys->generations, 0, counter);
        } else if (counter % 3 == 1) {
            fake_conn_say(&deploys->bob, "{\"event\":\"nap\",\"data\":3}");
        }
        fake_app_advance(deploys->app, 5);
        tg_buf_clear(&deploys->app->log);
        while (fake_conn_take(&deploys->bob)[0] != '\0') {
        }
        if (counter == 11) {
            held = ((struct tg_vm *)deploys->app->hub.gateways[0]->vm)->alloc.used;
        }
    }
    tg_generations_prove(deploys->generations, 0, 1001);
    fake_app_advance(deploys->app, 5);
    fake_app_advance(deploys->app, 50);
    fake_app_advance(deploys->app, 50);
    assert_string_equal(ask(&deploys->alice, "get", NULL), "{\"a\":1}}");
    assert_int_equal(fake_deploys_rows(deploys), 1);
    assert_int_equal(deploys->app->wheel.count, 3); /* its timer, two clients' */
    assert_true(((struct tg_vm *)deploys->app->hub.gateways[0]->vm)->alloc.used < held + 65536);
    assert_int_equal(deploys->app->hub.room_count, 1);
    fake_conn_lose(&deploys->alice);
    fake_conn_lose(&deploys->bob);
    assert_null(deploys->app->hub.scopes);
}

static void what_is_left_in_every_stage_goes_with_the_worker(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, WHO);
    (void)ask(&deploys->alice, "put", "1");
    fake_conn_say(&deploys->bob, "{\"event\":\"nap\",\"data\":60000}");
    fake_deploys_go(deploys, "chat", 2, WHO);
    fake_conn_say(&deploys->alice, "{\"event\":\"nap\",\"data\":60000}");
    fake_deploys_go(deploys, "chat", 3, WHO);
    assert_int_equal(fake_deploys_prepare(deploys, "chat", 4, WHO), TG_OK);
    fake_deploys_go(deploys, "game", 1, WHO);
    tg_generations_remove(deploys->generations, 1);
    /* Their sockets are gone, the clients themselves are not. */
    tg_client_lost(deploys->alice.client);
    tg_client_lost(deploys->bob.client);
    deploys->alice.client = NULL;
    deploys->bob.client = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_DEPLOYS_TEST(the_first_generation_serves_at_once),
        FAKE_DEPLOYS_TEST(a_candidate_changes_nothing_until_it_is_committed),
        FAKE_DEPLOYS_TEST(a_candidate_can_be_dropped_or_replaced),
        FAKE_DEPLOYS_TEST(a_generation_that_does_not_load_leaves_all_as_it_was),
        FAKE_DEPLOYS_TEST(a_path_belongs_to_one_gateway),
        FAKE_DEPLOYS_TEST(rooms_and_queues_stay),
        FAKE_DEPLOYS_TEST(settings_are_those_of_the_handshake),
        FAKE_DEPLOYS_TEST(a_suspended_call_ends_on_its_own_generation),
        FAKE_DEPLOYS_TEST(a_suspended_call_reaches_the_same_rooms),
        FAKE_DEPLOYS_TEST(calls_past_the_deadline_end_with_an_error),
        FAKE_DEPLOYS_TEST(hooks_over_the_switch_go_on),
        FAKE_DEPLOYS_TEST(who_leaves_in_a_suspended_call_is_told_to_the_new_one),
        FAKE_DEPLOYS_TEST(a_switch_may_come_in_the_middle_of_a_drain),
        FAKE_DEPLOYS_TEST(a_gateway_with_another_path_is_found_there),
        FAKE_DEPLOYS_TEST(an_unavailable_gateway_can_be_replaced),
        FAKE_DEPLOYS_TEST(an_unloaded_generation_comes_as_unavailable),
        FAKE_DEPLOYS_TEST(a_kept_generation_that_was_unloaded_does_not_run_again),
        FAKE_DEPLOYS_TEST(what_comes_back_unloaded_closes_who_is_connected),
        FAKE_DEPLOYS_TEST(a_call_of_the_one_before_finds_no_client_of_an_unavailable_gateway),
        FAKE_DEPLOYS_TEST(a_candidate_that_was_unloaded_does_not_run),
        FAKE_DEPLOYS_TEST(a_full_state_is_renewed_while_another_is_kept),
        FAKE_DEPLOYS_TEST(a_thousand_switches_leave_nothing_behind),
        FAKE_DEPLOYS_TEST(what_is_left_in_every_stage_goes_with_the_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
