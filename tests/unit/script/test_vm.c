/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <lauxlib.h>

static int on_raise(lua_State *L)
{
    return luaL_error(L, "raised for %s", lua_touserdata(L, 1) ? "self" : "nobody");
}

static int on_answer(lua_State *L)
{
    *(int *)lua_touserdata(L, 1) = 42;
    lua_pushliteral(L, "left behind");
    return 1;
}

static void a_protected_call_catches_and_leaves_one_error(void **state)
{
    struct fake_stage *stage = *state;
    int answer = 0;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    int height = lua_gettop(vm->L);
    assert_int_equal(tg_vm_protect(vm, on_answer, &answer), 0);
    assert_int_equal(answer, 42);
    assert_int_equal(lua_gettop(vm->L), height);
    assert_int_equal(tg_vm_protect(vm, on_raise, &answer), LUA_ERRRUN);
    assert_string_equal(lua_tostring(vm->L, -1), "raised for self");
    lua_pop(vm->L, 1);
    assert_int_equal(lua_gettop(vm->L), height);
}

/* The share that tells a small state is met by changing its limit. */
static void the_collector_takes_its_time_with_a_small_state(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    const size_t limit = vm->alloc.limit;
    vm->alloc.limit = vm->alloc.used * 65;
    tg_vm_relieve(vm);
    assert_int_equal(lua_gc(vm->L, LUA_GCSETPAUSE, 400), 400);
    vm->alloc.limit = vm->alloc.used * 20;
    tg_vm_relieve(vm);
    assert_int_equal(lua_gc(vm->L, LUA_GCSETPAUSE, 400), 400);
    vm->alloc.limit = vm->alloc.used * 15;
    tg_vm_relieve(vm);
    assert_int_equal(lua_gc(vm->L, LUA_GCSETPAUSE, 200), 200);
    vm->alloc.limit = vm->alloc.used * 60;
    tg_vm_relieve(vm);
    assert_int_equal(lua_gc(vm->L, LUA_GCSETPAUSE, 200), 200);
    vm->alloc.limit = limit;
}

static void references_are_counted(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    uint32_t before = vm->ref_count;
    lua_pushliteral(vm->L, "kept");
    int ref = tg_vm_ref(vm->L);
    assert_true(ref > 0);
    assert_int_equal(vm->ref_count, before + 1);
    tg_vm_push_ref(vm->L, ref);
    assert_string_equal(lua_tostring(vm->L, -1), "kept");
    lua_pop(vm->L, 1);
    tg_vm_unref(vm->L, ref);
    tg_vm_unref(vm->L, 0);
    assert_int_equal(vm->ref_count, before);
}

static void every_coroutine_knows_its_vm(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    lua_State *thread = lua_newthread(vm->L);
    assert_ptr_equal(tg_vm_of(vm->L), vm);
    assert_ptr_equal(tg_vm_of(thread), vm);
    lua_pop(vm->L, 1);
}

static void garbage_near_the_cap_is_collected(void **state)
{
    struct fake_stage *stage = *state;

    stage->app->config.script_memory = 2 << 20;
    fake_stage_start(
        stage, "function events.go() local t = {} for i = 1, 1000 do t[i] = ('x'):rep(600) .. "
               "i end return #t end");
    /* Each call leaves 0.6 MiB of garbage. */
    for (int i = 0; i < 200; i++) {
        assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":1000}");
    }
}

static void a_state_gives_all_its_memory_back(void **state)
{
    struct fake_stage *stage = *state;

    /* tg_vm_destroy checks the count of references and of octets; the stage fails on its log. */
    fake_stage_start(stage, "local keep = {} function events.go(client) keep[#keep + 1] = client "
                            "tide.after(1e6, function() end) tide.sleep(1e6) end");
    (void)fake_conn_ask(&stage->alice, "go", NULL);
    (void)fake_conn_ask(&stage->bob, "go", NULL);
    assert_true(((struct tg_vm *)stage->gateway->vm)->ref_count > 0);
}

static uint32_t hook_count;

static void on_count(lua_State *L, lua_Debug *ar)
{
    (void)L;
    (void)ar;
    hook_count++;
}

static void the_jit_compiler_is_off(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage, "function events.go() local n = 0 for i = 1, 1e6 do n = n + i end return n end");
    struct tg_vm *vm = stage->gateway->vm;
    (void)lua_sethook(vm->L, on_count, LUA_MASKCOUNT, 1000);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":500000500000}");
    (void)lua_sethook(vm->L, NULL, 0, 0);
    /* A compiled loop does not call the hook. */
    assert_true(hook_count > 900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_protected_call_catches_and_leaves_one_error),
        FAKE_TEST(the_collector_takes_its_time_with_a_small_state),
        FAKE_TEST(references_are_counted),
        FAKE_TEST(every_coroutine_knows_its_vm),
        FAKE_TEST(garbage_near_the_cap_is_collected),
        FAKE_TEST(a_state_gives_all_its_memory_back),
        FAKE_TEST(the_jit_compiler_is_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
