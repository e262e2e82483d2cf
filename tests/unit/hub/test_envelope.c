/* SPDX-License-Identifier: MIT */
#include "hub/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "fake_memory.h"
#include "hub/json_text.h"

enum { MESSAGE_MAX = 4096 };

struct fixture {
    struct tg_envelope envelope;
    char *copy; /* of the message, in a block of just its size */
};

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    free(fixture->copy);
    free(fixture);
    return 0;
}

static enum tg_ignored read_message(struct fixture *fixture, struct tg_str message)
{
    free(fixture->copy);
    fixture->copy = malloc(message.length ? message.length : 1);
    assert_non_null(fixture->copy);
    memcpy(fixture->copy, message.at, message.length);
    return tg_envelope_read(tg_str(fixture->copy, message.length), &tg_json_default_limits,
                            &fixture->envelope);
}

static enum tg_ignored read_text(struct fixture *fixture, const char *message)
{
    return read_message(fixture, tg_str_of(message));
}

static void assert_parts(const struct fixture *fixture, const char *event, const char *data,
                         const char *id)
{
    assert_true(tg_str_is(fixture->envelope.event, tg_str_of(event)));
    assert_true(tg_str_is(fixture->envelope.data, tg_str_of(data)));
    assert_true(tg_str_is(fixture->envelope.id, tg_str_of(id)));
}

/* Cut after every octet, and with every octet replaced: most are no messages then, and those that
 * are must be the same ones with a blank in front, which makes them unusual. */
static void the_usual_form_is_read_like_any_other(void **state)
{
    static const char *const messages[] = {
        "{\"event\":\"echo\",\"data\":{\"n\":[1,\"a\"]}}",
        "{\"event\":\"a_longer_name\",\"data\":-1.5e3,\"id\":77}",
        "{\"event\":\"a\",\"data\":null,\"id\":\"x\"}",
        "{\"event\":\"a\",\"data\":\"\",\"id\":1,\"id\":2}",
        "{\"event\":\"a\",\"data\":1,\"data\":2}",
        "{\"event\":\"a\",\"data\":[],\"id\":1.5}",
        "{\"event\":\"a\",\"data\":[],\"other\":[]}",
    };
    static const char octets[] = " \"\\{}[],:0a\x7F\x80\n";
    char text[96];

    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        size_t length = strlen(messages[i]);
        for (size_t place = 0; place < length; place++) {
            for (size_t k = 0; k < sizeof(octets); k++) {
                struct tg_envelope usual;
                struct tg_envelope other;
                text[0] = ' ';
                memcpy(text + 1, messages[i], length);
                text[1 + place] = octets[k]; /* the last one ends it */
                size_t size = octets[k] ? length : place;
                enum tg_ignored ignored =
                    tg_envelope_read(tg_str(text + 1, size), &tg_json_default_limits, &usual);
                assert_int_equal(
                    tg_envelope_read(tg_str(text, size + 1), &tg_json_default_limits, &other),
                    ignored);
                assert_true(tg_str_is(usual.id, other.id));
                if (ignored == TG_IGNORED_COUNT) {
                    assert_true(tg_str_is(usual.event, other.event));
                    assert_true(tg_str_is(usual.data, other.data));
                }
            }
        }
    }
}

static void an_event_is_taken_apart(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_text(fixture, "{\"event\":\"echo\",\"data\":{\"n\":1}}"),
                     TG_IGNORED_COUNT);
    assert_parts(fixture, "echo", "{\"n\":1}", "");
    assert_int_equal(read_text(fixture, " { \"id\" : -7 , \"data\" : [ 1 ] , \"event\" : \"a\" } "),
                     TG_IGNORED_COUNT);
    assert_parts(fixture, "a", "[ 1 ]", "-7");
    assert_int_equal(read_text(fixture, "{\"event\":\"a\",\"id\":\"x\\ty\"}"), TG_IGNORED_COUNT);
    assert_parts(fixture, "a", "", "\"x\\ty\"");
    assert_int_equal(read_text(fixture, "{\"event\":\"a\",\"data\":null}"), TG_IGNORED_COUNT);
    assert_parts(fixture, "a", "null", "");
}

static void a_plain_event_is_a_view_into_the_message(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_text(fixture, "{\"event\":\"echo\"}"), TG_IGNORED_COUNT);
    assert_ptr_equal(fixture->envelope.event.at, fixture->copy + 10);
}

