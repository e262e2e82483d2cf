/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control_status.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hub/json_scan.h"

enum { OUT_BYTES_MAX = 1 << 20 };

struct fixture {
    struct tg_control_status status;
    struct tg_control_marks before;
    struct tg_buf out;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    fixture.status.root = "/srv/gateways";
    fixture.status.pid = 42;
    fixture.status.workers = 2;
    tg_buf_init(&fixture.out, OUT_BYTES_MAX);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_buf_fini(&fixture->out);
    return 0;
}

static struct tg_control_gateway *add_gateway(struct fixture *fixture, const char *name,
                                              uint64_t counter, enum tg_control_state gateway_state)
{
    struct tg_control_gateway *gateway = &fixture->status.gateways[fixture->status.count++];

    (void)snprintf(gateway->name, sizeof(gateway->name), "%s", name);
    if (counter > 0) {
        (void)snprintf(gateway->generation, sizeof(gateway->generation), "3f2a1b9c8d7e");
        (void)snprintf(gateway->path, sizeof(gateway->path), "/%s", name);
    }
    gateway->counter = counter;
    gateway->state = gateway_state;
    return gateway;
}

static void give_fault(struct tg_control_gateway *gateway)
{
    gateway->has_fault = true;
    gateway->fault_since_ms = 60000;
    (void)snprintf(gateway->fault_generation, sizeof(gateway->fault_generation), "aaaaaaaaaaaa");
    tg_fault_set(&gateway->fault, TG_FAULT_LOAD, TG_STR("gateways/door/gateway.lua"), 3, "%s",
                 "'end' expected");
    tg_fault_hint(&gateway->fault, "%s", "close the table");
}

static const char *text_of(struct fixture *fixture)
{
    tg_buf_add_char(&fixture->out, '\0');
    assert_int_equal(fixture->out.err, TG_OK);
    return fixture->out.at;
}

static void text_has_a_line_for_each_and_one_for_its_fault(void **state)
{
    struct fixture *fixture = *state;
    struct tg_control_gateway *chat = add_gateway(fixture, "chat", 7, TG_CONTROL_TRIAL);

    chat->trial_left_ms = 11001;
    chat->since_ms = 1000;
    chat->connections = 12;
    give_fault(add_gateway(fixture, "door", 0, TG_CONTROL_NEW));
    tg_control_status_write_text(&fixture->status, &fixture->out);
    assert_string_equal(
        text_of(fixture),
        "2 gateways of /srv/gateways, pid 42\n"
        "gateway  path   state             generation            since                 "
        "connections\n"
        "chat     /chat  trial, 12 s left  3f2a1b9c8d7e-7        1970-01-01T00:00:01Z  12\n"
        "door     -      new               -                     -                     0\n"
        "    since 1970-01-01T00:01:00Z, fault (load) of aaaaaaaaaaaa: "
        "gateways/door/gateway.lua:3: 'end' expected (close the table)\n");
}

static void the_roots_fault_is_told_first_and_without_control_octets(void **state)
{
    struct fixture *fixture = *state;

    (void)snprintf(fixture->status.root_fault, sizeof(fixture->status.root_fault),
                   "it is\x1b[31m gone\n");
    tg_control_status_write_text(&fixture->status, &fixture->out);
    assert_string_equal(text_of(fixture), "0 gateways of /srv/gateways, pid 42\n"
                                          "fault since -: it is?[31m gone?\n");
}

static void json_has_every_member_each_time(void **state)
{
    struct fixture *fixture = *state;
    struct tg_control_gateway *chat = add_gateway(fixture, "chat", 7, TG_CONTROL_TRIAL);

    chat->trial_left_ms = 500;
    chat->since_ms = 1000;
    give_fault(add_gateway(fixture, "door", 0, TG_CONTROL_NEW));
    tg_control_status_write_json(&fixture->status, &fixture->out);
    assert_string_equal(
        text_of(fixture),
        "{\"version\":\"" TG_VERSION "\",\"pid\":42,\"workers\":2,\"root\":\"/srv/gateways\","
        "\"root_fault\":null,\"gateways\":["
        "{\"name\":\"chat\",\"path\":\"/chat\",\"generation\":\"3f2a1b9c8d7e\",\"counter\":7,"
        "\"state\":\"trial\",\"trial_seconds_left\":1,\"since\":\"1970-01-01T00:00:01Z\","
        "\"connections\":0,\"workers\":0,\"fault\":null},"
        "{\"name\":\"door\",\"path\":null,\"generation\":null,\"counter\":0,"
        "\"state\":\"new\",\"trial_seconds_left\":null,\"since\":null,"
        "\"connections\":0,\"workers\":0,\"fault\":{\"step\":\"load\",\"file\":\"gateways/door/"
        "gateway.lua\","
        "\"line\":3,\"text\":\"'end' expected\",\"hint\":\"close the table\","
        "\"generation\":\"aaaaaaaaaaaa\",\"since\":\"1970-01-01T00:01:00Z\"}}]}\n");
}

