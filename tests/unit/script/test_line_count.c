/* SPDX-License-Identifier: MIT */
#include "script/line_count.h"

#include <stdio.h>
#include <string.h>

#include "fake_app.h"
#include "script/stop.h"

struct fixture {
    struct fake_app *app;
    struct tg_line_count *count;
    struct tg_conn alice;
    char seen[2048];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    *state = f;
    if (!f) {
        return -1;
    }
    f->app = fake_app_create(NULL);
    f->count = tg_line_count_create();
    f->app->hub.line_count = f->count;
    return f->count ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->alice.client) {
        fake_conn_lose(&f->alice);
    }
    fake_app_destroy(f->app);
    tg_line_count_destroy(f->count);
    free(f);
    return 0;
}

static void on_count(void *self, const char *file, uint32_t line, uint64_t times)
{
    struct fixture *f = self;
    size_t length = strlen(f->seen);

    (void)snprintf(f->seen + length, sizeof(f->seen) - length, "%s:%u:%llu ", file, line,
                   (unsigned long long)times);
}

static const char *seen(struct fixture *f)
{
    f->seen[0] = '\0';
    tg_line_count_each(f->count, on_count, f);
    return f->seen;
}

static void lines_of_every_file_are_counted(void **state)
{
    struct fixture *f = *state;
    const char *files[] = {"gateway.lua",
                           "local lib = require 'lib'\n"
                           "local events = {}\n"
                           "function events.go(_, data)\n"
                           "  if data then\n"
                           "    return lib.double(data)\n"
                           "  end\n"
                           "  return 0\n"
                           "end\n"
                           "return { path = '/chat', events = events }\n",
                           "lib.lua",
                           "local lib = {}\n"
                           "function lib.double(n)\n"
                           "  return 2 * n\n"
                           "end\n"
                           "return lib\n",
                           NULL};

    struct tg_gateway *gateway = fake_app_load(f->app, "chat", files);
    fake_app_connect(f->app, &f->alice, gateway, NULL, NULL);
    assert_non_null(strstr(seen(f), "chat/gateway.lua:1:1 "));
    assert_null(strstr(f->seen, "chat/gateway.lua:5:"));
    assert_null(strstr(f->seen, "chat/lib.lua:3:"));
    assert_string_equal(fake_conn_ask(&f->alice, "go", "4"), "{\"id\":1,\"data\":8}");
    assert_string_equal(fake_conn_ask(&f->alice, "go", "5"), "{\"id\":1,\"data\":10}");
    assert_non_null(
        strstr(seen(f), "gateways/chat/gateway.lua:4:2 gateways/chat/gateway.lua:5:2 "));
    assert_non_null(strstr(f->seen, "chat/lib.lua:3:2 "));
    assert_null(strstr(f->seen, "chat/gateway.lua:7:"));
}

static void counting_goes_on_after_a_stop(void **state)
{
    struct fixture *f = *state;
    struct tg_gateway *gateway = fake_app_add(f->app, "chat",
                                              "local events = {}\n"
                                              "function events.go(_, data)\n"
                                              "  return 1\n"
                                              "end\n"
                                              "return { path = '/chat', events = events }\n");

    fake_app_connect(f->app, &f->alice, gateway, NULL, NULL);
    assert_string_equal(fake_conn_ask(&f->alice, "go", NULL), "{\"id\":1,\"data\":1}");
    assert_non_null(strstr(seen(f), "chat/gateway.lua:3:1 "));
    tg_stop_set(gateway->vm); /* takes the hook, until the next call into the state has ended */
    tg_vm_collect(gateway->vm);
    assert_string_equal(fake_conn_ask(&f->alice, "go", NULL), "{\"id\":1,\"data\":1}");
    assert_non_null(strstr(seen(f), "chat/gateway.lua:3:2 "));
}

static void nothing_is_counted_where_nobody_asks(void **state)
{
    struct fixture *f = *state;

    f->app->hub.line_count = NULL;
    (void)fake_app_add(f->app, "chat", "return { path = '/chat', events = {} }\n");
    assert_string_equal(seen(f), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_of_every_file_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counting_goes_on_after_a_stop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_counted_where_nobody_asks, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
