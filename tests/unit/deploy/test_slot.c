/* SPDX-License-Identifier: MIT */
/* What becomes of a generation's state when another takes its place, comes to its end, or comes
 * back. */
#include "fake_deploys.h"

#include <stdio.h>
#include <string.h>

#include "deploy/slot.h"
#include "fake_memory.h"

#define STATE                                                                 \
    "function events.put(client, data) client.state.kept = data end\n"        \
    "function events.get(client) return client.state.kept or 'nothing' end\n" \
    "function events.who(client) return tide.generation:match('%d+$') end\n"  \
    "function events.nap(client, ms) tide.sleep(ms) return client.state.kept end\n"

#define SAVE                                                                                   \
    "local had = {}\n"                                                                         \
    "gateway.save = function() had[#had + 1] = tide.generation:match('%d+$') return had end\n" \
    "gateway.restore = function(saved) had = saved end\n"                                      \
    "function events.had() return had end\n"

static const char *ask(struct tg_conn *conn, const char *event, const char *data)
{
    const char *text = fake_conn_ask(conn, event, data);
    const char *start = strstr(text, "\"data\":");

    return start ? start + 7 : text;
}

static uint64_t lost(const struct fake_deploys *deploys)
{
    return fake_app_counter(deploys->app, TG_COUNT_SCRIPT_HANDOVER_LOST);
}

static void wait(struct fake_deploys *deploys, uint64_t ms)
{
    for (; ms > 0; ms--) {
        fake_app_advance(deploys->app, 1);
    }
}

/* --- client.state --- */

static void a_clients_table_moves_with_its_first_call(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE);
    (void)ask(&deploys->alice, "put", "{\"list\":[1,{\"a\":\"b\"}],\"none\":null}");
    (void)ask(&deploys->bob, "put", "\"bob's\"");
    fake_deploys_go(deploys, "chat", 2, STATE);
    const char *text = ask(&deploys->alice, "get", NULL);
    assert_true(strstr(text, "\"list\":[1,{\"a\":\"b\"}]") && strstr(text, "\"none\":null"));
    assert_ptr_not_equal(deploys->alice.client->holder, deploys->bob.client->holder);
    fake_deploys_go(deploys, "chat", 3, STATE);
    assert_string_equal(ask(&deploys->bob, "get", NULL), "\"bob's\"}");
    assert_int_equal(lost(deploys), 0);
}

static void a_suspended_call_has_its_table_to_its_end(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE);
    (void)ask(&deploys->alice, "put", "1");
    fake_conn_say(&deploys->alice, "{\"event\":\"nap\",\"data\":50,\"id\":1}");
    fake_deploys_go(deploys, "chat", 2, STATE);
    tg_generations_prove(deploys->generations, 0, 2);
    wait(deploys, 49);
    assert_string_equal(fake_conn_take(&deploys->alice), "");
    wait(deploys, 1);
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"id\":1,\"data\":1}");
    wait(deploys, 20);
    assert_int_equal(fake_deploys_rows(deploys), 1);
    assert_string_equal(ask(&deploys->alice, "get", NULL), "1}");
}

static void tables_of_the_silent_move_before_the_old_state_ends(void **state)
{
    struct fake_deploys *deploys = *state;
    enum { MORE = 600 };
    static struct tg_conn crowd[MORE];

    fake_deploys_start(deploys, STATE);
    struct tg_gateway *chat = fake_deploys_find(deploys, "chat");
    for (int i = 0; i < MORE; i++) {
        char number[16];
        fake_app_connect(deploys->app, &crowd[i], chat, NULL, NULL);
        (void)snprintf(number, sizeof(number), "%d", i);
        (void)ask(&crowd[i], "put", number);
    }
    fake_deploys_go(deploys, "chat", 2, STATE);
    wait(deploys, 100);
    struct tg_vm *vm = chat->vm;
    assert_int_equal(vm->handle_count, 0);
    assert_int_equal(fake_deploys_rows(deploys), 2);
    tg_generations_prove(deploys->generations, 0, 2);
    wait(deploys, 1);
    /* In slices. */
    assert_true(vm->handle_count > 0 && vm->handle_count < MORE);
    wait(deploys, 20);
    assert_int_equal(vm->handle_count, MORE);
    assert_int_equal(fake_deploys_rows(deploys), 1);
    for (int i = 0; i < MORE; i++) {
        char expected[16];
        (void)snprintf(expected, sizeof(expected), "%d}", i);
        assert_string_equal(ask(&crowd[i], "get", NULL), expected);
        fake_conn_lose(&crowd[i]);
    }
    assert_int_equal(vm->handle_count, 0);
}

