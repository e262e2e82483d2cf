/* SPDX-License-Identifier: MIT */
#include "frame_out.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_short_text_is_one_masked_final_frame(void **state)
{
    uint8_t frame[16];
    (void)state;

    /* The key of RFC 6455 section 5.7's masked "Hello" is the generator's. */
    const uint8_t hello[] = {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58};
    assert_int_equal(tg_frame_out_write(frame, TG_OPCODE_TEXT, "Hello", 5), sizeof hello);
    assert_memory_equal(frame, hello, sizeof hello);
}

static void the_length_takes_sixteen_bits_from_126_octets_on(void **state)
{
    static uint8_t frame[TG_FRAME_OUT_PAYLOAD_MAX + TG_FRAME_OUT_HEAD_MAX];
    static uint8_t payload[TG_FRAME_OUT_PAYLOAD_MAX];
    (void)state;

    assert_int_equal(tg_frame_out_write(frame, TG_OPCODE_TEXT, payload, 125), 125 + 6);
    assert_int_equal(frame[1], 0x80 | 125);
    assert_int_equal(tg_frame_out_write(frame, TG_OPCODE_TEXT, payload, 126), 126 + 8);
    assert_int_equal(frame[1], 0x80 | 126);
    assert_int_equal(frame[2] << 8 | frame[3], 126);
    assert_int_equal(tg_frame_out_write(frame, TG_OPCODE_TEXT, payload, 65535), 65535 + 8);
    assert_int_equal(frame[2] << 8 | frame[3], 65535);
}

static void the_length_takes_64_bits_from_65536_octets_on(void **state)
{
    static uint8_t frame[TG_FRAME_OUT_PAYLOAD_MAX + TG_FRAME_OUT_HEAD_MAX];
    static uint8_t payload[TG_FRAME_OUT_PAYLOAD_MAX];
    (void)state;

    assert_int_equal(tg_frame_out_write(frame, TG_OPCODE_TEXT, payload, 65536), 65536 + 14);
    assert_memory_equal(frame, "\x81\xff\0\0\0\0\0\1\0\0\x37\xfa\x21\x3d", 14);
}

static void the_mask_can_be_asked_for_by_offset(void **state)
{
    uint8_t frame[64];
    const char *text = "0123456789";
    (void)state;

    tg_frame_out_write(frame, TG_OPCODE_TEXT, text, 10);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(frame[6 + i] ^ tg_frame_out_mask(i), text[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_text_is_one_masked_final_frame),
        cmocka_unit_test(the_length_takes_sixteen_bits_from_126_octets_on),
        cmocka_unit_test(the_length_takes_64_bits_from_65536_octets_on),
        cmocka_unit_test(the_mask_can_be_asked_for_by_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