static void members_of_other_names_are_ignored(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_text(fixture,
                               "{\"x\":{\"event\":\"b\",\"id\":2},\"event\":\"a\",\"Event\":1,"
                               "\"events\":1,\"eventdataid\":3,\"x\":1,\"\":0}"),
                     TG_IGNORED_COUNT);
    assert_parts(fixture, "a", "", "");
}

static void names_and_the_event_may_be_written_with_escapes(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_text(fixture,
                               "{\"\\u0065vent\":\"a\\u003a\\/\\ud83d\\ude00\",\"d\\u0061ta\":1,"
                               "\"\\u0069\\u0064\":2,\"\\u0065\\u0076\\u0065\\u006e\\u0074s\":3}"),
                     TG_IGNORED_COUNT);
    assert_parts(fixture, "a:/\xF0\x9F\x98\x80", "1", "2");
    assert_ptr_equal(fixture->envelope.event.at, fixture->envelope.event_text);
}

static void what_is_not_an_object_of_json_is_malformed_and_has_no_id(void **state)
{
    static const char *const messages[] = {
        "",
        " ",
        "hello",
        "\"event\"",
        "1",
        "null",
        "[]",
        "[{\"event\":\"a\"}]",
        "{",
        "{\"event\":\"a\",\"id\":1",
        "{\"event\":\"a\",\"id\":1}}",
        "{\"event\":\"a\",\"id\":1}x",
        "{\"event\":\"a\",\"id\":1,}",
        "{\"id\":1,\"event\":\"a\" \"data\":1}",
        "{\"id\":1,\"event\":}",
        "{\"id\":1,\"event\":\"a\",\"data\":\"\xFF\"}",
        "{\"id\":1,\"event\":\"\xED\xA0\x80\"}",
        "{\"id\":1,\"event\":\"\\ud800\"}",
        "{\"id\":1,\"event\":\"a\nb\"}",
        "{\"id\":01,\"event\":\"a\"}",
        "{\"id\":1,\"event\":\"a\",\"x\":nan}",
        "\xEF\xBB\xBF{\"id\":1,\"event\":\"a\"}",
        "{\"event\":\"a\",\"event\":\"a\",\"id\":1}",
        "{\"event\":\"a\",\"id\":1,\"data\":1,\"data\":2}",
        "{\"id\":1,\"id\":1,\"event\":\"a\"}",
        "{\"event\":\"a\",\"id\":1,\"\\u0069d\":1}",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (read_text(fixture, messages[i]) != TG_IGNORED_MALFORMED) {
            fail_msg("passes: %s", messages[i]);
        }
        assert_parts(fixture, "", "", "");
    }
}

static void a_message_that_is_cut_off_is_malformed_wherever_it_is_cut(void **state)
{
    static const char message[] =
        "{\"event\":\"a\\u0062\xC3\xBC\",\"data\":[1.5e3,true,{\"x\":null}],\"id\":\"i\\\"\"}";
    struct fixture *fixture = *state;

    assert_int_equal(read_text(fixture, message), TG_IGNORED_COUNT);
    for (size_t length = 0; length < sizeof(message) - 1; length++) {
        assert_int_equal(read_message(fixture, tg_str(message, length)), TG_IGNORED_MALFORMED);
    }
}

static void an_event_that_is_no_good_name_is_answered_by_its_id(void **state)
{
    static const char *const events[] = {"1",           "null",      "true",       "[]",
                                         "{}",          "\"\"",      "\"a\\nb\"",  "\"\\u0000\"",
                                         "\"\\u001f\"", "\"a\x7f\"", "\"\\u007f\""};
    struct fixture *fixture = *state;
    char message[MESSAGE_MAX];

    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        (void)snprintf(message, sizeof(message), "{\"event\":%s,\"id\":42,\"data\":1}", events[i]);
        if (read_text(fixture, message) != TG_IGNORED_BAD_EVENT) {
            fail_msg("passes: %s", message);
        }
        assert_parts(fixture, "", "", "42");
    }
    assert_int_equal(read_text(fixture, "{\"data\":1,\"id\":\"x\"}"), TG_IGNORED_BAD_EVENT);
    assert_parts(fixture, "", "", "\"x\"");
    assert_int_equal(read_text(fixture, "{}"), TG_IGNORED_BAD_EVENT);
}