static void what_is_no_plain_data_is_left_out_by_its_key(void **state)
{
    struct fake_deploys *deploys = *state;
    const char *body = STATE
        "function events.spoil(client) local s = client.state s.good = { 1, { x = true } } "
        "s.f = print s.deep = { list = { 1, 2, function() end, 4 } } s.me = s "
        "s.n = 0 / 0 end\n"
        "function events.rest(client) local s = client.state return { s.good, s.deep, s.f == nil, "
        "s.me == nil, s.n == nil } end";

    fake_deploys_start(deploys, body);
    (void)ask(&deploys->alice, "spoil", NULL);
    (void)ask(&deploys->bob, "spoil", NULL);
    (void)fake_app_logged(deploys->app, "");
    fake_deploys_go(deploys, "chat", 2, body);
    assert_string_equal(ask(&deploys->alice, "rest", NULL),
                        "[[1,{\"x\":true}],{\"list\":[1,2]},true,true,true]}");
    /* f, list[3] and what stood behind it, me, n. */
    assert_int_equal(lost(deploys), 5);
    assert_true(
        fake_app_logged(deploys->app, "chat generation=000000000002 counter=2 key=client.state."));
    (void)ask(&deploys->bob, "rest", NULL);
    assert_int_equal(lost(deploys), 10);
    assert_false(fake_app_logged(deploys->app, "a client's state is lost"));
}

static void too_much_is_left_out_as_a_whole(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE "function events.fill(client) client.state.a = 1 "
                                      "client.state.big = ('x'):rep(16384) end");
    (void)ask(&deploys->alice, "fill", NULL);
    fake_deploys_go(deploys, "chat", 2, STATE);
    assert_string_equal(ask(&deploys->alice, "get", NULL), "\"nothing\"}");
    assert_int_equal(lost(deploys), 1);
    assert_true(fake_app_logged(deploys->app, "key=client.state "));
}

static void a_full_state_still_gives_its_tables(void **state)
{
    struct fake_deploys *deploys = *state;

    deploys->app->config.script_memory = 2 << 20;
    fake_deploys_start(deploys, STATE "function events.fill(client) client.state.kept = 5 "
                                      "hoard = nil end function events.hoard() local h = {} "
                                      "events_h = nil local ok = pcall(function() while true do "
                                      "h[#h + 1] = ('x'):rep(100) .. #h end end) "
                                      "tide.sleep(1000) return #h end");
    (void)ask(&deploys->alice, "put", "5");
    fake_conn_say(&deploys->bob, "{\"event\":\"hoard\"}");
    fake_deploys_go(deploys, "chat", 2, STATE);
    assert_string_equal(ask(&deploys->alice, "get", NULL), "5}");
    assert_int_equal(lost(deploys), 0);
}

/* --- save and restore --- */

static void what_is_saved_comes_at_the_switch(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE SAVE);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "{}}");
    fake_deploys_go(deploys, "chat", 2, STATE SAVE);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "[\"1\"]}");
    assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->is_settled), 1);
    tg_generations_prove(deploys->generations, 0, 2);
    wait(deploys, 100);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "[\"1\"]}");
}

static void it_waits_for_suspended_calls(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE SAVE);
    fake_conn_say(&deploys->bob, "{\"event\":\"nap\",\"data\":500}");
    fake_deploys_go(deploys, "chat", 2, STATE SAVE);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "{}}");
    assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->is_settled), 0);
    wait(deploys, 499);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "{}}");
    wait(deploys, 12);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "[\"1\"]}");
    assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->is_settled), 1);
}

static void at_the_latest_it_comes_at_the_deadline(void **state)
{
    struct fake_deploys *deploys = *state;

    deploys->app->config.retire_deadline_ms = 200;
    fake_deploys_start(deploys, STATE SAVE);
    fake_conn_say(&deploys->bob, "{\"event\":\"nap\",\"data\":50000,\"id\":1}");
    fake_deploys_go(deploys, "chat", 2, STATE SAVE);
    wait(deploys, 199);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "{}}");
    wait(deploys, 12);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "[\"1\"]}");
    assert_true(strstr(fake_conn_take(&deploys->bob), "handler_error") != NULL);
    /* The kept one has no calls any more, and may still come back. */
    fake_deploys_commit(deploys, "chat", 1);
    assert_string_equal(ask(&deploys->bob, "who", NULL), "\"1\"}");
}

