/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/frame.h"

/* Reads a header by RFC 6455 section 5.2, apart from the code under test. */
static uint64_t length_on_the_wire(const struct tg_frame *frame, uint8_t *head)
{
    const uint8_t *at = frame->octets;
    int more = at[1] == 126 ? 2 : at[1] == 127 ? 8 : 0;
    uint64_t length = more ? 0 : at[1];

    for (int i = 0; i < more; i++) {
        length = length << 8 | at[2 + i];
    }
    *head = (uint8_t)(2 + more);
    return length;
}

static void a_header_is_minimal_at_every_length_where_its_form_changes(void **state)
{
    static const struct {
        size_t length;
        uint8_t head;
    } cases[] = {{0, 2}, {1, 2}, {125, 2}, {126, 4}, {65535, 4}, {65536, 10}, {70000, 10}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_frame *frame = tg_frame_create(TG_OPCODE_BINARY, cases[i].length);
        uint8_t head;
        assert_non_null(frame);
        assert_int_equal(frame->octets[0], 0x82);
        assert_int_equal(frame->octets[1] & 0x80, 0);
        assert_true(length_on_the_wire(frame, &head) == cases[i].length);
        assert_int_equal(head, cases[i].head);
        assert_int_equal(frame->head, cases[i].head);
        assert_int_equal(frame->length, cases[i].head + cases[i].length);
        assert_int_equal(tg_frame_payload_length(frame), cases[i].length);
        assert_ptr_equal(tg_frame_payload(frame), frame->octets + head);
        tg_frame_unref(frame);
    }
}

static void a_payload_is_copied(void **state)
{
    char text[] = "hello";
    struct tg_frame *frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("hello"));

    (void)state;
    assert_memory_equal(frame->octets, "\x81\x05hello", 7);
    tg_frame_unref(frame);
    frame = tg_frame_of(TG_OPCODE_PONG, tg_str(text, 0));
    assert_int_equal(frame->length, 2);
    tg_frame_unref(frame);
}

static void too_long_a_payload_is_no_frame(void **state)
{
    (void)state;
    assert_null(tg_frame_create(TG_OPCODE_TEXT, (size_t)INT32_MAX + 1));
    assert_null(tg_frame_create(TG_OPCODE_TEXT, SIZE_MAX));
}

static void a_frame_lives_until_its_last_reference(void **state)
{
    struct tg_frame *frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("x"));

    (void)state;
    assert_ptr_equal(tg_frame_ref(frame), frame);
    tg_frame_unref(frame);
    assert_int_equal(frame->refs, 1);
    assert_memory_equal(tg_frame_payload(frame), "x", 1);
    tg_frame_unref(frame);
    tg_frame_unref(NULL);
}

static void a_close_frame_has_its_code_in_network_order(void **state)
{
    struct tg_frame *frame = tg_frame_close(1013, TG_STR("slow"));

    (void)state;
    assert_memory_equal(frame->octets, "\x88\x06\x03\xf5slow", 8);
    tg_frame_unref(frame);
    frame = tg_frame_close(0, TG_STR("dropped"));
    assert_int_equal(frame->length, 2);
    assert_memory_equal(frame->octets, "\x88\x00", 2);
    tg_frame_unref(frame);
}

static void a_long_reason_is_cut_between_two_characters(void **state)
{
    /* Ends of 1 to 4 octets around the 123rd. */
    static const char *const characters[] = {"x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x99\x82"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        size_t width = strlen(characters[i]);
        for (size_t before = 110; before <= 123; before++) {
            char reason[160];
            size_t length = before + 20 / width * width;
            memset(reason, 'a', before);
            for (size_t at = before; at < length; at += width) {
                memcpy(reason + at, characters[i], width);
            }
            struct tg_frame *frame = tg_frame_close(1000, tg_str(reason, length));
            size_t kept = tg_frame_payload_length(frame) - 2;
            size_t fitting = length <= 123 ? length : before + (123 - before) / width * width;
            assert_int_equal(kept, fitting);
            assert_memory_equal(tg_frame_payload(frame) + 2, reason, kept);
            tg_frame_unref(frame);
        }
    }
}

static void a_reason_without_any_character_start_is_dropped(void **state)
{
    char reason[200];

    (void)state;
    memset(reason, 0x80, sizeof(reason));
    struct tg_frame *frame = tg_frame_close(1000, tg_str(reason, sizeof(reason)));
    assert_int_equal(tg_frame_payload_length(frame), 2);
    tg_frame_unref(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_minimal_at_every_length_where_its_form_changes),
        cmocka_unit_test(a_payload_is_copied),
        cmocka_unit_test(too_long_a_payload_is_no_frame),
        cmocka_unit_test(a_frame_lives_until_its_last_reference),
        cmocka_unit_test(a_close_frame_has_its_code_in_network_order),
        cmocka_unit_test(a_long_reason_is_cut_between_two_characters),
        cmocka_unit_test(a_reason_without_any_character_start_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
