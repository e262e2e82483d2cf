/* SPDX-License-Identifier: MIT */
#include "script/question.h"

#include "fake_app.h"

#include <stdio.h>
#include <string.h>

enum { QUESTIONS_MAX = 8 };

/* Other workers, who say what the test says when the test says it. */
struct fixture {
    struct fake_stage stage;
    struct tg_bus bus;
    bool is_alone;
    int asked; /* what ask and publish return */
    struct tg_question questions[QUESTIONS_MAX];
    char rooms[QUESTIONS_MAX][64];
    char tenants[QUESTIONS_MAX][64]; /* "": none */
    bool is_open[QUESTIONS_MAX];
    uint32_t count;
    uint32_t cancelled;
    uint32_t published;
    char audience[128]; /* of the last publication: gateway/tenant/room */
};

static int on_publish(void *self, const struct tg_publication *publication)
{
    struct fixture *f = self;
    const struct tg_audience *to = &publication->audience;

    (void)snprintf(f->audience, sizeof(f->audience), "%.*s/%.*s/%.*s", TG_STR_ARGS(to->gateway),
                   TG_STR_ARGS(to->tenant), TG_STR_ARGS(to->room));
    f->published++;
    return f->asked < 0 ? f->asked : TG_OK;
}

static int on_ask(void *self, const struct tg_question *question, uint64_t *id)
{
    struct fixture *f = self;

    assert_false(f->is_alone);
    assert_true(f->count < QUESTIONS_MAX);
    assert_true(tg_str_is(question->audience.gateway, TG_STR("chat")));
    *id = f->count;
    if (f->asked <= 0) {
        return f->asked;
    }
    f->questions[f->count] = *question;
    (void)snprintf(f->rooms[f->count], sizeof(f->rooms[0]), "%.*s",
                   TG_STR_ARGS(question->audience.room));
    (void)snprintf(f->tenants[f->count], sizeof(f->tenants[0]), "%.*s",
                   TG_STR_ARGS(question->audience.tenant));
    f->is_open[f->count++] = true;
    return f->asked;
}

static void on_cancel(void *self, uint64_t id)
{
    struct fixture *f = self;

    assert_true(id < f->count);
    assert_true(f->is_open[id]);
    f->is_open[id] = false;
    f->cancelled++;
}

static bool is_alone(void *self)
{
    return ((struct fixture *)self)->is_alone;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->stage.app = fake_app_create(NULL);
    f->bus = (struct tg_bus){on_publish, on_ask, on_cancel, is_alone, f};
    f->asked = 2;
    f->stage.app->hub.bus = &f->bus;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->stage.alice.client) {
        fake_conn_lose(&f->stage.alice);
    }
    if (f->stage.bob.client) {
        fake_conn_lose(&f->stage.bob);
    }
    fake_app_destroy(f->stage.app);
    for (uint32_t i = 0; i < f->count; i++) {
        assert_false(f->is_open[i]);
    }
    free(f);
    return 0;
}

/* The other workers' answers to the i-th question: count members, their ids each ended by a NUL. */
static void answer(struct fixture *f, uint32_t i, uint64_t count, struct tg_str ids,
                   bool is_partial)
{
    struct tg_answers answers = {count, ids, is_partial};

    assert_true(f->is_open[i]);
    f->is_open[i] = false;
    f->questions[i].on_answers(f->questions[i].self, &answers);
    tg_hub_turn(&f->stage.app->hub);
}

static const char *const body =
    "gateway.on_connect = function(client) client:join('lobby') end "
    "function events.count() return { tide.room('lobby'):count() } end "
    "function events.members() local ids, why = tide.room('lobby'):members() "
    "table.sort(ids) return { #ids, ids[1], ids[2], ids[#ids], why } end "
    "function events.hi() return 'hi' end ";