static void several_hand_over_one_after_the_other(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE SAVE);
    fake_conn_say(&deploys->bob, "{\"event\":\"nap\",\"data\":300}");
    fake_deploys_go(deploys, "chat", 2, STATE SAVE);
    fake_deploys_go(deploys, "chat", 3, STATE SAVE);
    fake_conn_say(&deploys->alice, "{\"event\":\"nap\",\"data\":100}");
    fake_deploys_go(deploys, "chat", 4, STATE SAVE);
    wait(deploys, 250);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "{}}");
    wait(deploys, 100);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "[\"1\",\"2\",\"3\"]}");
    assert_int_equal(fake_deploys_rows(deploys), 2);
}

static void a_failing_handover_is_a_breach(void **state)
{
    static const char *const bodies[][3] = {
        {"gateway.save = function() error('no save') end", "gateway.restore = function() end",
         "save: gateways/chat/gateway.lua"},
        {"gateway.save = function() return print end", "gateway.restore = function() end",
         "save: function"},
        {"gateway.save = function() return 1 end",
         "gateway.restore = function() error('no restore') end",
         "restore: gateways/chat/gateway.lua"},
    };

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct fake_deploys *deploys = *state;
        fake_deploys_start(deploys, bodies[i][0]);
        fake_deploys_go(deploys, "chat", 2, bodies[i][1]);
        assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->breach), TG_BREACH_HANDOVER);
        assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->is_settled), 1);
        if (!fake_app_logged(deploys->app, bodies[i][2])) {
            fail_msg("%s", bodies[i][2]);
        }
        assert_int_equal(lost(deploys), 1);
        assert_int_equal(fake_deploys_tear_down(state), 0);
        assert_int_equal(fake_deploys_set_up(state), 0);
    }
}

/* --- timers --- */

#define RING                                                                             \
    "function events.ring(client, ms) tide.after(ms, function() tide.broadcast('rang', " \
    "tide.generation:match('%d+$')) end) end\n"                                          \
    "function events.later(client) tide.sleep(20) tide.after(10, function() "            \
    "tide.broadcast('late') end) return 1 end\n"

static void timers_of_the_old_generation_never_ring(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE RING);
    (void)ask(&deploys->alice, "ring", "50");
    fake_conn_say(&deploys->bob, "{\"event\":\"later\",\"id\":1}");
    fake_deploys_go(deploys, "chat", 2, STATE RING);
    wait(deploys, 100);
    assert_string_equal(fake_conn_take(&deploys->bob), "{\"id\":1,\"data\":1}");
    assert_string_equal(fake_conn_take(&deploys->bob), "");
    tg_generations_prove(deploys->generations, 0, 2);
    wait(deploys, 1000);
    assert_string_equal(fake_conn_take(&deploys->alice), "");
    assert_string_equal(fake_conn_take(&deploys->bob), "");
}

static void they_go_on_when_it_comes_back(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE RING);
    (void)ask(&deploys->alice, "ring", "50");
    wait(deploys, 30);
    fake_conn_say(&deploys->bob, "{\"event\":\"later\"}");
    fake_deploys_go(deploys, "chat", 2, STATE RING);
    (void)ask(&deploys->alice, "ring", "500");
    wait(deploys, 1000);
    assert_string_equal(fake_conn_take(&deploys->bob), "{\"event\":\"rang\",\"data\":\"2\"}");
    (void)fake_conn_take(&deploys->alice);
    (void)ask(&deploys->alice, "ring", "5");
    fake_deploys_commit(deploys, "chat", 1);
    wait(deploys, 10);
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"event\":\"late\",\"data\":null}");
    wait(deploys, 9);
    assert_string_equal(fake_conn_take(&deploys->alice), "");
    wait(deploys, 1);
    assert_string_equal(fake_conn_take(&deploys->alice), "{\"event\":\"rang\",\"data\":\"1\"}");
    wait(deploys, 1000);
    assert_string_equal(fake_conn_take(&deploys->alice), "");
}

/* --- back --- */

