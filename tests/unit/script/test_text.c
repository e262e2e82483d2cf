/* SPDX-License-Identifier: MIT */
#include "fake_natives.h"

#include <string.h>

#include <lauxlib.h>

#include "script/text.h"

/* build(octets, times, expected): the string of times octets, from a text. */
static int build(lua_State *L)
{
    struct tg_text text;
    size_t length;
    const char *at = luaL_checklstring(L, 1, &length);
    int times = luaL_checkint(L, 2);

    tg_text_init(&text, L, (size_t)luaL_checkint(L, 3));
    for (int i = 0; i < times; i++) {
        tg_text_add(&text, at, length);
    }
    lua_pushinteger(L, (lua_Integer)text.capacity);
    lua_setglobal(L, "capacity");
    tg_text_push(&text);
    return 1;
}

static struct fake_natives *with_build(struct fake_natives *natives)
{
    lua_pushcfunction(natives->vm.L, build);
    lua_setglobal(natives->vm.L, "build");
    return natives;
}

static void a_text_of_any_length_becomes_the_string(void **state)
{
    fake_natives_run(with_build(*state),
                     "for _, n in ipairs { 0, 1, 511, 512, 513, 1024, 5000, 100000 } do "
                     "assert(build('a', n, 0) == ('a'):rep(n)) "
                     "assert(build('bc', n, 3 * n) == ('bc'):rep(n)) end "
                     "assert(build('', 5, 0) == '')");
}

static void room_is_made_for_what_is_expected(void **state)
{
    fake_natives_run(with_build(*state), "build('a', 5, 100000) assert(capacity == 512) "
                                         "build('a', 513, 100000) assert(capacity == 100000)");
}

static void texts_leave_no_memory_behind(void **state)
{
    struct fake_natives *natives = with_build(*state);

    fake_natives_run(natives, "build('a', 20000, 0) build('a', 2e6, 0) collectgarbage() "
                              "collectgarbage() collectgarbage('stop')");
    size_t before = natives->vm.alloc.used;
    /* The same string again and again, so nothing but the text's own memory is taken. */
    fake_natives_run(natives, "kept = ('a'):rep(1e5) for i = 1, 1000 do build('a', 1e5, 0) end");
    assert_true(natives->vm.alloc.used < before + 300000);
}

static void texts_may_nest_and_end_by_errors(void **state)
{
    fake_natives_run(
        with_build(*state),
        "local long = ('ab'):rep(1000) local function f(n) return (ours.string.gsub(long, 'b', "
        "function() if n > 0 then local s = f(n - 1) n = 0 assert(s == ('ac'):rep(1000)) end "
        "return 'c' end)) end assert(f(5) == ('ac'):rep(1000)) "
        "for i = 1, 100 do pcall(ours.string.gsub, long, 'b()', function(at) "
        "if at > 1900 then error('no') end end) assert(f(1) == ('ac'):rep(1000)) end");
}

static void a_text_longer_than_the_memory_is_an_error(void **state)
{
    struct fake_natives *natives = with_build(*state);

    assert_false(fake_natives_try(natives, "build(('a'):rep(1e6), 1e6, 0)"));
    assert_string_equal(natives->error, "not enough memory");
    fake_natives_run(natives, "assert(#build('a', 1000, 0) == 1000)");
}

static void every_failing_allocation_passes_as_an_error(void **state)
{
    bool is_done = false;

    (void)state;
    for (size_t limit = 1 << 20; limit < (16 << 20) && !is_done; limit += 16384) {
        struct fake_natives *natives = with_build(fake_natives_create(limit));
        is_done = fake_natives_try(natives, "assert(#build('abcd', 2e5, 0) == 8e5)");
        fake_natives_destroy(natives);
    }
    assert_true(is_done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NATIVES_TEST(a_text_of_any_length_becomes_the_string),
        NATIVES_TEST(room_is_made_for_what_is_expected),
        NATIVES_TEST(texts_leave_no_memory_behind),
        NATIVES_TEST(texts_may_nest_and_end_by_errors),
        NATIVES_TEST(a_text_longer_than_the_memory_is_an_error),
        NATIVES_TEST(every_failing_allocation_passes_as_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
