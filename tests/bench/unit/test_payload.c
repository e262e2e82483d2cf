/* SPDX-License-Identifier: MIT */
#include "payload.h"

#include <stdbool.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
    struct tg_payload payload;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    *state = &fixture;
    return tg_payload_init(&fixture.payload, "echo", "echo", 55) ? 0 : -1;
}

static size_t read_payload(const struct tg_payload *payload, uint64_t number, char *text)
{
    uint8_t frame[TG_PAYLOAD_FRAME_MAX];
    tg_payload_write(payload, number, frame);
    size_t len = payload->frame_len - payload->head_len;
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)(frame[payload->head_len + i] ^ tg_frame_out_mask(i));
    }
    text[len] = '\0';
    return len;
}

static bool is_answer(const struct fixture *fixture, uint64_t number, const char *text)
{
    return tg_payload_is_answer(&fixture->payload, number, text, strlen(text));
}

static void a_message_has_its_size_and_its_number(void **state)
{
    const struct fixture *fixture = *state;
    char text[TG_PAYLOAD_OCTETS_MAX + 1];

    assert_int_equal(read_payload(&fixture->payload, 0, text), 55);
    assert_string_equal(text,
                        "{\"event\":\"echo\",\"data\":{\"id\":10000000,\"s\":\"abcdefghi\"}}");
    read_payload(&fixture->payload, 2345678, text);
    assert_string_equal(text,
                        "{\"event\":\"echo\",\"data\":{\"id\":12345678,\"s\":\"abcdefghi\"}}");
    read_payload(&fixture->payload, 90000001, text);
    assert_string_equal(text,
                        "{\"event\":\"echo\",\"data\":{\"id\":10000001,\"s\":\"abcdefghi\"}}");
}

static void a_long_message_begins_its_alphabet_elsewhere_and_is_judged_by_it(void **state)
{
    static struct tg_payload payload;
    static char text[2][TG_PAYLOAD_OCTETS_MAX + 1];
    (void)state;

    assert_true(tg_payload_init(&payload, "echo", "echo", 16384));
    size_t len = read_payload(&payload, 256, text[0]);
    assert_int_equal(read_payload(&payload, 512, text[1]), len);
    assert_non_null(strstr(text[0], "\"s\":\"kl"));
    assert_non_null(strstr(text[1], "\"s\":\"uv"));
    assert_true(tg_payload_is_answer(&payload, 256, text[0], len));
    assert_true(tg_payload_is_answer(&payload, 512, text[1], len));
    memcpy(text[0] + 29, text[1] + 29, 8); /* the id of the other, not its alphabet */
    assert_false(tg_payload_is_answer(&payload, 512, text[0], len));
    text[1][len - 100]++;
    assert_false(tg_payload_is_answer(&payload, 512, text[1], len));
}

static void its_own_text_is_the_answer_in_any_order_of_members(void **state)
{
    const struct fixture *fixture = *state;

    assert_true(is_answer(fixture, 256,
                          "{\"event\":\"echo\",\"data\":{\"id\":10000256,\"s\":\"abcdefghi\"}}"));
    assert_true(is_answer(fixture, 256,
                          "{\"data\":{\"s\":\"abcdefghi\",\"id\":10000256},\"event\":\"echo\"}"));
}

static void another_id_is_never_the_answer(void **state)
{
    const struct fixture *fixture = *state;

    assert_false(is_answer(fixture, 7, "{\"event\":\"echo\",\"data\":{\"id\":10000008}}"));
    assert_false(is_answer(fixture, 7, "{\"event\":\"echo\",\"data\":{\"id\":1000000}}"));
    assert_false(is_answer(fixture, 7, "{\"event\":\"echo\",\"data\":{\"id\":100000070}}"));
    assert_false(is_answer(fixture, 7, "{\"event\":\"echo\",\"data\":{\"id\":10000007.5}}"));
    assert_false(is_answer(fixture, 7, "{\"event\":\"echo\",\"data\":{\"id\":\"10000007\"}}"));
    assert_false(is_answer(fixture, 7, "{\"event\":\"echo\",\"data\":{\"id\":10000007"));
    assert_false(is_answer(fixture, 7, "{}"));
    assert_false(is_answer(fixture, 7, ""));
}

static void every_256th_answer_is_read_whole(void **state)
{
    const struct fixture *fixture = *state;
    const char *wrong_string =
        "{\"event\":\"echo\",\"data\":{\"id\":10000000,\"s\":\"abcdefghj\"}}";
    const char *wrong_event = "{\"event\":\"ohce\",\"data\":{\"id\":10000000,\"s\":\"abcdefghi\"}}";

    assert_false(is_answer(fixture, 0, wrong_string));
    assert_false(is_answer(fixture, 0, wrong_event));
}

static void a_size_that_holds_no_message_is_refused(void **state)
{
    struct tg_payload payload;
    char name[TG_PAYLOAD_NAME_MAX + 2];
    (void)state;

    assert_false(tg_payload_init(&payload, "echo", "echo", 45));
    assert_true(tg_payload_init(&payload, "echo", "echo", 46));
    assert_true(tg_payload_init(&payload, "echo", "echo", TG_PAYLOAD_OCTETS_MAX));
    assert_false(tg_payload_init(&payload, "echo", "echo", TG_PAYLOAD_OCTETS_MAX + 1));
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_false(tg_payload_init(&payload, name, "echo", 1024));
    assert_false(tg_payload_init(&payload, "echo", name, 1024));
    assert_false(tg_payload_init(&payload, "", "echo", 1024));
    assert_false(tg_payload_init(&payload, "a\"b", "echo", 1024));
    assert_false(tg_payload_init(&payload, "a\nb", "echo", 1024));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_message_has_its_size_and_its_number, set_up),
        cmocka_unit_test(a_long_message_begins_its_alphabet_elsewhere_and_is_judged_by_it),
        cmocka_unit_test_setup(its_own_text_is_the_answer_in_any_order_of_members, set_up),
        cmocka_unit_test_setup(another_id_is_never_the_answer, set_up),
        cmocka_unit_test_setup(every_256th_answer_is_read_whole, set_up),
        cmocka_unit_test(a_size_that_holds_no_message_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
