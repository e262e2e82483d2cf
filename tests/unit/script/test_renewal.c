/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <string.h>

#include "script/renewal.h"

/* Fills the state until memory ends, keeps what it has, and says so. */
#define HOARD                                                                               \
    "local hoard = {} function events.hoard() local ok, err = pcall(function() "            \
    "while true do hoard[#hoard + 1] = ('x'):rep(4000) .. #hoard end end) return err end\n" \
    "function events.held() return #hoard end\n"

static void start(struct fake_stage *stage, const char *body)
{
    stage->app->config.script_memory = 4 << 20;
    fake_stage_start(stage, body);
}

static uint64_t count_of(const struct fake_stage *stage, uint32_t counter)
{
    return fake_app_counter(stage->app, counter);
}

static void fill(struct fake_stage *stage)
{
    assert_string_equal(fake_conn_ask(&stage->alice, "hoard", NULL),
                        "{\"id\":1,\"data\":\"not enough memory\"}");
}

static void a_full_state_is_replaced_by_a_fresh_one(void **state)
{
    struct fake_stage *stage = *state;

    start(stage, HOARD);
    void *before = stage->gateway->vm;
    fill(stage);
    assert_true(count_of(stage, TG_COUNT_SCRIPT_MEMORY) >= 1);
    assert_ptr_equal(stage->gateway->vm, before);
    fake_app_advance(stage->app, 1);
    assert_ptr_not_equal(stage->gateway->vm, before);
    assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_RENEWALS), 1);
    assert_true(fake_app_logged(stage->app, "\"a full state was replaced\""));
    assert_string_equal(fake_conn_ask(&stage->alice, "held", NULL), "{\"id\":1,\"data\":0}");
    assert_string_equal(fake_conn_ask(&stage->bob, "held", NULL), "{\"id\":1,\"data\":0}");
}

static void a_state_with_garbage_alone_stays(void **state)
{
    struct fake_stage *stage = *state;

    start(stage, "function events.go() local t = {} local ok, err = pcall(function() "
                 "while true do t[#t + 1] = ('x'):rep(4000) .. #t end end) return err end");
    void *before = stage->gateway->vm;
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":\"not enough memory\"}");
    fake_app_advance(stage->app, 20000);
    assert_ptr_equal(stage->gateway->vm, before);
    assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_RENEWALS), 0);
}

static void what_was_saved_and_the_clients_tables_come_over(void **state)
{
    struct fake_stage *stage = *state;

    start(stage, HOARD
          "local kept gateway.save = function() return { list = { 1, 2, 3 }, none = "
          "tide.json.null, empty = tide.json.array({}) } end\n"
          "gateway.restore = function(saved) kept = saved end\n"
          "function events.mark(client, data) client.state.mark = data client:join('r') end\n"
          "function events.kept(client) return { kept, client.state, client.id, client:rooms() } "
          "end");
    (void)fake_conn_ask(&stage->alice, "mark", "{\"deep\":[1,{\"a\":\"b\"}]}");
    (void)fake_conn_ask(&stage->bob, "kept", NULL);
    char id[TG_CLIENT_ID_BYTES];
    char expected[512];
    tg_client_id(stage->alice.client, id);
    fill(stage);
    fake_app_advance(stage->app, 1);
    const char *text = fake_conn_ask(&stage->alice, "kept", NULL);
    (void)snprintf(expected, sizeof(expected),
                   ",{\"mark\":{\"deep\":[1,{\"a\":\"b\"}]}},\"%s\",[\"r\"]]}", id);
    if (!strstr(text, expected) || !strstr(text, "\"list\":[1,2,3]") ||
        !strstr(text, "\"none\":null") || !strstr(text, "\"empty\":[]")) {
        fail_msg("%s %s", text, stage->app->log.at);
    }
    assert_true(strstr(fake_conn_ask(&stage->bob, "kept", NULL), "},{},\"") != NULL);
    assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_HANDOVER_LOST), 0);
}

/* A gateway's save or restore, or a table of alice's, that can't be carried over, and what the log
 * says of it. */
