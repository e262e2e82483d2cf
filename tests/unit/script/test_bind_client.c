/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <string.h>

#include "hub/provenance.h"
#include "hub/tenants.h"

static const char *const claims =
    "{\"sub\":\"alice\",\"roles\":[\"a\",\"b\"],\"n\\u0061me\":\"Alice\",\"none\":null}";

static void the_handle_tells_what_the_handshake_said(void **state)
{
    struct fake_stage *stage = *state;

    stage->gateway = fake_app_script(
        stage->app, "chat",
        "function events.all(client) local c = client return { c.path, c.params, c.query.a, "
        "c.query.b, "
        "c.address, c.connected_at, c.tenant.id, c.tenant.name, #c.trace_id, #c.id > 0, "
        "c.nothing == nil } end");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, "acme", NULL);
    assert_string_equal(fake_conn_ask(&stage->alice, "all", NULL),
                        "{\"id\":1,\"data\":[\"/chat\",{\"room\":\"blue\"},\"1\",\"x y z\","
                        "\"192.0.2.7\",1700000000000,\"acme\",\"acme\",32,true,true]}");
}

static void claims_are_fresh_copies(void **state)
{
    struct fake_stage *stage = *state;

    stage->gateway = fake_app_script(
        stage->app, "chat",
        "function events.all(client) local a = client.claims() a.sub = 'mallory' a.roles[1] = "
        "'root' "
        "local b = client:claims() client.tenant.id = 'other' client.params.room = 'x' "
        "return { b.sub, b.roles, client:claim('sub'), client:claim('name'), "
        "client:claim('roles'), "
        "client:claim('no') == nil, client:claim('none') == tide.json.null, client.tenant.id, "
        "client.params.room } end");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, "acme", claims);
    assert_string_equal(
        fake_conn_ask(&stage->alice, "all", NULL),
        "{\"id\":1,\"data\":[\"alice\",[\"a\",\"b\"],\"alice\",\"Alice\",[\"a\",\"b\"],"
        "true,true,\"acme\",\"blue\"]}");
}

static void claims_are_the_new_ones_after_a_refresh(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_token token = {.claims = "{\"sub\":\"alice\",\"role\":\"admin\"}"};

    stage->gateway = fake_app_script(stage->app, "chat",
                                     "function events.role(client) "
                                     "return { client:claim('role') or 'none', "
                                     "client.claims().role or 'none' } end");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, "acme", "{\"sub\":\"alice\"}");
    assert_string_equal(fake_conn_ask(&stage->alice, "role", NULL),
                        "{\"id\":1,\"data\":[\"none\",\"none\"]}");
    tg_provenance_set_token(stage->alice.client->provenance, &token);
    assert_string_equal(fake_conn_ask(&stage->alice, "role", NULL),
                        "{\"id\":1,\"data\":[\"admin\",\"admin\"]}");
}

static void a_tenants_name_is_that_of_the_registry(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_errmsg msg;

    stage->gateway = fake_app_script(stage->app, "chat",
                                     "function events.name(client) return client.tenant.name end");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, "acme", NULL);
    assert_string_equal(fake_conn_ask(&stage->alice, "name", NULL), "{\"id\":1,\"data\":\"acme\"}");
    assert_int_equal(
        tg_hub_set_tenants(&stage->app->hub, TG_STR("acme\tactive\tAcme & Sons\n"), &msg), TG_OK);
    fake_app_advance(stage->app, 1);
    assert_string_equal(fake_conn_ask(&stage->alice, "name", NULL),
                        "{\"id\":1,\"data\":\"Acme & Sons\"}");
}

static void an_anonymous_client_has_no_claims(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.all(client) return { client.claims() == nil, "
                     "client:claims() == nil, client:claim('sub') == nil, client.tenant == nil } "
                     "end");
    assert_string_equal(fake_conn_ask(&stage->alice, "all", NULL),
                        "{\"id\":1,\"data\":[true,true,true,true]}");
}

