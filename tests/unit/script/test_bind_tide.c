/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

static void now_is_the_clocks(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.now() return tide.now() end");
    assert_string_equal(fake_conn_ask(&stage->alice, "now", NULL),
                        "{\"id\":1,\"data\":1700000000000}");
    fake_app_advance(stage->app, 250);
    assert_string_equal(fake_conn_ask(&stage->alice, "now", NULL),
                        "{\"id\":1,\"data\":1700000000250}");
}

static void random_keeps_its_bounds(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.go() local seen = {} for i = 1, 1000 do "
                     "local r = tide.random() assert(r >= 0 and r < 1) "
                     "local n = tide.random(3) assert(n == 1 or n == 2 or n == 3) seen[n] = true "
                     "local m = tide.random(-2, -1) assert(m == -2 or m == -1) end "
                     "assert(seen[1] and seen[2] and seen[3]) "
                     "assert(tide.random(5, 5) == 5) assert(not pcall(tide.random, 0)) "
                     "assert(not pcall(tide.random, 3, 2)) assert(not pcall(tide.random, 'x')) "
                     "assert(not pcall(tide.random, -1e300, 1e300)) "
                     "assert(not pcall(tide.random, 0 / 0)) return true end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":true}");
}

static void it_tells_who_is_running(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.go() return { tide.generation, tide.worker, type(tide.node), "
                     "#tide.node > 0 } end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":[\"0123456789ab-7\",1,\"string\",true]}");
}

static void names_that_do_not_exist_yet_are_absent(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage, "function events.go(client) return { tide.user == nil, tide.presence == nil, "
               "tide.tenant == nil, tide.store == nil, tide.http == nil, client.headers == nil } "
               "end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":[true,true,true,true,true,true]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(now_is_the_clocks),
        FAKE_TEST(random_keeps_its_bounds),
        FAKE_TEST(it_tells_who_is_running),
        FAKE_TEST(names_that_do_not_exist_yet_are_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
