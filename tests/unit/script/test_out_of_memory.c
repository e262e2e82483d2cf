/* SPDX-License-Identifier: MIT */
/* Memory ends at the nth allocation, for every n, of every kind of entry into a gateway's code: the
 * pushing of arguments, the taking of results and what the author's own code does included. None
 * may reach the panic, which ends the process, and the state goes on afterwards. */
#include "fake_app.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

enum { TRIES_MAX = 4000 };

static struct {
    long left; /* until the allocation that fails; 0: none does */
    bool is_for_good;
    bool has_failed;
} plan;

static void *on_resize(void *self, void *block, size_t old_size, size_t new_size)
{
    size_t held = block ? malloc_usable_size(block) : 0;

    if (plan.left > 0 && new_size > held && --plan.left == 0) {
        plan.has_failed = true;
        plan.left = plan.is_for_good ? 1 : 0;
        return NULL;
    }
    return tg_alloc_resize(self, block, old_size, new_size);
}

static const char EVENTS[] =
    "gateway.before = { function(client, event, data) return true end }\n"
    "gateway.raw = { raw = true }\n"
    "gateway.on_connect = function(client) client.state.x = { client.id } client:join('r') end\n"
    "gateway.on_disconnect = function(client, cause) local rooms = client:rooms() end\n"
    "gateway.on_error = function(client, event, err) return { event, tostring(err) } end\n"
    "gateway.on_binary = function(client, bytes) return bytes .. '' end\n"
    "gateway.save = function() return { list = { 1, 2 } } end\n"
    "gateway.restore = function(saved) saved.list[3] = 3 end\n"
    "function events.raw(client, text) client:send('raw', tide.json.raw(text)) return text end\n"
    "function events.fail() error({}) end\n"
    "function events.refuse() return nil, 'code', 'why' end\n"
    "function events.sleep(client) tide.sleep(5) client:send('woken', { client.tenant }) end\n"
    "function events.after(client) tide.after(5, function() tide.sleep(1) end) end\n"
    "function events.work(client, data) return { data, client.claims(), client.query, client.path, "
    "pcall(string.rep, 'x', 100), client.id:sub(2):upper():lower():reverse(), "
    "coroutine.wrap(function() return { 1 } end)() } end\n"
    "function events.ok() return 1 end\n";

static void say_all(struct fake_stage *stage)
{
    static const char *const messages[] = {
        "{\"event\":\"work\",\"id\":1,\"data\":{\"a\":[1,\"b\",null,true,{}]}}",
        "{\"event\":\"raw\",\"id\":2,\"data\":[1,2]}",
        "{\"event\":\"fail\",\"id\":3}",
        "{\"event\":\"refuse\",\"id\":4}",
        "{\"event\":\"after\",\"id\":5}",
        "{\"event\":\"sleep\",\"id\":6}",
    };

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        fake_conn_say(&stage->alice, messages[i]);
    }
    tg_client_receive(stage->bob.client, TG_OPCODE_BINARY, TG_STR("\1\2\3"));
}

/* One client comes, all that can be said is said, timers ring, the client goes. */
static void run_all(struct fake_stage *stage)
{
    static struct tg_conn carol;

    fake_app_connect(stage->app, &carol, stage->gateway, "acme", "{\"sub\":\"carol\"}");
    say_all(stage);
    for (int i = 0; i < 4; i++) {
        fake_app_advance(stage->app, 3);
    }
    fake_conn_lose(&carol);
}

static void take_frames(struct tg_conn *conn)
{
    while (conn->client->outbox.count > 0) {
        (void)fake_conn_take(conn);
    }
}

/* Whether an allocation was there to fail. */
static bool fail_once(struct fake_stage *stage, long n, bool is_for_good)
{
    /* What earlier tries left behind is no help to this one. */
    (void)lua_gc(((struct tg_vm *)stage->gateway->vm)->L, LUA_GCCOLLECT, 0);
    plan.has_failed = false;
    plan.is_for_good = is_for_good;
    plan.left = n;
    run_all(stage);
    plan.left = 0;
    plan.is_for_good = false;
    take_frames(&stage->alice);
    take_frames(&stage->bob);
    assert_true(tg_client_is_open(stage->alice.client));
    assert_int_equal(((struct tg_vm *)stage->gateway->vm)->suspended_count, 0);
    assert_string_equal(fake_conn_ask(&stage->alice, "ok", NULL), "{\"id\":1,\"data\":1}");
    assert_false(fake_app_logged(stage->app, " check "));
    return plan.has_failed;
}