/* The message whose event, or id, is unit as often as count. */
static enum tg_ignored read_repeated(struct fixture *fixture, const char *head, const char *unit,
                                     int count, const char *tail)
{
    char message[MESSAGE_MAX];
    size_t length = strlen(unit);
    char *at = stpcpy(message, head);

    assert_true(length * (size_t)count < sizeof(message) - 64);
    for (int i = 0; i < count; i++) {
        at = stpcpy(at, unit);
    }
    (void)stpcpy(at, tail);
    return read_text(fixture, message);
}

static void an_event_has_at_most_128_octets_after_its_escapes(void **state)
{
    const char *head = "{\"event\":\"";
    const char *tail = "\"}";
    struct fixture *fixture = *state;

    assert_int_equal(read_repeated(fixture, head, "e", 128, tail), TG_IGNORED_COUNT);
    assert_int_equal(fixture->envelope.event.length, 128);
    assert_int_equal(read_repeated(fixture, head, "e", 129, tail), TG_IGNORED_BAD_EVENT);
    assert_int_equal(read_repeated(fixture, head, "\\u0065", 128, tail), TG_IGNORED_COUNT);
    assert_int_equal(fixture->envelope.event.length, 128);
    assert_int_equal(read_repeated(fixture, head, "\\u0065", 129, tail), TG_IGNORED_BAD_EVENT);
    assert_int_equal(read_repeated(fixture, head, "\xE2\x82\xAC", 43, tail), TG_IGNORED_BAD_EVENT);
}

static void an_id_is_a_short_string_or_an_exact_integer(void **state)
{
    static const char *const good[] = {
        "0",    "-0",    "1",          "-1", "9007199254740992", "-9007199254740992",
        "\"\"", "\"a\"", "\"\\u0000\""};
    static const char *const bad[] = {"1.0",
                                      "1e2",
                                      "0.5",
                                      "1E0",
                                      "9007199254740993",
                                      "-9007199254740993",
                                      "99999999999999999999999999",
                                      "null",
                                      "true",
                                      "[]",
                                      "{\"id\":1}"};
    struct fixture *fixture = *state;
    char message[MESSAGE_MAX];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        (void)snprintf(message, sizeof(message), "{\"event\":\"a\",\"id\":%s}", good[i]);
        assert_int_equal(read_text(fixture, message), TG_IGNORED_COUNT);
        assert_parts(fixture, "a", "", good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void)snprintf(message, sizeof(message), "{\"event\":\"a\",\"id\":%s}", bad[i]);
        if (read_text(fixture, message) != TG_IGNORED_BAD_ID) {
            fail_msg("passes: %s", message);
        }
        assert_true(tg_str_is(fixture->envelope.id, TG_STR("")));
    }
    const char *head = "{\"event\":\"a\",\"id\":\"";
    assert_int_equal(read_repeated(fixture, head, "i", 128, "\"}"), TG_IGNORED_COUNT);
    assert_int_equal(read_repeated(fixture, head, "i", 129, "\"}"), TG_IGNORED_BAD_ID);
}

static void a_bad_event_with_a_bad_id_has_no_id(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_text(fixture, "{\"event\":1,\"id\":1.5}"), TG_IGNORED_BAD_EVENT);
    assert_parts(fixture, "", "", "");
}

static void past_a_limit_the_id_is_known_all_the_same(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(read_repeated(fixture, "{\"event\":\"a\",\"data\":", "[", 63, "1"),
                     TG_IGNORED_MALFORMED);
    assert_int_equal(read_repeated(fixture, "{\"id\":5,\"event\":\"a\",\"data\":", "[", 64, "1"),
                     TG_IGNORED_TOO_DEEP);
    assert_parts(fixture, "", "", "5");
    assert_int_equal(read_repeated(fixture, "{\"id\":[],\"event\":\"a\",\"data\":", "[", 64, "1"),
                     TG_IGNORED_TOO_DEEP);
    assert_parts(fixture, "", "", "");
    assert_int_equal(read_repeated(fixture, "{\"event\":\"a\",\"data\":", "[", 64, "1"),
                     TG_IGNORED_TOO_DEEP);
    assert_parts(fixture, "", "", "");
}