static void a_count_is_our_members_and_theirs(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage, body);
    assert_string_equal(fake_conn_ask(&f->stage.alice, "count", NULL), "");
    assert_int_equal(f->count, 1);
    assert_int_equal(f->questions[0].kind, TG_QUESTION_COUNT);
    assert_string_equal(f->rooms[0], "lobby");
    assert_string_equal(f->tenants[0], "");
    answer(f, 0, 40, tg_str(NULL, 0), false);
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":[42]}");
    assert_int_equal(((struct tg_vm *)f->stage.gateway->vm)->suspended_count, 0);
}

static void members_are_ours_and_theirs(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage, body);
    assert_string_equal(fake_conn_ask(&f->stage.alice, "members", NULL), "");
    assert_int_equal(f->questions[0].kind, TG_QUESTION_MEMBERS);
    answer(f, 0, 3, TG_STR("!first\0!second\0~last\0"), false);
    assert_string_equal(fake_conn_take(&f->stage.alice),
                        "{\"id\":1,\"data\":[5,\"!first\",\"!second\",\"~last\"]}");
    assert_string_equal(fake_conn_ask(&f->stage.alice, "members", NULL), "");
    answer(f, 1, 0, tg_str(NULL, 0), false);
    assert_non_null(strstr(fake_conn_take(&f->stage.alice), "\"data\":[2,"));
}

static void the_question_is_about_the_callers_tenant(void **state)
{
    struct fixture *f = *state;

    f->stage.gateway = fake_app_script(f->stage.app, "chat", body);
    fake_app_connect(f->stage.app, &f->stage.alice, f->stage.gateway, "acme", NULL);
    fake_app_connect(f->stage.app, &f->stage.bob, f->stage.gateway, "globex", NULL);
    (void)fake_conn_ask(&f->stage.alice, "count", NULL);
    (void)fake_conn_ask(&f->stage.bob, "count", NULL);
    assert_string_equal(f->tenants[0], "acme");
    assert_string_equal(f->tenants[1], "globex");
    /* Answers may come in any order. */
    answer(f, 1, 10, tg_str(NULL, 0), false);
    answer(f, 0, 20, tg_str(NULL, 0), false);
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":[21]}");
    assert_string_equal(fake_conn_take(&f->stage.bob), "{\"id\":1,\"data\":[11]}");
}

static void what_is_missing_is_said(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage, body);
    (void)fake_conn_ask(&f->stage.alice, "count", NULL);
    (void)fake_conn_ask(&f->stage.bob, "members", NULL);
    answer(f, 0, 1, tg_str(NULL, 0), true);
    answer(f, 1, 1, TG_STR("~last\0"), true);
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":[3,\"partial\"]}");
    assert_non_null(strstr(fake_conn_take(&f->stage.bob), "\"~last\",\"partial\"]}"));
}

static void when_nobody_can_be_asked_our_own_part_is_the_result(void **state)
{
    static const int errors[] = {TG_ERR_UNAVAILABLE, TG_ERR_FULL, TG_ERR_NOMEM};
    struct fixture *f = *state;

    fake_stage_start(&f->stage, body);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        f->asked = errors[i];
        assert_string_equal(fake_conn_ask(&f->stage.alice, "count", NULL), "");
        fake_app_advance(f->stage.app, 1);
        assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":[2,\"partial\"]}");
    }
}

static void alone_nothing_suspends(void **state)
{
    struct fixture *f = *state;

    f->is_alone = true;
    f->stage.app->config.script_calls = 1;
    fake_stage_start(&f->stage, "local size = tide.room('lobby'):count() "
                                "gateway.on_connect = function(client) client:join('lobby') end "
                                "function events.sorted() local t = { 2, 1 } local n "
                                "table.sort(t, function(a, b) n = tide.room('lobby'):count() "
                                "return a < b end) return { size, n } end "
                                "function events.nap() tide.sleep(10) end "
                                "function events.count() return tide.room('lobby'):count() end");
    assert_string_equal(fake_conn_ask(&f->stage.alice, "sorted", NULL),
                        "{\"id\":1,\"data\":[0,2]}");
    (void)fake_conn_ask(&f->stage.bob, "nap", NULL);
    assert_string_equal(fake_conn_ask(&f->stage.alice, "count", NULL), "{\"id\":1,\"data\":2}");
    assert_int_equal(f->count, 0);
}

