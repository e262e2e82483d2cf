/* SPDX-License-Identifier: MIT */
#include "kit/far_end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fake_memory.h"
#include "net/ws_frame.h"

static int set_up(void **state)
{
    struct tg_far_end *end = calloc(1, sizeof(*end));

    tg_far_end_init(end);
    *state = end;
    return 0;
}

static int tear_down(void **state)
{
    struct tg_far_end *end = *state;

    tg_far_end_fini(end);
    free(end);
    return 0;
}

/* What the server's own reader makes of the octets written so far. */
static void expect_message(struct tg_far_end *end, enum tg_opcode opcode, struct tg_str payload)
{
    struct tg_ws_limits limits = {1 << 20, 16};
    struct tg_ws_reader reader = {.message = NULL};
    struct tg_ws_input input = {(uint8_t *)end->up.at, end->up.length};
    struct tg_ws_event event;

    tg_ws_frame_next(&reader, &input, &limits, &event);
    assert_int_equal(event.kind, TG_WS_MESSAGE);
    assert_int_equal(event.opcode, opcode);
    assert_true(tg_str_is(event.payload, payload));
    assert_int_equal(input.length, 0);
    tg_ws_frame_fini(&reader);
    tg_far_end_was_read(end, end->up.length);
}

static void the_server_reads_what_it_writes(void **state)
{
    static const size_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, 70001};
    struct tg_far_end *end = *state;
    char *text = malloc(70001);

    memset(text, 'x', 70001);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct tg_str payload = tg_str(text, lengths[i]);
        assert_int_equal(tg_far_end_write(end, TG_OPCODE_BINARY, payload), TG_OK);
        expect_message(end, TG_OPCODE_BINARY, payload);
    }
    free(text);
}

static void a_close_has_a_code_and_a_short_reason(void **state)
{
    struct tg_far_end *end = *state;
    char reason[124] = {0};

    assert_int_equal(tg_far_end_write_close(end, 4001, TG_STR("bye")), TG_OK);
    assert_int_equal(end->up.length, 2 + 4 + 5);
    assert_int_equal(tg_far_end_write_close(end, 0, TG_STR("")), TG_OK);
    assert_int_equal(end->up.length, 11 + 6);
    assert_int_equal(tg_far_end_write_close(end, 1000, tg_str(reason, 124)), TG_ERR_INVALID);
    assert_int_equal(tg_far_end_write_close(end, 1000, tg_str(reason, 123)), TG_OK);
}

static void receive(struct tg_far_end *end, struct tg_frame *frame)
{
    tg_far_end_receive(end, tg_str((const char *)frame->octets, frame->length), 5);
    tg_frame_unref(frame);
}

static void expect_frame(struct tg_far_end *end, enum tg_opcode opcode, struct tg_str payload)
{
    struct tg_far_frame *frame = tg_far_end_take(end);

    assert_non_null(frame);
    assert_int_equal(frame->opcode, opcode);
    assert_int_equal(frame->at_ms, 5);
    assert_true(tg_str_is(tg_str(frame->octets, frame->length), payload));
    free(frame);
}

static void frames_are_kept_in_order(void **state)
{
    struct tg_far_end *end = *state;
    char *large = calloc(1, 70000);

    receive(end, tg_frame_of(TG_OPCODE_TEXT, TG_STR("one")));
    receive(end, tg_frame_of(TG_OPCODE_BINARY, tg_str(large, 300)));
    receive(end, tg_frame_of(TG_OPCODE_BINARY, tg_str(large, 70000)));
    receive(end, tg_frame_of(TG_OPCODE_PONG, TG_STR("")));
    expect_frame(end, TG_OPCODE_TEXT, TG_STR("one"));
    expect_frame(end, TG_OPCODE_BINARY, tg_str(large, 300));
    expect_frame(end, TG_OPCODE_BINARY, tg_str(large, 70000));
    expect_frame(end, TG_OPCODE_PONG, TG_STR(""));
    assert_null(tg_far_end_take(end));
    assert_int_equal(end->frame_count, 0);
    assert_int_equal(end->frame_bytes, 0);
    free(large);
}