static const char *const lossy[][2] = {
    {"gateway.save = function() error('no') end gateway.restore = function() end", "save: "},
    {"gateway.save = function() return print end gateway.restore = function() end", "save: "},
    {"gateway.save = function() return ('x'):rep(1048576) end gateway.restore = function() end",
     "save: "},
    {"gateway.save = function() tide.sleep(1) end gateway.restore = function() end",
     "cannot suspend here"},
    {"gateway.save = function() return 1 end gateway.restore = function() error({}) end",
     "restore: (an error object that is a table value)"},
    {"gateway.save = function() return 1 end gateway.restore = function() tide.sleep(1) end",
     "restore: "},
    {"function events.mark(client) client.state.f = print end",
     "key=client.state.f why=\"a function"},
    {"function events.mark(client) client.state.me = client.state end", "key=client.state.me "},
    {"function events.mark(client) client.state[1] = 1 client.state.x = 1 end",
     "key=client.state[1] "},
    {"function events.mark(client) client.state.big = ('x'):rep(16384) end", "key=client.state "},
};

static void what_cannot_come_over_is_told_and_counted(void **state)
{
    for (size_t i = 0; i < sizeof(lossy) / sizeof(lossy[0]); i++) {
        struct fake_stage *stage = *state;
        char body[1024];
        (void)snprintf(body, sizeof(body), HOARD "function events.mark() end %s", lossy[i][0]);
        start(stage, body);
        (void)fake_conn_ask(&stage->alice, "mark", NULL);
        fill(stage);
        fake_app_advance(stage->app, 1);
        if (!fake_app_logged(stage->app, lossy[i][1])) {
            fail_msg("%s", lossy[i][0]);
        }
        assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_RENEWALS), 1);
        assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_HANDOVER_LOST), 1);
        assert_string_equal(fake_conn_ask(&stage->alice, "held", NULL), "{\"id\":1,\"data\":0}");
        assert_int_equal(fake_stage_tear_down(state), 0);
        assert_int_equal(fake_stage_set_up(state), 0);
    }
}

static void calls_in_flight_end_with_an_error(void **state)
{
    struct fake_stage *stage = *state;

    start(stage, HOARD "function events.sleep() tide.sleep(60000) return 1 end "
                       "function events.later() tide.after(50, function() "
                       "tide.broadcast('rang') end) end");
    (void)fake_conn_ask(&stage->alice, "later", NULL);
    fake_conn_say(&stage->bob, "{\"event\":\"sleep\",\"id\":7}");
    fake_conn_say(&stage->bob, "{\"event\":\"held\",\"id\":8}");
    assert_string_equal(fake_conn_take(&stage->bob), "");
    fill(stage);
    fake_app_advance(stage->app, 1);
    assert_string_equal(fake_conn_take(&stage->bob),
                        "{\"id\":7,\"error\":{\"code\":\"handler_error\",\"message\":\"the "
                        "handler failed\"}}");
    assert_string_equal(fake_conn_take(&stage->bob), "{\"id\":8,\"data\":0}");
    fake_app_advance(stage->app, 100000);
    assert_string_equal(fake_conn_take(&stage->bob), "");
    assert_int_equal(count_of(stage, TG_COUNT_HANDLER_ERRORS), 1);
}

static void hooks_in_flight_end_too(void **state)
{
    struct fake_stage *stage = *state;

    start(stage, HOARD "gateway.on_connect = function(client) if client.params.room and "
                       "client.claims() then tide.sleep(60000) end end "
                       "gateway.on_disconnect = function() tide.sleep(60000) end");
    struct tg_conn carol;
    struct tg_conn dave;
    fake_app_connect(stage->app, &carol, stage->gateway, NULL, "{\"sub\":\"carol\"}");
    fake_app_connect(stage->app, &dave, stage->gateway, NULL, NULL);
    tg_client_lost(dave.client);
    tg_hub_turn(&stage->app->hub);
    uint64_t seats = tg_page_seats(stage->app->page);
    fill(stage);
    fake_app_advance(stage->app, 1);
    /* on_connect failed, so carol is being closed; dave has left. */
    assert_false(tg_client_is_open(carol.client));
    assert_true(tg_page_seats(stage->app->page) < seats);
    fake_conn_lose(&carol);
    fake_app_advance(stage->app, 100000);
    fake_conn_lose(&stage->alice);
    fake_conn_lose(&stage->bob);
    fake_app_advance(stage->app, 100000);
}