static void where_nothing_can_suspend_it_raises_and_asks_nobody(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage,
                     "local at_load = select(2, pcall(function() "
                     "local n = tide.room('lobby'):count() return n end)) "
                     "local function size() local t = tide.room('lobby'):members() return t end "
                     "function events.go() local ok, why, inner_ok, inner "
                     "table.sort({ 2, 1 }, function(a, b) ok, why = pcall(size) "
                     "local co = coroutine.create(size) inner_ok, inner = coroutine.resume(co) "
                     "return a < b end) return { at_load, ok, why, inner_ok, inner } end");
    const char *said = fake_conn_ask(&f->stage.alice, "go", NULL);
    assert_non_null(strstr(said, "gateway.lua:1: cannot suspend here\",false,\"gateway"));
    assert_non_null(strstr(said, "cannot suspend here\"]}"));
    assert_int_equal(f->count, 0);
}

static void it_works_in_the_authors_coroutines(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage, "function events.go() local co = coroutine.wrap(function() "
                                "return tide.room('a'):count() + tide.room('b'):count() end) "
                                "return { pcall(co) } end");
    (void)fake_conn_ask(&f->stage.alice, "go", NULL);
    answer(f, 0, 3, tg_str(NULL, 0), false);
    assert_string_equal(f->rooms[1], "b");
    answer(f, 1, 4, tg_str(NULL, 0), false);
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":[true,7]}");
}

static void what_is_no_room_raises(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage, "function events.go(client) local r = tide.room('a') "
                                "return { select(2, pcall(function() r.count(5) end)), "
                                "(pcall(r.members)), (pcall(r.count, client)) } end");
    assert_non_null(strstr(fake_conn_ask(&f->stage.alice, "go", NULL),
                           "gateway.lua:1: bad self (room expected, got number)\",false,false]"));
    assert_int_equal(f->count, 0);
}

static void questions_count_as_suspended_calls(void **state)
{
    struct fixture *f = *state;

    f->stage.app->config.script_calls = 1;
    fake_stage_start(&f->stage, "function events.count() return { pcall(function() "
                                "return tide.room('lobby'):count() end) } end");
    (void)fake_conn_ask(&f->stage.alice, "count", NULL);
    assert_non_null(strstr(fake_conn_ask(&f->stage.bob, "count", NULL),
                           "too many suspended calls: limits.script_calls is 1"));
    answer(f, 0, 0, tg_str(NULL, 0), false);
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":[true,0]}");
}

static void one_clients_messages_wait_and_the_others_go_on(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage, body);
    (void)fake_conn_ask(&f->stage.alice, "count", NULL);
    assert_string_equal(fake_conn_ask(&f->stage.alice, "hi", NULL), "");
    assert_string_equal(fake_conn_ask(&f->stage.bob, "hi", NULL), "{\"id\":1,\"data\":\"hi\"}");
    answer(f, 0, 0, tg_str(NULL, 0), false);
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":[2]}");
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":\"hi\"}");
}

static void a_client_may_go_while_it_waits(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage,
                     "gateway.on_connect = function(client) client:join('lobby') end "
                     "gateway.on_disconnect = function() tide.log.info('gone') end "
                     "function events.count(client) local n = tide.room('lobby'):count() "
                     "tide.log.info('counted', { n = n, said = select(2, client:send('x')) }) end");
    (void)fake_conn_ask(&f->stage.alice, "count", NULL);
    fake_conn_lose(&f->stage.alice);
    assert_false(fake_app_logged(f->stage.app, "\"gone\""));
    answer(f, 0, 7, tg_str(NULL, 0), false);
    tg_buf_add_char(&f->stage.app->log, '\0');
    const char *counted = strstr(f->stage.app->log.at, "n=9 said=closed \"counted\"");
    assert_non_null(counted);
    assert_non_null(strstr(counted, "\"gone\""));
}