static void state_is_the_authors_table_of_this_client(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage,
        "function events.count(client) local s = client.state s.n = (s.n or 0) + 1 return s.n end "
        "function events.set(client) client.state = { n = 40 } return client.state.n end "
        "function events.bad(client) return { pcall(function() client.state = 5 end), "
        "pcall(function() client.id = 'x' end), pcall(function() client.other = {} end) } end");
    assert_string_equal(fake_conn_ask(&stage->alice, "count", NULL), "{\"id\":1,\"data\":1}");
    assert_string_equal(fake_conn_ask(&stage->alice, "count", NULL), "{\"id\":1,\"data\":2}");
    assert_string_equal(fake_conn_ask(&stage->bob, "count", NULL), "{\"id\":1,\"data\":1}");
    assert_string_equal(fake_conn_ask(&stage->alice, "set", NULL), "{\"id\":1,\"data\":40}");
    assert_string_equal(fake_conn_ask(&stage->alice, "count", NULL), "{\"id\":1,\"data\":41}");
    (void)fake_conn_ask(&stage->alice, "bad", NULL);
    assert_string_equal(fake_conn_ask(&stage->alice, "count", NULL), "{\"id\":1,\"data\":42}");
}

static void send_queues_an_event(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go(client) return { client:send('a', { x = 1 }), "
                            "client:send('b'), client:send('c', tide.json.null) } end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"event\":\"a\",\"data\":{\"x\":1}}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"b\",\"data\":null}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"c\",\"data\":null}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":1,\"data\":[true,true,true]}");
}

static void misuse_raises(void **state)
{
    struct fake_stage *stage = *state;
    static const char *const calls[] = {
        "client:send()",
        "client:send(5, 1)",
        "client:send('', 1)",
        "client:send(('x'):rep(129), 1)",
        "client:send('\\255', 1)",
        "client:send('e', print)",
        "client:send('e', { [1.5] = 1 })",
        "client:send('e', 0 / 0)",
        "client:send('e', '\\255')",
        "client:send_text('\\255')",
        "client:send_text({})",
        "client:send_binary(5)",
        "client:close('x')",
        "client:close(1005)",
        "client:close(1000.5)",
        "client:close(1e99)",
        "client:close(1000, 5)",
        "client:close(1000, '\\255')",
        "client:join()",
        "client:join({})",
        "client:leave(1)",
        "client:broadcast('e', 1, 5)",
        "client:broadcast('e', 1, { except = 5 })",
        "client:broadcast('e', 1, { exept = client })",
        "client:claim()",
        "client.send('e')",
    };
    enum { COUNT = sizeof(calls) / sizeof(calls[0]) };
    static char body[8192];
    size_t length = 0;

    for (int i = 0; i < COUNT; i++) {
        length += (size_t)snprintf(
            body + length, sizeof(body) - length,
            "events.e%d = function(client) return (pcall(function() %s end)) end ", i, calls[i]);
        assert_true(length < sizeof(body));
    }
    fake_stage_start(stage, body);
    for (int i = 0; i < COUNT; i++) {
        char event[16];
        (void)snprintf(event, sizeof(event), "e%d", i);
        if (strcmp(fake_conn_ask(&stage->alice, event, NULL), "{\"id\":1,\"data\":false}") != 0) {
            fail_msg("did not raise: %s", calls[i]);
        }
    }
}

static void what_is_too_large_is_a_result(void **state)
{
    struct fake_stage *stage = *state;

    stage->app->config.outbound_bytes = 2000;
    fake_stage_start(stage, "local big = ('x'):rep(3000) function events.go(client) "
                            "return { (select(2, client:send('e', big))), "
                            "(select(2, client:send_text(big))), "
                            "(select(2, client:send_binary(big))), "
                            "(select(2, client:broadcast('e', big))) } end");
    assert_string_equal(
        fake_conn_ask(&stage->alice, "go", NULL),
        "{\"id\":1,\"data\":[\"too_large\",\"too_large\",\"too_large\",\"too_large\"]}");
}