static void frames_may_come_octet_by_octet(void **state)
{
    struct tg_far_end *end = *state;
    char text[300] = {'a'};
    struct tg_frame *frame = tg_frame_of(TG_OPCODE_TEXT, tg_str(text, sizeof(text)));

    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < frame->length; i++) {
            assert_int_equal(end->frame_count, round);
            tg_far_end_receive(end, tg_str((const char *)frame->octets + i, 1), 5);
        }
    }
    assert_int_equal(end->frame_count, 2);
    assert_int_equal(end->err, TG_OK);
    tg_frame_unref(frame);
}

static void a_ping_is_answered_unless_it_is_silent(void **state)
{
    struct tg_far_end *end = *state;

    receive(end, tg_frame_of(TG_OPCODE_PING, TG_STR("hi")));
    assert_int_equal(end->up.length, 2 + 4 + 2);
    assert_int_equal((uint8_t)end->up.at[0], 0x80 | TG_OPCODE_PONG);
    tg_far_end_was_read(end, end->up.length);
    end->is_silent = true;
    receive(end, tg_frame_of(TG_OPCODE_PING, TG_STR("hi")));
    assert_int_equal(end->up.length, 0);
}

static void after_a_close_nothing_is_read(void **state)
{
    struct tg_far_end *end = *state;

    receive(end, tg_frame_close(4001, TG_STR("enough")));
    receive(end, tg_frame_of(TG_OPCODE_TEXT, TG_STR("late")));
    assert_true(end->has_close);
    assert_int_equal(end->close_code, 4001);
    assert_string_equal(end->close_reason, "enough");
    assert_int_equal(end->frame_count, 1);
}

static void a_close_may_be_empty(void **state)
{
    struct tg_far_end *end = *state;

    receive(end, tg_frame_close(0, TG_STR("")));
    assert_true(end->has_close);
    assert_int_equal(end->close_code, 0);
    assert_null(end->close_reason);
}

static void what_no_server_of_ours_writes_is_an_error(void **state)
{
    struct tg_far_end *end = *state;

    (void)state;
    tg_far_end_receive(end, TG_STR("\x81\x81"), 5); /* masked */
    assert_int_equal(end->err, TG_ERR_SYNTAX);
    assert_null(tg_far_end_take(end));
}

static void too_much_is_refused_whole(void **state)
{
    struct tg_far_end *end = *state;
    char *much = calloc(1, TG_FAR_END_UP_BYTES);

    assert_int_equal(tg_far_end_write(end, TG_OPCODE_BINARY, tg_str(much, TG_FAR_END_UP_BYTES)),
                     TG_ERR_TOO_LARGE);
    assert_int_equal(end->up.length, 0);
    assert_int_equal(tg_far_end_write_raw(end, tg_str(much, 10)), TG_OK);
    assert_int_equal(tg_far_end_write_raw(end, tg_str(much, TG_FAR_END_UP_BYTES)),
                     TG_ERR_TOO_LARGE);
    assert_int_equal(end->up.length, 10);
    free(much);
}

static void memory_that_ends_is_said(void **state)
{
    struct tg_far_end *end = *state;

    fake_memory_fail_after(0);
    assert_int_equal(tg_far_end_write(end, TG_OPCODE_TEXT, TG_STR("x")), TG_ERR_NOMEM);
    for (uint32_t n = 0; n < 3; n++) {
        struct tg_frame *frame = tg_frame_close(1000, TG_STR("bye"));
        struct tg_far_end other;
        tg_far_end_init(&other);
        fake_memory_fail_after(n);
        tg_far_end_receive(&other, tg_str((const char *)frame->octets, frame->length), 5);
        assert_true(fake_memory_heal());
        assert_int_equal(other.err, TG_ERR_NOMEM);
        tg_far_end_fini(&other);
        tg_frame_unref(frame);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_server_reads_what_it_writes),
        TEST(a_close_has_a_code_and_a_short_reason),
        TEST(frames_are_kept_in_order),
        TEST(frames_may_come_octet_by_octet),
        TEST(a_ping_is_answered_unless_it_is_silent),
        TEST(after_a_close_nothing_is_read),
        TEST(a_close_may_be_empty),
        TEST(what_no_server_of_ours_writes_is_an_error),
        TEST(too_much_is_refused_whole),
        TEST(memory_that_ends_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