static void the_kept_one_comes_back_as_it_was(void **state)
{
    struct fake_deploys *deploys = *state;
    const char *body = STATE SAVE "local n = 0 function events.n() n = n + 1 return n end";

    fake_deploys_start(deploys, body);
    (void)ask(&deploys->alice, "n", NULL);
    (void)ask(&deploys->alice, "put", "1");
    fake_deploys_go(deploys, "chat", 2, body);
    assert_string_equal(ask(&deploys->alice, "n", NULL), "1}");
    (void)ask(&deploys->alice, "put", "2");
    (void)ask(&deploys->bob, "put", "3");
    fake_deploys_commit(deploys, "chat", 1);
    assert_string_equal(ask(&deploys->alice, "n", NULL), "2}");
    assert_string_equal(ask(&deploys->alice, "get", NULL), "2}");
    assert_string_equal(ask(&deploys->alice, "had", NULL), "[\"1\"]}");
    wait(deploys, 20);
    assert_int_equal(fake_deploys_rows(deploys), 1);
    assert_string_equal(ask(&deploys->bob, "get", NULL), "3}");
    assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->counter), 1);
    /* And another may follow. */
    fake_deploys_go(deploys, "chat", 3, body);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "[\"1\",\"1\"]}");
    assert_int_equal(lost(deploys), 0);
}

static void an_older_one_loaded_anew_is_a_way_back_too(void **state)
{
    struct fake_deploys *deploys = *state;

    /* As in a worker that was started when the second was live. */
    fake_deploys_go(deploys, "chat", 2, STATE SAVE);
    fake_app_connect(deploys->app, &deploys->alice, fake_deploys_find(deploys, "chat"), NULL, NULL);
    (void)ask(&deploys->alice, "put", "1");
    fake_deploys_go(deploys, "chat", 1, STATE SAVE);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "{}}");
    assert_string_equal(ask(&deploys->alice, "get", NULL), "1}");
    wait(deploys, 5);
    assert_int_equal(fake_deploys_rows(deploys), 1);
    assert_int_equal(tg_generations_commit(deploys->generations, 0, 2), TG_ERR_NOT_FOUND);
}

static void going_back_stops_what_was_to_be_handed_over(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE SAVE);
    fake_conn_say(&deploys->bob, "{\"event\":\"nap\",\"data\":50}");
    fake_deploys_go(deploys, "chat", 2, STATE SAVE);
    fake_deploys_go(deploys, "chat", 3, STATE SAVE);
    fake_deploys_commit(deploys, "chat", 1);
    wait(deploys, 100);
    assert_string_equal(ask(&deploys->alice, "had", NULL), "{}}");
    assert_int_equal(fake_deploys_rows(deploys), 1);
}

static void what_is_not_proven_is_not_kept(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE);
    fake_deploys_go(deploys, "chat", 2, STATE);
    fake_deploys_go(deploys, "chat", 3, STATE);
    wait(deploys, 5);
    assert_int_equal(fake_deploys_rows(deploys), 2);
    assert_int_equal(tg_generations_commit(deploys->generations, 0, 2), TG_ERR_NOT_FOUND);
    fake_deploys_commit(deploys, "chat", 1);
    fake_deploys_go(deploys, "chat", 4, STATE);
    tg_generations_prove(deploys->generations, 0, 3);
    assert_int_equal(fake_deploys_rows(deploys), 2);
    tg_generations_prove(deploys->generations, 0, 4);
    wait(deploys, 5);
    assert_int_equal(fake_deploys_rows(deploys), 1);
    assert_int_equal(tg_generations_commit(deploys->generations, 0, 1), TG_ERR_NOT_FOUND);
}

static void the_oldest_of_many_that_end_is_hurried(void **state)
{
    struct fake_deploys *deploys = *state;
    struct tg_conn crowd[8];

    fake_deploys_start(deploys, STATE);
    for (uint64_t i = 0; i < 8; i++) {
        fake_deploys_go(deploys, "chat", i + 2, STATE);
        fake_app_connect(deploys->app, &crowd[i], fake_deploys_find(deploys, "chat"), NULL, NULL);
        fake_conn_say(&crowd[i], "{\"event\":\"nap\",\"data\":20000,\"id\":1}");
    }
    wait(deploys, 20);
    /* Four that end, the first, which is kept, and the live one. */
    assert_true(fake_deploys_rows(deploys) <= 6);
    assert_true(strstr(fake_conn_take(&crowd[0]), "handler_error") != NULL);
    assert_string_equal(fake_conn_take(&crowd[7]), "");
    for (int i = 0; i < 8; i++) {
        fake_conn_lose(&crowd[i]);
    }
    wait(deploys, 20000);
}

/* --- the end --- */