static void a_full_queue_evicts(void **state)
{
    struct fake_stage *stage = *state;

    stage->app->config.outbound_messages = 2;
    fake_stage_start(stage, "local results = {} function events.go(client) for i = 1, 4 do "
                            "local ok, why = client:send('e', i) results[i] = why or ok end end "
                            "function events.results() return results end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_int_equal(stage->alice.client->cause, TG_CLOSE_SLOW_CLIENT);
    assert_string_equal(fake_conn_ask(&stage->bob, "results", NULL),
                        "{\"id\":1,\"data\":[true,true,\"evicted\",\"closed\"]}");
}

static void after_the_end_nothing_raises_and_nothing_is_reached(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage,
        "local kept function events.keep(client) kept = client client:join('r') client.state.x = 7 "
        "end "
        "function events.use() local c = kept return { (select(2, c:send('e', 1))), "
        "(select(2, c:send_text('x'))), (select(2, c:close())), (select(2, c:join('r'))), "
        "(select(2, c:leave('r'))), tide.json.array(c:rooms()), { c:queued() }, c.path, c.state.x, "
        "#c.id > 0, c.claims() == nil, (c:broadcast('bye', 1)) } end");
    fake_conn_say(&stage->alice, "{\"event\":\"keep\"}");
    fake_conn_lose(&stage->alice);
    /* The slot is used again by somebody else, whom the old handle must not reach. */
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
    fake_conn_say(&stage->bob, "{\"event\":\"use\",\"id\":1}");
    assert_string_equal(fake_conn_take(&stage->bob), "{\"event\":\"bye\",\"data\":1}");
    assert_string_equal(
        fake_conn_take(&stage->bob),
        "{\"id\":1,\"data\":[\"closed\",\"closed\",\"closed\",\"closed\",\"closed\",[],"
        "[0,0],\"/chat\",7,true,true,true]}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"bye\",\"data\":1}");
    assert_string_equal(fake_conn_take(&stage->alice), "");
}

static void rooms_are_joined_listed_and_left(void **state)
{
    struct fake_stage *stage = *state;

    stage->app->config.rooms_per_client = 2;
    fake_stage_start(
        stage, "function events.go(client) local r = {} local function add(ok, why) r[#r + 1] = "
               "why or ok end add(client:join('a')) add(client:join('a')) add(client:join('b')) "
               "add(client:join('c')) add(client:join('')) add(client:join(('x'):rep(129))) "
               "r[#r + 1] = client:rooms() add(client:leave('a')) add(client:leave('a')) "
               "r[#r + 1] = client:rooms() return r end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":[true,true,true,\"full\",\"invalid\",\"invalid\","
                        "[\"a\",\"b\"],true,\"not_found\",[\"b\"]]}");
}

static void broadcast_reaches_the_tenant_on_this_gateway(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_conn eve;

    stage->gateway = fake_app_script(
        stage->app, "chat",
        "function events.all(client) client:broadcast('x', 1) end "
        "function events.others(client) client:broadcast('y', 2, { except = client }) "
        "end");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, "acme", NULL);
    fake_app_connect(stage->app, &stage->bob, stage->gateway, "acme", NULL);
    fake_app_connect(stage->app, &eve, stage->gateway, "globex", NULL);
    fake_conn_say(&stage->alice, "{\"event\":\"all\"}");
    fake_conn_say(&stage->alice, "{\"event\":\"others\"}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"x\",\"data\":1}");
    assert_string_equal(fake_conn_take(&stage->alice), "");
    assert_string_equal(fake_conn_take(&stage->bob), "{\"event\":\"x\",\"data\":1}");
    assert_string_equal(fake_conn_take(&stage->bob), "{\"event\":\"y\",\"data\":2}");
    assert_string_equal(fake_conn_take(&eve), "");
    fake_conn_lose(&eve);
}

static void queued_tells_messages_and_bytes(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go(client) client:send('e', 1) "
                            "return { client:queued() } end");
    (void)fake_conn_ask(&stage->alice, "go", NULL);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":1,\"data\":[1,24]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(the_handle_tells_what_the_handshake_said),
        FAKE_TEST(claims_are_fresh_copies),
        FAKE_TEST(claims_are_the_new_ones_after_a_refresh),
        FAKE_TEST(a_tenants_name_is_that_of_the_registry),
        FAKE_TEST(an_anonymous_client_has_no_claims),
        FAKE_TEST(state_is_the_authors_table_of_this_client),
        FAKE_TEST(send_queues_an_event),
        FAKE_TEST(misuse_raises),
        FAKE_TEST(what_is_too_large_is_a_result),
        FAKE_TEST(a_full_queue_evicts),
        FAKE_TEST(after_the_end_nothing_raises_and_nothing_is_reached),
        FAKE_TEST(rooms_are_joined_listed_and_left),
        FAKE_TEST(broadcast_reaches_the_tenant_on_this_gateway),
        FAKE_TEST(queued_tells_messages_and_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