static void a_client_may_be_closed_while_it_waits(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage, body);
    (void)fake_conn_ask(&f->stage.alice, "count", NULL);
    tg_client_close(f->stage.alice.client, TG_CLOSE_DRAIN);
    tg_hub_turn(&f->stage.app->hub);
    answer(f, 0, 1, tg_str(NULL, 0), false);
    assert_false(tg_client_is_open(f->stage.alice.client));
    assert_int_equal(fake_app_counter(f->stage.app, TG_COUNT_HANDLER_ERRORS), 0);
}

static void a_state_that_ends_cancels_what_it_asked(void **state)
{
    struct fixture *f = *state;

    fake_stage_start(&f->stage, body);
    (void)fake_conn_ask(&f->stage.alice, "count", NULL);
    (void)fake_conn_ask(&f->stage.bob, "members", NULL);
    /* tear_down ends the clients, whose handlers still wait, and the state; it looks at what is
     * left open. */
    fake_conn_lose(&f->stage.alice);
    fake_conn_lose(&f->stage.bob);
    assert_int_equal(f->cancelled, 0);
    tg_hub_fini(&f->stage.app->hub);
    assert_int_equal(f->cancelled, 2);
}

static void timers_ask_for_the_tenant_of_who_set_them(void **state)
{
    struct fixture *f = *state;

    f->stage.gateway = fake_app_script(f->stage.app, "chat",
                                       "function events.go(client) tide.after(5, function() "
                                       "client:send('n', tide.room('r'):count()) end) end");
    fake_app_connect(f->stage.app, &f->stage.alice, f->stage.gateway, "acme", NULL);
    fake_conn_say(&f->stage.alice, "{\"event\":\"go\"}");
    fake_app_advance(f->stage.app, 5);
    assert_string_equal(f->tenants[0], "acme");
    answer(f, 0, 3, tg_str(NULL, 0), false);
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"event\":\"n\",\"data\":3}");
}

static void members_past_the_states_memory_raise_and_leave_it_usable(void **state)
{
    struct fixture *f = *state;
    struct tg_buf ids;
    uint64_t count = 60000;
    struct tg_vm *vm;

    tg_buf_init(&ids, 8 << 20);
    for (uint64_t i = 0; i < count; i++) {
        char id[32];
        (void)snprintf(id, sizeof(id), "%016x-%08x", (unsigned)i, 7U);
        tg_buf_add(&ids, id, strlen(id) + 1);
    }
    assert_int_equal(ids.err, TG_OK);
    fake_stage_start(&f->stage, "function events.go() local ok, why = pcall(function() "
                                "return tide.room('r'):members() end) "
                                "return { ok, type(why), ok and #why or why } end "
                                "function events.hi() return 'hi' end");
    vm = f->stage.gateway->vm;
    (void)fake_conn_ask(&f->stage.alice, "go", NULL);
    vm->alloc.limit = vm->alloc.used + (1 << 20);
    answer(f, 0, count, tg_buf_str(&ids), false);
    assert_non_null(strstr(fake_conn_take(&f->stage.alice), "[false,\"string\","));
    assert_string_equal(fake_conn_ask(&f->stage.alice, "hi", NULL), "{\"id\":1,\"data\":\"hi\"}");
    vm->alloc.limit = 64 << 20;
    (void)fake_conn_ask(&f->stage.alice, "go", NULL);
    answer(f, 1, count, tg_buf_str(&ids), false);
    assert_string_equal(fake_conn_take(&f->stage.alice),
                        "{\"id\":1,\"data\":[true,\"table\",60000]}");
    tg_buf_fini(&ids);
}

