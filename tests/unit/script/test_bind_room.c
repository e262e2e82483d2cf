/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <string.h>

static const char *const body =
    "gateway.on_connect = function(client) client:join('lobby') end "
    "function events.say(client, data) return (tide.room('lobby'):emit('said', data)) end "
    "function events.others(client) return (tide.room('lobby'):emit('said', 1, { except = client "
    "})) end "
    "function events.count() return { tide.room('lobby'):count(), tide.room('none'):count() } end "
    "function events.members(client) local found = false for _, id in ipairs(tide.room('lobby')"
    ":members()) do found = found or id == client.id end return { found, "
    "#tide.room('lobby'):members(), "
    "#tide.room('none'):members() } end "
    "function events.name() return tide.room('lobby').name end "
    "function events.all() return (tide.broadcast('news', 5)) end ";

static void an_emit_reaches_the_callers_tenant(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_conn eve;

    stage->gateway = fake_app_script(stage->app, "chat", body);
    fake_app_connect(stage->app, &stage->alice, stage->gateway, "acme", NULL);
    fake_app_connect(stage->app, &stage->bob, stage->gateway, "acme", NULL);
    fake_app_connect(stage->app, &eve, stage->gateway, NULL, NULL);
    fake_conn_say(&stage->alice, "{\"event\":\"say\",\"data\":\"hi\"}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"said\",\"data\":\"hi\"}");
    assert_string_equal(fake_conn_take(&stage->bob), "{\"event\":\"said\",\"data\":\"hi\"}");
    assert_string_equal(fake_conn_take(&eve), "");
    assert_string_equal(fake_conn_ask(&eve, "count", NULL), "{\"id\":1,\"data\":[1,0]}");
    assert_string_equal(fake_conn_ask(&stage->alice, "count", NULL), "{\"id\":1,\"data\":[2,0]}");
    fake_conn_lose(&eve);
}

static void except_leaves_one_out(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, body);
    assert_string_equal(fake_conn_ask(&stage->alice, "others", NULL), "{\"id\":1,\"data\":true}");
    assert_string_equal(fake_conn_take(&stage->bob), "{\"event\":\"said\",\"data\":1}");
}

static void members_are_told_by_id(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, body);
    assert_string_equal(fake_conn_ask(&stage->alice, "members", NULL),
                        "{\"id\":1,\"data\":[true,2,0]}");
    assert_string_equal(fake_conn_ask(&stage->alice, "name", NULL),
                        "{\"id\":1,\"data\":\"lobby\"}");
}

static void broadcast_reaches_everyone_in_the_tenant(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, body);
    fake_conn_say(&stage->alice, "{\"event\":\"all\"}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"news\",\"data\":5}");
    assert_string_equal(fake_conn_take(&stage->bob), "{\"event\":\"news\",\"data\":5}");
}

static void without_a_caller_it_is_clients_without_tenant(void **state)
{
    struct fake_stage *stage = *state;

    stage->gateway = fake_app_script(stage->app, "chat",
                                     "gateway.on_connect = function(client) client:join('r') end "
                                     "tide.after(5, function() tide.room('r'):emit('tick') "
                                     "tide.broadcast('tock') end)");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
    fake_app_connect(stage->app, &stage->bob, stage->gateway, "acme", NULL);
    fake_app_advance(stage->app, 5);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"tick\",\"data\":null}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"tock\",\"data\":null}");
    assert_string_equal(fake_conn_take(&stage->bob), "");
}

static void a_gateways_rooms_are_its_own(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_gateway *other;

    stage->gateway = fake_app_script(stage->app, "chat", body);
    other = fake_app_script(stage->app, "other", body);
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
    fake_app_connect(stage->app, &stage->bob, other, NULL, NULL);
    fake_conn_say(&stage->alice, "{\"event\":\"say\",\"data\":1}");
    fake_conn_say(&stage->alice, "{\"event\":\"all\"}");
    assert_string_equal(fake_conn_take(&stage->bob), "");
}

static void a_name_that_can_have_no_members_reaches_nobody(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() local r = tide.room(('x'):rep(128)) "
                            "return { (r:emit('e')), r:count(), #r.name, (pcall(tide.room)), "
                            "(pcall(tide.room, 5)), (pcall(tide.room, '')), "
                            "(pcall(tide.room, ('x'):rep(129))) } end");
    const char *text = fake_conn_ask(&stage->alice, "go", NULL);
    assert_non_null(strstr(text, "[true,0,128,false,false,false,false]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(an_emit_reaches_the_callers_tenant),
        FAKE_TEST(except_leaves_one_out),
        FAKE_TEST(members_are_told_by_id),
        FAKE_TEST(broadcast_reaches_everyone_in_the_tenant),
        FAKE_TEST(without_a_caller_it_is_clients_without_tenant),
        FAKE_TEST(a_gateways_rooms_are_its_own),
        FAKE_TEST(a_name_that_can_have_no_members_reaches_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