static void a_removed_gateway_closes_its_clients(void **state)
{
    struct fake_deploys *deploys = *state;

    fake_deploys_start(deploys, STATE RING "gateway.on_disconnect = function(client, cause) "
                                           "tide.broadcast('left', cause) end");
    fake_deploys_go(deploys, "game", 1, STATE);
    (void)ask(&deploys->alice, "ring", "5");
    fake_deploys_go(deploys, "chat", 2,
                    STATE "gateway.on_disconnect = function(client, cause) "
                          "tide.broadcast('left', cause) end");
    tg_generations_remove(deploys->generations, 0);
    assert_null(fake_deploys_find(deploys, "chat"));
    assert_int_equal(deploys->app->hub.gateway_count, 1);
    wait(deploys, 2);
    assert_int_equal(deploys->alice.client->cause, TG_CLOSE_GATEWAY_REMOVED);
    assert_true(deploys->alice.is_finished);
    assert_int_equal(fake_app_counter(deploys->app, TG_COUNT_CLOSED + TG_CLOSE_GATEWAY_REMOVED), 2);
    /* Their sockets linger. */
    assert_int_equal(tg_generations_held(deploys->generations), 3);
    fake_conn_lose(&deploys->alice);
    fake_conn_lose(&deploys->bob);
    wait(deploys, 20);
    assert_int_equal(tg_generations_held(deploys->generations), 2);
    assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->counter), 0);
    assert_int_equal(fake_deploys_rows(deploys), 1);
}

static void a_removed_gateway_comes_back_while_it_ends(void **state)
{
    struct fake_deploys *deploys = *state;
    struct tg_conn carol;

    fake_deploys_start(deploys, STATE);
    tg_generations_remove(deploys->generations, 0);
    fake_deploys_go(deploys, "chat", 2, STATE);
    fake_app_connect(deploys->app, &carol, fake_deploys_find(deploys, "chat"), NULL, NULL);
    wait(deploys, 2);
    assert_true(deploys->alice.is_finished);
    assert_string_equal(ask(&carol, "who", NULL), "\"2\"}");
    fake_conn_lose(&deploys->alice);
    fake_conn_lose(&deploys->bob);
    wait(deploys, 20);
    assert_int_equal(fake_deploys_rows(deploys), 1);
    assert_int_equal(atomic_load(&fake_deploys_tally(deploys)->counter), 2);
    fake_conn_lose(&carol);
}

static void its_suspended_calls_end_at_the_deadline(void **state)
{
    struct fake_deploys *deploys = *state;

    deploys->app->config.retire_deadline_ms = 100;
    fake_deploys_start(deploys, STATE "gateway.on_disconnect = function() tide.sleep(100000) end");
    tg_generations_remove(deploys->generations, 0);
    wait(deploys, 2);
    fake_conn_lose(&deploys->alice);
    fake_conn_lose(&deploys->bob);
    wait(deploys, 50);
    assert_int_equal(deploys->app->hub.registry.count, 2);
    wait(deploys, 100);
    assert_int_equal(deploys->app->hub.registry.count, 0);
    assert_int_equal(tg_generations_held(deploys->generations), 0);
}