static void what_is_published_goes_to_the_others_too(void **state)
{
    struct fixture *f = *state;

    f->stage.gateway =
        fake_app_script(f->stage.app, "chat",
                        "gateway.on_connect = function(client) client:join('lobby') end "
                        "function events.emit(client) return { tide.room('lobby'):emit('e', 1, { "
                        "except = client }) "
                        "} end function events.all() return { tide.broadcast('e', 1) } end "
                        "function events.mine(client) return { client:broadcast('e', 1, { except = "
                        "client }) } end");
    fake_app_connect(f->stage.app, &f->stage.alice, f->stage.gateway, "acme", NULL);
    fake_app_connect(f->stage.app, &f->stage.bob, f->stage.gateway, "acme", NULL);
    assert_string_equal(fake_conn_ask(&f->stage.alice, "emit", NULL), "{\"id\":1,\"data\":[true]}");
    assert_string_equal(f->audience, "chat/acme/lobby");
    assert_string_equal(fake_conn_ask(&f->stage.alice, "mine", NULL), "{\"id\":1,\"data\":[true]}");
    assert_string_equal(f->audience, "chat/acme/");
    assert_string_equal(fake_conn_ask(&f->stage.alice, "all", NULL),
                        "{\"event\":\"e\",\"data\":1}");
    assert_string_equal(fake_conn_take(&f->stage.alice), "{\"id\":1,\"data\":[true]}");
    assert_string_equal(f->audience, "chat/acme/");
    assert_int_equal(f->published, 3);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(fake_conn_take(&f->stage.bob), "{\"event\":\"e\",\"data\":1}");
    }
}

static void what_the_others_have_no_room_for_reaches_nobody(void **state)
{
    static const struct {
        int err;
        const char *said;
    } rows[] = {{TG_ERR_UNAVAILABLE, "{\"id\":1,\"data\":[\"unavailable\",\"unavailable\","
                                     "\"unavailable\"]}"},
                {TG_ERR_TOO_LARGE, "{\"id\":1,\"data\":[\"too_large\",\"too_large\","
                                   "\"too_large\"]}"}};
    struct fixture *f = *state;

    fake_stage_start(&f->stage,
                     "gateway.on_connect = function(client) client:join('lobby') end "
                     "local function why(ok, word) return ok == nil and word end "
                     "function events.go(client) return { why(tide.room('lobby'):emit('e')), "
                     "why(tide.broadcast('e')), why(client:broadcast('e')) } end");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        f->asked = rows[i].err;
        assert_string_equal(fake_conn_ask(&f->stage.alice, "go", NULL), rows[i].said);
        assert_string_equal(fake_conn_take(&f->stage.alice), "");
        assert_string_equal(fake_conn_take(&f->stage.bob), "");
    }
    assert_int_equal(fake_app_counter(f->stage.app, TG_COUNT_PUBLICATIONS_UNAVAILABLE), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_count_is_our_members_and_theirs),
        TEST(members_are_ours_and_theirs),
        TEST(the_question_is_about_the_callers_tenant),
        TEST(what_is_missing_is_said),
        TEST(when_nobody_can_be_asked_our_own_part_is_the_result),
        TEST(alone_nothing_suspends),
        TEST(where_nothing_can_suspend_it_raises_and_asks_nobody),
        TEST(it_works_in_the_authors_coroutines),
        TEST(what_is_no_room_raises),
        TEST(questions_count_as_suspended_calls),
        TEST(one_clients_messages_wait_and_the_others_go_on),
        TEST(a_client_may_go_while_it_waits),
        TEST(a_client_may_be_closed_while_it_waits),
        TEST(a_state_that_ends_cancels_what_it_asked),
        TEST(timers_ask_for_the_tenant_of_who_set_them),
        TEST(members_past_the_states_memory_raise_and_leave_it_usable),
        TEST(what_is_published_goes_to_the_others_too),
        TEST(what_the_others_have_no_room_for_reaches_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
