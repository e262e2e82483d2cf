/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <lauxlib.h>

#include "script/stop.h"

static int poll(lua_State *L)
{
    tg_stop_poll(L);
    lua_pushboolean(L, 1);
    return 1;
}

/* The status of a native that polls. */
static int call_poll(struct tg_vm *vm)
{
    lua_pushcfunction(vm->L, poll);
    int status = lua_pcall(vm->L, 0, 1, 0);
    if (status) {
        assert_string_equal(lua_tostring(vm->L, -1), TG_STOP_TEXT);
    }
    lua_pop(vm->L, 1);
    return status;
}

static void a_native_ends_when_the_flag_is_up(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    assert_false(tg_stop_is_set(vm));
    assert_int_equal(call_poll(vm), 0);
    atomic_store(&vm->is_stopped, true);
    assert_true(tg_stop_is_set(vm));
    assert_int_equal(call_poll(vm), LUA_ERRRUN);
    atomic_store(&vm->is_stopped, false);
    assert_int_equal(call_poll(vm), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_native_ends_when_the_flag_is_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
