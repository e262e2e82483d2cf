/* SPDX-License-Identifier: MIT */
#include "script/coroutine.h"

#include "fake_app.h"

static void one_that_ended_well_is_used_again(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.ok() return 1 end function events.bad() error('x') end");
    const struct tg_vm *vm = stage->gateway->vm;
    for (int i = 0; i < 100; i++) {
        (void)fake_conn_ask(&stage->alice, "ok", NULL);
        assert_int_equal(vm->idle_count, 1);
    }
    (void)fake_conn_ask(&stage->alice, "bad", NULL);
    assert_int_equal(vm->idle_count, 0);
    (void)fake_conn_ask(&stage->alice, "ok", NULL);
    assert_int_equal(vm->idle_count, 1);
}

static void the_pool_is_bounded(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() for i = 1, 200 do tide.after(1, function() "
                            "tide.sleep(5) end) end end");
    const struct tg_vm *vm = stage->gateway->vm;
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    fake_app_advance(stage->app, 1);
    assert_int_equal(vm->suspended_count, 200);
    assert_int_equal(vm->idle_count, 0);
    fake_app_advance(stage->app, 10);
    assert_int_equal(vm->suspended_count, 0);
    assert_int_equal(vm->idle_count, 64);
}

static void the_one_used_last_comes_first(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    struct tg_coroutine *a = tg_coroutine_take(vm);
    struct tg_coroutine *b = tg_coroutine_take(vm);
    assert_true(a && b && a != b && a->L != b->L);
    tg_coroutine_give(a);
    tg_coroutine_give(b);
    assert_int_equal(vm->idle_count, 2);
    assert_ptr_equal(tg_coroutine_take(vm), b);
    assert_ptr_equal(tg_coroutine_take(vm), a);
    tg_coroutine_drop(a);
    tg_coroutine_drop(b);
    assert_int_equal(vm->idle_count, 0);
}

static void without_memory_there_is_none(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() return 1 end");
    struct tg_vm *vm = stage->gateway->vm;
    size_t limit = vm->alloc.limit;
    tg_vm_collect(vm);
    tg_vm_collect(vm);
    vm->alloc.limit = vm->alloc.used;
    assert_null(tg_coroutine_take(vm));
    assert_string_equal(
        fake_conn_ask(&stage->alice, "go", NULL),
        "{\"id\":1,\"error\":{\"code\":\"handler_error\",\"message\":\"the handler failed\"}}");
    assert_true(fake_app_logged(stage->app, "not enough memory to begin the call"));
    vm->alloc.limit = limit;
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(one_that_ended_well_is_used_again),
        FAKE_TEST(the_pool_is_bounded),
        FAKE_TEST(the_one_used_last_comes_first),
        FAKE_TEST(without_memory_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
