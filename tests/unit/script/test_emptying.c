/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include "script/emptying.h"

/* A clock that goes on by a millisecond with each look. */
static uint64_t read_running(void *self)
{
    static uint64_t now_ms = 1 << 20;

    (void)self;
    return ++now_ms;
}

static struct tg_gateway *take_out(struct fake_stage *stage, const char *body)
{
    stage->gateway = fake_app_script(stage->app, "chat", body);
    tg_hub_remove_gateway(&stage->app->hub, stage->gateway);
    return stage->gateway;
}

#define MUCH                                                                              \
    "for i = 1, 20000 do hold[i] = { i, 'text ' .. i, function() return hold end } end\n" \
    "tide.after(1000000, function() end) "                                                \
    "gateway.on_connect = function() return hold end "

static void a_small_state_goes_at_once(void **state)
{
    struct fake_stage *stage = *state;

    tg_emptying_start(&stage->app->hub, take_out(stage, ""));
    assert_null(stage->app->hub.removed);
}

static void a_large_state_goes_in_slices(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_gateway *gateway = take_out(stage, "tide.global('hold', {}) " MUCH);
    const struct tg_vm *vm = gateway->vm;
    const struct tg_clock running = {read_running, read_running, NULL};
    size_t before = vm->alloc.used;
    int slices = 0;

    stage->app->hub.clock = &running;
    assert_true(before > 1 << 20);
    tg_emptying_start(&stage->app->hub, gateway);
    assert_ptr_equal(stage->app->hub.removed, gateway);
    for (; stage->app->hub.removed && slices < 100000; slices++) {
        assert_true(vm->alloc.used <= before + 65536);
        fake_app_advance(stage->app, 5);
    }
    assert_null(stage->app->hub.removed);
    assert_true(slices > 10);
    assert_int_equal(stage->app->wheel.count, 0);
    stage->app->hub.clock = &stage->app->clock;
}

static void one_that_is_not_done_goes_with_the_hub(void **state)
{
    struct fake_stage *stage = *state;
    const struct tg_clock running = {read_running, read_running, NULL};

    stage->app->hub.clock = &running;
    tg_emptying_start(&stage->app->hub, take_out(stage, "local hold = {} " MUCH));
    assert_non_null(stage->app->hub.removed);
    stage->app->hub.clock = &stage->app->clock;
}

static void what_lives_in_modules_and_metatables_goes_too(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {
        "gateway.lua",
        "local tide = require 'tidegate' local hold = require 'hold' "
        "setmetatable(hold, { __index = hold }) "
        "return { path = '/chat', events = { go = function() end }, limits = {}, "
        "on_connect = function() return tide, hold end }",
        "hold.lua",
        "local hold = {} for i = 1, 20000 do hold[i] = { i, ('x'):rep(50) .. i } end return hold",
        NULL};
    struct tg_gateway *gateway = fake_app_load(stage->app, "chat", files);
    const struct tg_clock running = {read_running, read_running, NULL};
    const struct tg_vm *vm = gateway->vm;
    size_t before = vm->alloc.used;
    size_t least = before;

    tg_hub_remove_gateway(&stage->app->hub, gateway);
    stage->app->hub.clock = &running;
    tg_emptying_start(&stage->app->hub, gateway);
    while (stage->app->hub.removed) {
        least = vm->alloc.used < least ? vm->alloc.used : least;
        fake_app_advance(stage->app, 5);
    }
    assert_true(least < before / 3);
    stage->app->hub.clock = &stage->app->clock;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_small_state_goes_at_once),
        FAKE_TEST(a_large_state_goes_in_slices),
        FAKE_TEST(one_that_is_not_done_goes_with_the_hub),
        FAKE_TEST(what_lives_in_modules_and_metatables_goes_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