static void a_fault_of_no_certain_line_has_none(void **state)
{
    struct fixture *fixture = *state;

    give_fault(add_gateway(fixture, "door", 0, TG_CONTROL_NEW));
    fixture->status.gateways[0].fault.line = 0;
    tg_control_status_write_json(&fixture->status, &fixture->out);
    assert_non_null(strstr(text_of(fixture), "\"line\":null,\"text\":"));
}

static void json_stays_json_whatever_a_text_holds(void **state)
{
    struct fixture *fixture = *state;
    struct tg_str value;

    fixture->status.root = "/s\"rv/\\g\n\xff";
    (void)snprintf(fixture->status.root_fault, sizeof(fixture->status.root_fault), "\x01\"");
    for (int i = 0; i < TG_CONTROL_GATEWAYS_MAX; i++) {
        struct tg_control_gateway *one = add_gateway(fixture, "x", 1, TG_CONTROL_LIVE);
        (void)snprintf(one->path, sizeof(one->path), "/\"%d\\", i);
        give_fault(one);
    }
    tg_control_status_write_json(&fixture->status, &fixture->out);
    assert_int_equal(fixture->out.err, TG_OK);
    assert_int_equal(tg_json_scan(tg_buf_str(&fixture->out), &tg_json_default_limits, &value),
                     TG_OK);
}

static void a_fault_stands_where_one_is_told(void **state)
{
    struct fixture *fixture = *state;

    (void)add_gateway(fixture, "chat", 1, TG_CONTROL_LIVE);
    assert_false(tg_control_status_has_fault(&fixture->status, ""));
    give_fault(add_gateway(fixture, "door", 0, TG_CONTROL_NEW));
    assert_true(tg_control_status_has_fault(&fixture->status, ""));
    assert_true(tg_control_status_has_fault(&fixture->status, "door"));
    assert_false(tg_control_status_has_fault(&fixture->status, "chat"));
    fixture->status.count = 0;
    fixture->status.root_fault[0] = 'x';
    assert_true(tg_control_status_has_fault(&fixture->status, ""));
    assert_false(tg_control_status_has_fault(&fixture->status, "chat"));
}

static void changes_tell_what_became_of_each(void **state)
{
    struct fixture *fixture = *state;

    (void)add_gateway(fixture, "back", 9, TG_CONTROL_LIVE);
    (void)add_gateway(fixture, "chat", 7, TG_CONTROL_LIVE);
    (void)add_gateway(fixture, "gone", 3, TG_CONTROL_LIVE);
    (void)add_gateway(fixture, "off", 4, TG_CONTROL_LIVE);
    (void)add_gateway(fixture, "same", 1, TG_CONTROL_LIVE);
    tg_control_status_mark(&fixture->status, &fixture->before);
    fixture->status.count = 0;
    memset(fixture->status.gateways, 0, sizeof(fixture->status.gateways));
    (void)add_gateway(fixture, "back", 8, TG_CONTROL_LIVE);
    (void)add_gateway(fixture, "chat", 8, TG_CONTROL_TRIAL);
    give_fault(add_gateway(fixture, "door", 0, TG_CONTROL_NEW));
    (void)add_gateway(fixture, "off", 0, TG_CONTROL_REMOVED);
    give_fault(add_gateway(fixture, "same", 1, TG_CONTROL_UNAVAILABLE));
    tg_control_status_write_changes(&fixture->status, &fixture->before, "", &fixture->out);
    assert_string_equal(
        text_of(fixture),
        "back: 3f2a1b9c8d7e-8, rolled back (live)\n"
        "chat: 3f2a1b9c8d7e-8, deployed (trial, 0 s left)\n"
        "door: fault (load) of aaaaaaaaaaaa: gateways/door/gateway.lua:3: 'end' expected "
        "(close the table); not live\n"
        "off: removed\n"
        "same: fault (load) of aaaaaaaaaaaa: gateways/door/gateway.lua:3: 'end' expected "
        "(close the table); 3f2a1b9c8d7e-1, unchanged (unavailable)\n"
        "gone: removed\n");
    tg_buf_clear(&fixture->out);
    tg_control_status_write_changes(&fixture->status, &fixture->before, "gone", &fixture->out);
    assert_string_equal(text_of(fixture), "gone: removed\n");
    tg_buf_clear(&fixture->out);
    tg_control_status_write_changes(&fixture->status, &fixture->before, "other", &fixture->out);
    assert_int_equal(fixture->out.length, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_has_a_line_for_each_and_one_for_its_fault),
        TEST(the_roots_fault_is_told_first_and_without_control_octets),
        TEST(json_has_every_member_each_time),
        TEST(a_fault_of_no_certain_line_has_none),
        TEST(json_stays_json_whatever_a_text_holds),
        TEST(a_fault_stands_where_one_is_told),
        TEST(changes_tell_what_became_of_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