static void past_a_limit_an_id_behind_the_data_is_found(void **state)
{
    static const char *const rows[][2] = {
        {",\"id\":5}", "5"},
        {", \"id\" : \"a,}b\" }", "\"a,}b\""},
        {",\"x\":{\"id\":1},\"id\":2}", "2"},
        {",\"x\":\"\\\"id\\\":1\",\"id\":3}", "3"},
        {",\"x\":\"id\",\"id\":4}", "4"},
        {",\"id\":{}}", ""},
        {",\"id\":1.5}", ""},
        {",\"id\"", ""},
        {",\"id\":", ""},
        {",\"id\":\"", ""},
        {"", ""},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char tail[256];
        memset(tail, ']', 70);
        (void)snprintf(tail + 70, sizeof(tail) - 70, "%s", rows[i][0]);
        assert_int_equal(read_repeated(fixture, "{\"event\":\"a\",\"data\":", "[", 70, tail),
                         TG_IGNORED_TOO_DEEP);
        assert_parts(fixture, "", "", rows[i][1]);
    }
}

static void assert_frame(struct tg_frame *frame, const char *payload)
{
    assert_non_null(frame);
    assert_int_equal(frame->opcode, TG_OPCODE_TEXT);
    assert_int_equal(tg_frame_payload_length(frame), strlen(payload));
    assert_memory_equal(tg_frame_payload(frame), payload, strlen(payload));
    tg_frame_unref(frame);
}

/* NULL when it is not made, with why in *err. */
static struct tg_frame *compose_event(struct tg_str event, struct tg_str data, size_t limit,
                                      int *err)
{
    struct tg_frame *frame = NULL;
    struct tg_buf out;

    tg_buf_init(&out, limit);
    *err = tg_envelope_begin_event(&out, event);
    if (!*err) {
        tg_buf_add_str(&out, data);
        *err = tg_envelope_end_event(&out, NULL, &frame);
    }
    tg_buf_fini(&out);
    return frame;
}

static struct tg_frame *event_of(struct tg_str event, struct tg_str data)
{
    int err;
    struct tg_frame *frame = compose_event(event, data, 4096, &err);

    assert_int_equal(err, TG_OK);
    return frame;
}

static void events_are_composed_with_their_name_escaped(void **state)
{
    (void)state;
    assert_frame(event_of(TG_STR("echo"), TG_STR("{\"n\":1}")),
                 "{\"event\":\"echo\",\"data\":{\"n\":1}}");
    assert_frame(event_of(TG_STR("a_name_of_more_than_eight"), TG_STR("null")),
                 "{\"event\":\"a_name_of_more_than_eight\",\"data\":null}");
    assert_frame(event_of(TG_STR("a\"\\\n\x01\xC3\xBC"), TG_STR("1")),
                 "{\"event\":\"a\\\"\\\\\\n\\u0001\xC3\xBC\",\"data\":1}");
    assert_frame(event_of(tg_str(NULL, 0), TG_STR("null")), "{\"event\":\"\",\"data\":null}");
}

static void an_event_that_is_not_utf8_makes_no_frame(void **state)
{
    int err;

    (void)state;
    assert_null(compose_event(TG_STR("a\xFF"), TG_STR("1"), 4096, &err));
    assert_int_equal(err, TG_ERR_INVALID);
    assert_null(compose_event(TG_STR("\xED\xA0\x80"), TG_STR("1"), 4096, &err));
    assert_int_equal(err, TG_ERR_INVALID);
}

/* The room that a name may need is asked for before it is known to need it. */
static void an_event_past_the_buffers_limit_makes_no_frame(void **state)
{
    /* The last brace is written into the frame alone. */
    const size_t length = strlen("{\"event\":\"\\n\\n\",\"data\":[123456789]");
    int err;

    (void)state;
    for (size_t limit = 0; limit < 64; limit++) {
        struct tg_frame *frame = compose_event(TG_STR("\n\n"), TG_STR("[123456789]"), limit, &err);
        assert_int_equal(err, frame ? TG_OK : TG_ERR_TOO_LARGE);
        assert_true(frame ? limit >= length : limit < length + TG_JSON_TEXT_SLACK);
        tg_frame_unref(frame);
    }
}

