/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each is an expression that must be true at 1,700,000,000.25 seconds after 1970, in UTC+2. */
static const char *const truths[] = {
    "os.time() == 1700000000",
    "os.date('!%Y-%m-%d %H:%M:%S') == '2023-11-14 22:13:20'",
    "os.date('%Y-%m-%d %H:%M:%S') == '2023-11-15 00:13:20'",
    "os.date('!%c') == 'Tue Nov 14 22:13:20 2023'",
    "os.date() == 'Wed Nov 15 00:13:20 2023'",
    "os.date('!%%|%a|%b|%j|%p|%y', 0) == '%|Thu|Jan|001|AM|70'",
    "os.date('!plain') == 'plain'",
    "os.date('') == ''",
    "os.date('!') == ''",
    "os.date('!%H', 3600.9) == '01'",
    "os.date('!%Y', -1) == '1969'",
    "os.date('!*t', 0).year == 1970",
    "os.date('*t', 0).hour == 2 and os.date('*t', 0).isdst == false",
    "os.date('*t', 0).wday == 5 and os.date('*t', 0).yday == 1",
    "os.time(os.date('*t', 86400)) == 86400",
    "os.time({ year = 1970, month = 1, day = 1 }) == 36000",
    "os.time({ year = 1970, month = 1, day = 1, hour = 2 }) == 0",
    "os.time({ year = 1970, month = 13, day = -1, hour = 2 }) == os.time({ year = 1970, month = 12,"
    " day = 30, hour = 2 })",
    "os.time({ year = '1970', month = '1', day = '1', hour = 2 }) == 0",
    "os.time({ year = 1e9, month = 1, day = 1 }) > 1e15",
    "os.difftime(5, 3) == 2",
    "os.difftime(5) == 5",
    "type(os.clock()) == 'number' and os.clock() == os.clock()",
    "os.execute == nil and os.exit == nil and os.getenv == nil and os.setlocale == nil",
};

/* Each raises the text. */
static const char *const mistakes[][2] = {
    {"os.date('%')", "unknown conversion"},
    {"os.date('%Ey')", "unknown conversion"},
    {"os.date('%Od')", "unknown conversion"},
    {"os.date('%99999999999Y')", "unknown conversion"},
    {"os.date('%k')", "unknown conversion"},
    {"os.date('%\\0')", "unknown conversion"},
    {"os.date(('x'):rep(1025))", "longer than 1024 octets"},
    {"os.date('!%Y', 1e300)", "out of range"},
    {"os.date('!%Y', 0/0)", "out of range"},
    {"os.date('!%Y', 9e16)", "out of range"},
    {"os.date({})", "string expected"},
    {"os.time({})", "is missing or no number"},
    {"os.time({ year = 1970, month = 1 })", "field 'day' of the date is missing"},
    {"os.time({ year = 1970, month = 1, day = {} })", "field 'day' of the date is missing"},
    {"os.time({ year = 1e10, month = 1, day = 1 })", "field 'year' of the date is out of range"},
    {"os.time({ year = 0/0, month = 1, day = 1 })", "field 'year' of the date is out of range"},
    {"os.time(5)", "table expected"},
    {"os.difftime()", "number expected"},
};

static int set_up(void **state)
{
    assert_int_equal(setenv("TZ", "<+02>-2", 1), 0);
    return fake_stage_set_up(state);
}

static void the_time_is_the_hubs(void **state)
{
    struct fake_stage *stage = *state;
    enum { COUNT = sizeof(truths) / sizeof(truths[0]) };
    static char body[16384];
    size_t length = 0;

    stage->app->wall_ms = 1700000000250;
    for (int i = 0; i < COUNT; i++) {
        length += (size_t)snprintf(body + length, sizeof(body) - length,
                                   "events['e%d'] = function() return %s end\n", i, truths[i]);
        assert_true(length < sizeof(body));
    }
    fake_stage_start(stage, body);
    for (int i = 0; i < COUNT; i++) {
        char event[16];
        (void)snprintf(event, sizeof(event), "e%d", i);
        if (strcmp(fake_conn_ask(&stage->alice, event, NULL), "{\"id\":1,\"data\":true}") != 0) {
            fail_msg("%s: %s %s", truths[i], stage->alice.frame, stage->app->log.at);
        }
    }
}

static void mistakes_are_told(void **state)
{
    struct fake_stage *stage = *state;
    enum { COUNT = sizeof(mistakes) / sizeof(mistakes[0]) };
    static char body[16384];
    size_t length = 0;

    for (int i = 0; i < COUNT; i++) {
        length += (size_t)snprintf(body + length, sizeof(body) - length,
                                   "events['e%d'] = function() local ok, err = pcall(function() "
                                   "return (%s) end) return { ok, err } end\n",
                                   i, mistakes[i][0]);
        assert_true(length < sizeof(body));
    }
    fake_stage_start(stage, body);
    for (int i = 0; i < COUNT; i++) {
        char event[16];
        (void)snprintf(event, sizeof(event), "e%d", i);
        const char *text = fake_conn_ask(&stage->alice, event, NULL);
        if (!strstr(text, "[false,") || !strstr(text, mistakes[i][1])) {
            fail_msg("%s: %s", mistakes[i][0], text);
        }
    }
}

static void the_clock_moves_with_the_hubs(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "local first = os.clock() function events.go() return os.clock() - "
                            "first end");
    fake_app_advance(stage->app, 1500);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":1.5}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fake_stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_time_is_the_hubs),
        TEST(mistakes_are_told),
        TEST(the_clock_moves_with_the_hubs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