static void it_comes_at_most_once_in_ten_seconds(void **state)
{
    struct fake_stage *stage = *state;

    start(stage, HOARD);
    for (uint64_t i = 1; i <= 3; i++) {
        fill(stage);
        fake_app_advance(stage->app, i == 1 ? 1 : 9000);
        assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_RENEWALS), i == 1 ? 1 : i - 1);
        fake_app_advance(stage->app, i == 1 ? 0 : 1000);
        assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_RENEWALS), i);
    }
}

static void a_fresh_state_that_does_not_load_changes_nothing(void **state)
{
    struct fake_stage *stage = *state;

    /* The room has a member only when the gateway is loaded again. */
    start(stage, HOARD "if #tide.room('r'):members() > 0 then error('not twice') end "
                       "function events.join(client) client:join('r') end "
                       "function events.drop() hoard = nil end");
    void *before = stage->gateway->vm;
    (void)fake_conn_ask(&stage->alice, "join", NULL);
    fill(stage);
    fake_app_advance(stage->app, 1);
    assert_true(fake_app_logged(stage->app, "\"a full state can't be replaced\""));
    assert_ptr_equal(stage->gateway->vm, before);
    fake_app_advance(stage->app, 10000);
    assert_true(fake_app_logged(stage->app, "not twice"));
    (void)fake_conn_ask(&stage->alice, "drop", NULL);
    fake_app_advance(stage->app, 10000);
    assert_false(fake_app_logged(stage->app, "not twice"));
    assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_RENEWALS), 0);
}

static void another_path_is_refused(void **state)
{
    struct fake_stage *stage = *state;

    start(stage, HOARD "if #tide.room('r'):members() > 0 then gateway.path = '/other' end "
                       "function events.join(client) client:join('r') end");
    void *before = stage->gateway->vm;
    (void)fake_conn_ask(&stage->alice, "join", NULL);
    fill(stage);
    fake_app_advance(stage->app, 1);
    assert_true(fake_app_logged(stage->app, "it has another path now: /other"));
    assert_ptr_equal(stage->gateway->vm, before);
}

static void clients_tables_do_not_fill_the_fresh_state(void **state)
{
    struct fake_stage *stage = *state;
    enum { MORE = 600 };
    static struct tg_conn crowd[MORE];

    /* Each client's own table is what fills the state: 8 KiB of it in each. */
    start(stage, HOARD "gateway.on_connect = function(client) client.state.x = ('x'):rep(8000) .. "
                       "client.id end");
    for (int i = 0; i < MORE; i++) {
        fake_app_connect(stage->app, &crowd[i], stage->gateway, NULL, NULL);
    }
    fake_app_advance(stage->app, 1);
    struct tg_vm *vm = stage->gateway->vm;
    assert_int_equal(count_of(stage, TG_COUNT_SCRIPT_RENEWALS), 1);
    assert_true(count_of(stage, TG_COUNT_SCRIPT_HANDOVER_LOST) > 0);
    assert_true(vm->alloc.used < vm->alloc.limit / 4 * 3);
    for (int i = 0; i < MORE; i++) {
        fake_conn_lose(&crowd[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_full_state_is_replaced_by_a_fresh_one),
        FAKE_TEST(a_state_with_garbage_alone_stays),
        FAKE_TEST(what_was_saved_and_the_clients_tables_come_over),
        FAKE_TEST(what_cannot_come_over_is_told_and_counted),
        FAKE_TEST(calls_in_flight_end_with_an_error),
        FAKE_TEST(hooks_in_flight_end_too),
        FAKE_TEST(it_comes_at_most_once_in_ten_seconds),
        FAKE_TEST(a_fresh_state_that_does_not_load_changes_nothing),
        FAKE_TEST(another_path_is_refused),
        FAKE_TEST(clients_tables_do_not_fill_the_fresh_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