static void without_memory_nothing_is_taken_over(void **state)
{
    struct fake_deploys *deploys = *state;
    struct tg_hub *hub = &deploys->app->hub;
    static const char *const files[] = {"gateway.lua", "return { path = '/x', events = {} }", NULL};
    struct tg_gateway *gateway = NULL;
    struct tg_bundle bundle;
    struct tg_slot slot;

    fake_memory_fail_after(0);
    assert_null(tg_generations_create(hub));
    assert_true(fake_memory_heal());
    fake_app_pack(&bundle, "x", files);
    assert_int_equal(tg_gateway_load(hub, &bundle, &gateway, &deploys->msg), TG_OK);
    tg_bundle_fini(&bundle);
    tg_slot_init(&slot, hub, &hub->row->tallies[5]);
    fake_memory_fail_after(0);
    assert_int_equal(tg_slot_set_candidate(&slot, gateway, 1), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    assert_null(slot.candidate);
    tg_gateway_destroy(gateway);
    tg_slot_fini(&slot);
}

/* --- how it does --- */

static void calls_are_tallied_by_client(void **state)
{
    struct fake_deploys *deploys = *state;
    const struct tg_tally *tally = fake_deploys_tally(deploys);
    const char *body = STATE "function events.bad() error('bad') end "
                             "function events.fine() end gateway.on_connect = function() end";
    uint32_t seats = 0;
    uint32_t failures = 0;
    uint32_t harmed = 0;

    fake_deploys_start(deploys, body);
    assert_int_equal(atomic_load(&tally->calls), 2);
    fake_deploys_go(deploys, "chat", 2, body);
    assert_int_equal(atomic_load(&tally->calls), 0);
    assert_int_equal(atomic_load(&tally->counter), 2);
    (void)ask(&deploys->alice, "bad", NULL);
    (void)ask(&deploys->alice, "fine", NULL);
    (void)ask(&deploys->bob, "fine", NULL);
    assert_int_equal(atomic_load(&tally->calls), 3);
    assert_int_equal(atomic_load(&tally->failures), 1);
    assert_int_equal(atomic_load(&tally->timeouts), 0);
    for (int i = 0; i < TG_TALLY_SEATS; i++) {
        seats += atomic_load(&tally->seats[i].address) != 0 ? 1 : 0;
        failures += atomic_load(&tally->seats[i].failures);
        harmed += atomic_load(&tally->seats[i].harmed) != 0 ? 1 : 0;
    }
    assert_int_equal(seats, 2);
    assert_int_equal(failures, 1);
    assert_int_equal(harmed, 1);
    tg_generations_measure(deploys->generations);
    assert_int_equal(atomic_load(&tally->clients), 2);
    assert_true(atomic_load(&tally->memory_bytes) > 10000);
    assert_int_equal(atomic_load(&tally->memory_limit), 64 << 20);
}

static void calls_of_the_old_generation_are_not_the_new_ones(void **state)
{
    struct fake_deploys *deploys = *state;
    const struct tg_tally *tally = fake_deploys_tally(deploys);
    const char *body = STATE "function events.late() tide.sleep(10) error('late') end";

    fake_deploys_start(deploys, body);
    fake_conn_say(&deploys->alice, "{\"event\":\"late\"}");
    fake_conn_say(&deploys->alice, "{\"event\":\"who\"}");
    fake_deploys_go(deploys, "chat", 2, body);
    wait(deploys, 20);
    assert_int_equal(atomic_load(&tally->calls), 1);
    assert_int_equal(atomic_load(&tally->failures), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_DEPLOYS_TEST(a_clients_table_moves_with_its_first_call),
        FAKE_DEPLOYS_TEST(a_suspended_call_has_its_table_to_its_end),
        FAKE_DEPLOYS_TEST(tables_of_the_silent_move_before_the_old_state_ends),
        FAKE_DEPLOYS_TEST(what_is_no_plain_data_is_left_out_by_its_key),
        FAKE_DEPLOYS_TEST(too_much_is_left_out_as_a_whole),
        FAKE_DEPLOYS_TEST(a_full_state_still_gives_its_tables),
        FAKE_DEPLOYS_TEST(what_is_saved_comes_at_the_switch),
        FAKE_DEPLOYS_TEST(it_waits_for_suspended_calls),
        FAKE_DEPLOYS_TEST(at_the_latest_it_comes_at_the_deadline),
        FAKE_DEPLOYS_TEST(several_hand_over_one_after_the_other),
        FAKE_DEPLOYS_TEST(a_failing_handover_is_a_breach),
        FAKE_DEPLOYS_TEST(timers_of_the_old_generation_never_ring),
        FAKE_DEPLOYS_TEST(they_go_on_when_it_comes_back),
        FAKE_DEPLOYS_TEST(the_kept_one_comes_back_as_it_was),
        FAKE_DEPLOYS_TEST(an_older_one_loaded_anew_is_a_way_back_too),
        FAKE_DEPLOYS_TEST(going_back_stops_what_was_to_be_handed_over),
        FAKE_DEPLOYS_TEST(what_is_not_proven_is_not_kept),
        FAKE_DEPLOYS_TEST(the_oldest_of_many_that_end_is_hurried),
        FAKE_DEPLOYS_TEST(a_removed_gateway_closes_its_clients),
        FAKE_DEPLOYS_TEST(a_removed_gateway_comes_back_while_it_ends),
        FAKE_DEPLOYS_TEST(its_suspended_calls_end_at_the_deadline),
        FAKE_DEPLOYS_TEST(without_memory_nothing_is_taken_over),
        FAKE_DEPLOYS_TEST(calls_are_tallied_by_client),
        FAKE_DEPLOYS_TEST(calls_of_the_old_generation_are_not_the_new_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