static void fail_each(struct fake_stage *stage, bool is_for_good)
{
    long n = 1;

    fake_stage_start(stage, EVENTS);
    struct tg_vm *vm = stage->gateway->vm;
    lua_setallocf(vm->L, on_resize, &vm->alloc);
    uint32_t refs = 0;
    for (; n < TRIES_MAX && fail_once(stage, n, is_for_good); n++) {
        /* Nothing is kept from try to try. */
        refs = n == 10 ? vm->ref_count : refs;
    }
    assert_in_range(n, 40, TRIES_MAX - 1);
    assert_in_range(vm->ref_count, 1, refs + 2);
    assert_true(fake_app_counter(stage->app, TG_COUNT_SCRIPT_MEMORY) > 30);
}

static void one_failing_allocation_is_only_an_error(void **state)
{
    fail_each(*state, false);
}

static void memory_that_stays_away_is_only_an_error(void **state)
{
    fail_each(*state, true);
}

/* LuaJIT itself crashes when memory ends inside of lua_newstate, which takes less than the first
 * cap here. Each state hashes its strings by a seed of its own and so needs a little more or less:
 * between the first cap that suffices and one that surely does, either may come. */
static void a_gateway_that_has_no_memory_to_load_is_refused(void **state)
{
    struct fake_stage *stage = *state;
    static char text[8192];
    const char *files[] = {"gateway.lua", text, NULL};
    size_t enough = SIZE_MAX;
    int loaded = 0;
    int refused = 0;

    (void)snprintf(text, sizeof(text),
                   "local tide = require 'tidegate' local events = {} local gateway = { path = "
                   "'/chat', events = events } %s return gateway",
                   EVENTS);
    for (size_t limit = 40960; limit < 400000; limit += 512) {
        stage->app->config.script_memory = limit;
        int err = fake_app_try(stage->app, files);
        loaded += err == TG_OK;
        refused += err != TG_OK;
        enough = err == TG_OK && enough == SIZE_MAX ? limit + limit / 4 : enough;
        assert_true(err == TG_OK || strstr(stage->app->msg.text, "not enough memory") ||
                    strstr(stage->app->msg.text, "no memory"));
        assert_true(err == TG_OK || limit < enough);
    }
    assert_true(loaded > 10);
    assert_true(refused > 10);
}

/* The old state can't save, the fresh one can't restore: at every allocation. */
static void a_renewal_bears_it_too(void **state)
{
    struct fake_stage *stage = *state;
    uint64_t renewals = 0;

    fake_stage_start(stage, EVENTS);
    for (long n = 1; n < 200; n++) {
        struct tg_vm *vm = stage->gateway->vm;
        vm->renewed_ms = 0;
        lua_setallocf(vm->L, on_resize, &vm->alloc);
        (void)lua_gc(vm->L, LUA_GCCOLLECT, 0);
        vm->alloc.limit = vm->alloc.used;
        plan.left = n;
        tg_vm_out_of_memory(vm);
        fake_app_advance(stage->app, 1);
        plan.left = 0;
        struct tg_vm *fresh = stage->gateway->vm;
        if (fresh != vm) {
            renewals++;
        } else {
            vm->alloc.limit = stage->app->config.script_memory;
        }
        assert_string_equal(fake_conn_ask(&stage->alice, "ok", NULL), "{\"id\":1,\"data\":1}");
        assert_false(fake_app_logged(stage->app, " check "));
    }
    assert_true(renewals > 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(one_failing_allocation_is_only_an_error),
        FAKE_TEST(memory_that_stays_away_is_only_an_error),
        FAKE_TEST(a_gateway_that_has_no_memory_to_load_is_refused),
        FAKE_TEST(a_renewal_bears_it_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