static void answers_bear_the_id_as_it_came(void **state)
{
    (void)state;
    assert_frame(tg_envelope_answer(TG_STR("7"), TG_STR("[1,2]")), "{\"id\":7,\"data\":[1,2]}");
    assert_frame(tg_envelope_answer(TG_STR("\"x\\ty\""), TG_STR("")),
                 "{\"id\":\"x\\ty\",\"data\":null}");
}

static void errors_bear_code_and_message_escaped(void **state)
{
    (void)state;
    assert_frame(tg_envelope_error(TG_STR("7"), TG_STR("bad_request"), TG_STR("text is missing")),
                 "{\"id\":7,\"error\":{\"code\":\"bad_request\",\"message\":\"text is missing\"}}");
    assert_frame(tg_envelope_error(TG_STR("\"a\""), TG_STR(""), TG_STR("")),
                 "{\"id\":\"a\",\"error\":{\"code\":\"\",\"message\":\"\"}}");
    assert_frame(tg_envelope_error(TG_STR("1"), TG_STR("c\"\xFF"), TG_STR("\t\xC3(\x1f")),
                 "{\"id\":1,\"error\":{\"code\":\"c\\\"\xEF\xBF\xBD\","
                 "\"message\":\"\\t\xEF\xBF\xBD(\\u001f\"}}");
}

static void a_frame_that_would_pass_2_31_octets_is_not_made(void **state)
{
    (void)state;
    /* Its length alone is looked at. */
    struct tg_str data = tg_str("1", (size_t)INT32_MAX);

    assert_null(tg_envelope_answer(TG_STR("1"), data));
    assert_null(tg_envelope_error(data, TG_STR("a"), TG_STR("b")));
}

static void a_frame_is_not_made_when_memory_is_short(void **state)
{
    struct tg_str text = TG_STR("a");

    (void)state;
    fake_memory_fail_after(0);
    int err;
    struct tg_frame *event = compose_event(text, text, 4096, &err);
    bool has_failed = fake_memory_heal();
    assert_int_equal(err, TG_ERR_NOMEM);
    fake_memory_fail_after(1); /* the buffer is made, the frame not */
    assert_null(compose_event(text, text, 4096, &err));
    has_failed = fake_memory_heal() && has_failed;
    assert_int_equal(err, TG_ERR_NOMEM);
    fake_memory_fail_after(0);
    struct tg_frame *answer = tg_envelope_answer(text, text);
    has_failed = fake_memory_heal() && has_failed;
    fake_memory_fail_after(0);
    struct tg_frame *error = tg_envelope_error(text, text, text);
    has_failed = fake_memory_heal() && has_failed;
    assert_true(has_failed);
    assert_null(event);
    assert_null(answer);
    assert_null(error);
}

int main(void)
{
#define READ_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        READ_TEST(an_event_is_taken_apart),
        cmocka_unit_test(the_usual_form_is_read_like_any_other),
        READ_TEST(a_plain_event_is_a_view_into_the_message),
        READ_TEST(members_of_other_names_are_ignored),
        READ_TEST(names_and_the_event_may_be_written_with_escapes),
        READ_TEST(what_is_not_an_object_of_json_is_malformed_and_has_no_id),
        READ_TEST(a_message_that_is_cut_off_is_malformed_wherever_it_is_cut),
        READ_TEST(an_event_that_is_no_good_name_is_answered_by_its_id),
        READ_TEST(an_event_has_at_most_128_octets_after_its_escapes),
        READ_TEST(an_id_is_a_short_string_or_an_exact_integer),
        READ_TEST(a_bad_event_with_a_bad_id_has_no_id),
        READ_TEST(past_a_limit_the_id_is_known_all_the_same),
        READ_TEST(past_a_limit_an_id_behind_the_data_is_found),
        cmocka_unit_test(events_are_composed_with_their_name_escaped),
        cmocka_unit_test(an_event_that_is_not_utf8_makes_no_frame),
        cmocka_unit_test(an_event_past_the_buffers_limit_makes_no_frame),
        cmocka_unit_test(answers_bear_the_id_as_it_came),
        cmocka_unit_test(errors_bear_code_and_message_escaped),
        cmocka_unit_test(a_frame_is_not_made_when_memory_is_short),
        cmocka_unit_test(a_frame_that_would_pass_2_31_octets_is_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
