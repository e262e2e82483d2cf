/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rand.h"
#include "core/mail.h"
#include "fake_memory.h"

enum { RANDOM_MAILS = 20000 };

/* What a mailbox would write. */
static void add_mail(struct tg_buf *out, const struct tg_mail *mail)
{
    tg_buf_add(out, mail->head, mail->head_length);
    if (mail->frame) {
        tg_buf_add(out, tg_frame_payload(mail->frame), tg_frame_payload_length(mail->frame));
    }
}

static void a_mail_is_length_kind_and_body(void **state)
{
    struct tg_mail *mail = NULL;

    (void)state;
    assert_int_equal(tg_mail_create(&mail, 7, TG_STR("abc"), NULL), TG_OK);
    assert_int_equal(mail->length, 8);
    assert_int_equal(mail->head_length, 8);
    assert_memory_equal(mail->head,
                        "\x04\0\0\0\x07"
                        "abc",
                        8);
    tg_mail_unref(mail);
}

static void a_frames_payload_ends_the_body_without_being_copied(void **state)
{
    struct tg_frame *frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("payload"));
    struct tg_mail *mail = NULL;
    struct tg_mail_view view;
    struct tg_buf wire;

    (void)state;
    assert_int_equal(tg_mail_create(&mail, 7, TG_STR("head "), frame), TG_OK);
    assert_int_equal(frame->refs, 2);
    assert_int_equal(mail->length, TG_MAIL_HEAD + 12);
    assert_int_equal(mail->head_length, TG_MAIL_HEAD + 5);
    tg_buf_init(&wire, 1 << 10);
    add_mail(&wire, mail);
    assert_int_equal(tg_mail_read(tg_buf_str(&wire), &view), TG_OK);
    assert_true(tg_str_is(view.body, TG_STR("head payload")));
    assert_int_equal(view.length, mail->length);
    assert_ptr_equal(tg_mail_ref(mail), mail);
    tg_mail_unref(mail);
    assert_int_equal(frame->refs, 2);
    tg_mail_unref(mail);
    assert_int_equal(frame->refs, 1);
    tg_frame_unref(frame);
    tg_mail_unref(NULL);
    tg_buf_fini(&wire);
}

static void the_largest_mail_is_made_and_read_and_one_octet_more_is_not(void **state)
{
    size_t length = TG_MAIL_MAX - TG_MAIL_HEAD - 3;
    struct tg_frame *frame = tg_frame_create(TG_OPCODE_BINARY, length);
    struct tg_mail *mail = NULL;
    struct tg_mail_view view;
    struct tg_buf wire;

    (void)state;
    memset(tg_frame_payload(frame), 'x', length);
    assert_int_equal(tg_mail_create(&mail, 1, TG_STR("four"), frame), TG_ERR_TOO_LARGE);
    assert_null(mail);
    assert_int_equal(frame->refs, 1);
    assert_int_equal(tg_mail_create(&mail, 1, TG_STR("two"), frame), TG_OK);
    assert_int_equal(mail->length, TG_MAIL_MAX);
    tg_buf_init(&wire, TG_MAIL_MAX);
    add_mail(&wire, mail);
    assert_int_equal(wire.err, TG_OK);
    assert_int_equal(tg_mail_read(tg_buf_str(&wire), &view), TG_OK);
    assert_int_equal(view.body.length, length + 3);
    assert_int_equal(tg_mail_read(tg_str(wire.at, wire.length - 1), &view), TG_ERR_INCOMPLETE);
    assert_int_equal(view.length, TG_MAIL_MAX);
    tg_mail_unref(mail);
    tg_frame_unref(frame);
    frame = tg_frame_create(TG_OPCODE_BINARY, TG_MAIL_MAX);
    assert_int_equal(tg_mail_create(&mail, 1, TG_STR("two"), frame), TG_ERR_TOO_LARGE);
    assert_int_equal(tg_mail_create(&mail, 1, tg_str("", TG_MAIL_MAX), NULL), TG_ERR_TOO_LARGE);
    tg_frame_unref(frame);
    tg_buf_fini(&wire);
}

static void what_no_peer_writes_is_refused_by_its_head_alone(void **state)
{
    struct tg_mail_view view;

    (void)state;
    assert_int_equal(tg_mail_read(tg_str("\0\0\0\0", 4), &view), TG_ERR_SYNTAX);
    assert_int_equal(tg_mail_read(tg_str("\xff\xff\xff\xff", 4), &view), TG_ERR_TOO_LARGE);
    /* 8 MiB - 4 is the largest length, since the length's own octets count too. */
    assert_int_equal(tg_mail_read(tg_str("\xfd\xff\x7f\0", 4), &view), TG_ERR_TOO_LARGE);
    assert_int_equal(tg_mail_read(tg_str("\xfc\xff\x7f\0", 4), &view), TG_ERR_INCOMPLETE);
    assert_int_equal(view.length, TG_MAIL_MAX);
}

