/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>

#include "script/cpu_watch.h"
#include "script/selftest.h"

struct fixture {
    struct fake_app *app;
    struct tg_gateway *gateway;
    struct tg_errmsg msg;
};

static const char *const settings[] = {"limits.load_budget=50ms", "limits.script_memory=4MiB",
                                       NULL};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.app = fake_app_create(settings)};
    assert_int_equal(tg_cpu_watch_page(fixture.app->page), TG_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_cpu_watch_page(NULL), TG_OK);
    fake_app_destroy(f->app);
    return 0;
}

/* The body begins at line 3 of gateways/NAME/gateway.lua, in a function that begins at line 2. */
static int run(struct fixture *f, const char *name, const char *body)
{
    char text[1024];

    (void)snprintf(text, sizeof(text),
                   "local gateway = { path = '/%s', events = {} }\n"
                   "function gateway.selftest()\n%s\nend\n"
                   "return gateway",
                   name, body);
    f->gateway = fake_app_add(f->app, name, text);
    f->msg.text[0] = '\0';
    return tg_selftest_run(f->gateway, &f->msg);
}

static void assert_fails(struct fixture *f, const char *name, const char *body, int err,
                         const char *message)
{
    assert_int_equal(run(f, name, body), err);
    assert_string_equal(f->msg.text, message);
}

static void a_gateway_without_one_passes(void **state)
{
    struct fixture *f = *state;

    f->gateway = fake_app_add(f->app, "none", "return { path = '/none', events = {} }");
    assert_int_equal(tg_selftest_run(f->gateway, &f->msg), TG_OK);
}

static void it_passes_with_nothing_or_anything_true(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(run(f, "nothing", ""), TG_OK);
    assert_int_equal(run(f, "yes", "return true"), TG_OK);
    assert_int_equal(run(f, "nil", "return nil"), TG_OK);
    assert_int_equal(run(f, "value", "return {}, 'and more'"), TG_OK);
    assert_string_equal(f->msg.text, "");
}

static void it_says_itself_that_it_failed(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "no", "return false", TG_ERR_SCRIPT,
                 "gateways/no/gateway.lua:2: the selftest failed");
    assert_fails(f, "why", "return false, 'two is not three'", TG_ERR_SCRIPT,
                 "gateways/why/gateway.lua:2: the selftest failed: two is not three");
    assert_fails(f, "nil", "return nil, 'no table'", TG_ERR_SCRIPT,
                 "gateways/nil/gateway.lua:2: the selftest failed: no table");
}

static void it_fails_when_it_raises(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "error", "error('no')", TG_ERR_SCRIPT, "gateways/error/gateway.lua:3: no");
    assert_fails(f, "assert", "assert(nil, 'no')", TG_ERR_SCRIPT,
                 "gateways/assert/gateway.lua:3: no");
    assert_fails(f, "bare", "error('no place', 0)", TG_ERR_SCRIPT,
                 "gateways/bare/gateway.lua:2: no place");
    assert_fails(f, "table", "error({})", TG_ERR_SCRIPT,
                 "gateways/table/gateway.lua:2: (an error object that is a table value)");
    assert_fails(f, "frozen", "gateway.path = '/other'", TG_ERR_SCRIPT,
                 "gateways/frozen/gateway.lua:3: the table is frozen: 'path' can't be set");
}

static void it_can_not_suspend(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "sleep", "require('tidegate').sleep(1)", TG_ERR_SCRIPT,
                 "gateways/sleep/gateway.lua:3: cannot suspend here");
}

static void it_is_stopped_at_the_load_budget_whatever_it_catches(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "endless", "while true do end", TG_ERR_TIMEOUT,
                 "gateways/endless/gateway.lua:3: the selftest takes longer than load_budget");
    assert_fails(f, "pcall", "while true do pcall(error) end", TG_ERR_TIMEOUT,
                 "gateways/pcall/gateway.lua:3: the selftest takes longer than load_budget");
}

static void it_has_the_memory_of_a_state(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "bomb", "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(1000) .. i end",
                 TG_ERR_NOMEM, "gateways/bomb/gateway.lua:2: the selftest has not enough memory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_gateway_without_one_passes),
        TEST(it_passes_with_nothing_or_anything_true),
        TEST(it_says_itself_that_it_failed),
        TEST(it_fails_when_it_raises),
        TEST(it_can_not_suspend),
        TEST(it_is_stopped_at_the_load_budget_whatever_it_catches),
        TEST(it_has_the_memory_of_a_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