static void octet_by_octet_the_reader_says_how_many_it_needs(void **state)
{
    static const char wire[] = "\x04\0\0\0\x85"
                               "abc and what follows";
    struct tg_mail_view view;

    (void)state;
    for (size_t length = 0; length < 8; length++) {
        assert_int_equal(tg_mail_read(tg_str(wire, length), &view), TG_ERR_INCOMPLETE);
        assert_int_equal(view.length, length < 4 ? 5 : 8);
    }
    for (size_t length = 8; length < sizeof(wire); length++) {
        assert_int_equal(tg_mail_read(tg_str(wire, length), &view), TG_OK);
        assert_int_equal(view.kind, 0x85);
        assert_int_equal(view.length, 8);
        assert_true(tg_str_is(view.body, TG_STR("abc")));
    }
}

static void a_kind_with_the_upper_bit_is_control_mail(void **state)
{
    struct tg_mail *mail;

    (void)state;
    assert_int_equal(tg_mail_create(&mail, 0x7f, tg_str(NULL, 0), NULL), TG_OK);
    assert_false(tg_mail_is_control(mail));
    tg_mail_unref(mail);
    assert_int_equal(tg_mail_create(&mail, 0x80, tg_str(NULL, 0), NULL), TG_OK);
    assert_true(tg_mail_is_control(mail));
    tg_mail_unref(mail);
}

static void without_memory_there_is_no_mail(void **state)
{
    struct tg_frame *frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("payload"));
    struct tg_mail *mail = NULL;

    (void)state;
    fake_memory_fail_after(0);
    assert_int_equal(tg_mail_create(&mail, 1, TG_STR("x"), frame), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    assert_null(mail);
    assert_int_equal(frame->refs, 1);
    tg_frame_unref(frame);
}

/* The seed makes kind, length and octets of the i-th mail, for the writer and for the reader. */
static struct tg_str random_body(uint64_t seed, uint32_t i, uint8_t *kind, char body[600])
{
    struct tg_rand rand;

    tg_rand_seed(&rand, seed + i);
    *kind = (uint8_t)tg_rand_next(&rand);
    size_t length =
        tg_rand_below(&rand, 8) == 0 ? tg_rand_below(&rand, 600) : tg_rand_below(&rand, 40);
    for (size_t at = 0; at < length; at++) {
        body[at] = (char)tg_rand_next(&rand);
    }
    return tg_str(body, length);
}

static void random_mails_in_random_cuts_come_out_as_they_went_in(void **state)
{
    struct tg_rand rand;
    struct tg_buf wire;
    uint8_t kind;
    char body[600];
    uint64_t seed;
    uint32_t read = 0;
    size_t used = 0;
    size_t known = 0;

    (void)state;
    tg_rand_kernel(&seed, sizeof(seed));
    print_message("seed %llu\n", (unsigned long long)seed);
    tg_rand_seed(&rand, seed);
    tg_buf_init(&wire, 64 << 20);
    for (uint32_t i = 0; i < RANDOM_MAILS; i++) {
        struct tg_mail *mail;
        struct tg_str text = random_body(seed, i, &kind, body);
        size_t cut = tg_rand_below(&rand, text.length + 1);
        struct tg_frame *frame =
            tg_frame_of(TG_OPCODE_BINARY, tg_str(text.at + cut, text.length - cut));
        assert_int_equal(tg_mail_create(&mail, kind, tg_str(text.at, cut), frame), TG_OK);
        add_mail(&wire, mail);
        tg_frame_unref(frame);
        tg_mail_unref(mail);
    }
    while (used < wire.length) {
        struct tg_mail_view view;
        int err = tg_mail_read(tg_str(wire.at + used, known - used), &view);
        if (err == TG_ERR_INCOMPLETE) {
            assert_true(view.length > known - used);
            known += 1 + tg_rand_below(&rand, 700);
            known = known < wire.length ? known : wire.length;
            continue;
        }
        assert_int_equal(err, TG_OK);
        struct tg_str text = random_body(seed, read++, &kind, body);
        assert_int_equal(view.kind, kind);
        assert_true(tg_str_is(view.body, text));
        used += view.length;
    }
    assert_int_equal(read, RANDOM_MAILS);
    tg_buf_fini(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_is_length_kind_and_body),
        cmocka_unit_test(a_frames_payload_ends_the_body_without_being_copied),
        cmocka_unit_test(the_largest_mail_is_made_and_read_and_one_octet_more_is_not),
        cmocka_unit_test(what_no_peer_writes_is_refused_by_its_head_alone),
        cmocka_unit_test(octet_by_octet_the_reader_says_how_many_it_needs),
        cmocka_unit_test(a_kind_with_the_upper_bit_is_control_mail),
        cmocka_unit_test(without_memory_there_is_no_mail),
        cmocka_unit_test(random_mails_in_random_cuts_come_out_as_they_went_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
