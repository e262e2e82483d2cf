/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cluster/wire.h"
#include "fake_memory.h"

/* The octets of a mail, and the body in them. */
struct fixture {
    struct tg_buf wire;
    struct tg_frame *frame;
    char long_name[200];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_buf_init(&f->wire, TG_MAIL_MAX);
    f->frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("hello"));
    memset(f->long_name, 'x', sizeof(f->long_name));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->frame->refs, 1);
    tg_frame_unref(f->frame);
    tg_buf_fini(&f->wire);
    free(f);
    return 0;
}

/* Takes the mail. The view is valid until the next. */
static struct tg_mail_view send(struct fixture *f, struct tg_mail *mail)
{
    struct tg_mail_view view;

    tg_buf_clear(&f->wire);
    tg_buf_add(&f->wire, mail->head, mail->head_length);
    if (mail->frame) {
        tg_buf_add(&f->wire, tg_frame_payload(mail->frame), tg_frame_payload_length(mail->frame));
    }
    assert_int_equal(tg_mail_read(tg_buf_str(&f->wire), &view), TG_OK);
    assert_int_equal(view.length, f->wire.length);
    tg_mail_unref(mail);
    return view;
}

static void assert_same_view(struct tg_str a, struct tg_str b)
{
    assert_int_equal(a.at == NULL, b.at == NULL);
    assert_true(!a.at || tg_str_is(a, b));
}

static void assert_same_audience(const struct tg_audience *a, const struct tg_audience *b)
{
    assert_same_view(a->gateway, b->gateway);
    assert_same_view(a->tenant, b->tenant);
    assert_same_view(a->room, b->room);
}

static void publications_come_out_as_they_went_in(void **state)
{
    struct fixture *f = *state;
    const struct tg_audience audiences[] = {
        {TG_STR("chat"), {NULL, 0}, {NULL, 0}},
        {TG_STR("chat"), TG_STR("acme"), {NULL, 0}},
        {TG_STR("chat"), {NULL, 0}, TG_STR("lobby")},
        {TG_STR("chat"), TG_STR("acme"), TG_STR("a room\nwith anything \xff in it")},
        {tg_str(f->long_name, 63), tg_str(f->long_name, 63), tg_str(f->long_name, 128)},
    };

    for (size_t i = 0; i < sizeof(audiences) / sizeof(audiences[0]); i++) {
        struct tg_publication publication = {audiences[i], f->frame};
        struct tg_wire_publication read;
        struct tg_mail *mail;
        assert_int_equal(tg_wire_write_publication(&publication, &mail), TG_OK);
        assert_ptr_equal(mail->frame, f->frame);
        struct tg_mail_view view = send(f, mail);
        assert_int_equal(view.kind, TG_WIRE_PUBLICATION);
        assert_int_equal(tg_wire_read_publication(view.body, &read), TG_OK);
        assert_int_equal(read.opcode, TG_OPCODE_TEXT);
        assert_same_audience(&read.audience, &audiences[i]);
        assert_true(tg_str_is(read.payload, TG_STR("hello")));
    }
}

static void the_largest_publication_fits_with_the_longest_names(void **state)
{
    struct fixture *f = *state;
    struct tg_frame *frame = tg_frame_create(TG_OPCODE_BINARY, TG_BUS_PAYLOAD_MAX);
    struct tg_publication publication = {
        {tg_str(f->long_name, 63), tg_str(f->long_name, 63), tg_str(f->long_name, 128)}, frame};
    struct tg_wire_publication read;
    struct tg_mail *mail;

    memset(tg_frame_payload(frame), 'p', TG_BUS_PAYLOAD_MAX);
    assert_int_equal(tg_wire_write_publication(&publication, &mail), TG_OK);
    struct tg_mail_view view = send(f, mail);
    assert_int_equal(tg_wire_read_publication(view.body, &read), TG_OK);
    assert_int_equal(read.opcode, TG_OPCODE_BINARY);
    assert_int_equal(read.payload.length, TG_BUS_PAYLOAD_MAX);
    tg_frame_unref(frame);
}

static void names_that_nobody_can_have_are_told_apart_from_mistakes(void **state)
{
    struct fixture *f = *state;
    const struct tg_audience audiences[] = {
        {TG_STR(""), TG_STR("acme"), TG_STR("lobby")},
        {tg_str(f->long_name, 64), TG_STR("acme"), TG_STR("lobby")},
        {TG_STR("chat"), TG_STR(""), TG_STR("lobby")},
        {TG_STR("chat"), TG_STR("Acme"), TG_STR("lobby")},
        {TG_STR("chat"), tg_str(f->long_name, 64), TG_STR("lobby")},
        {TG_STR("chat"), TG_STR("acme"), TG_STR("")},
        {TG_STR("chat"), TG_STR("acme"), tg_str(f->long_name, 129)},
    };
    struct tg_mail *mail = NULL;

    for (size_t i = 0; i < sizeof(audiences) / sizeof(audiences[0]); i++) {
        struct tg_publication publication = {audiences[i], f->frame};
        struct tg_wire_question question = {1, TG_QUESTION_COUNT, audiences[i]};
        assert_int_equal(tg_wire_write_publication(&publication, &mail), TG_ERR_NOT_FOUND);
        assert_int_equal(tg_wire_write_question(&question, &mail), TG_ERR_NOT_FOUND);
    }
    struct tg_wire_question roomless = {1, TG_QUESTION_COUNT, {.gateway = TG_STR("chat")}};
    assert_int_equal(tg_wire_write_question(&roomless, &mail), TG_ERR_INVALID);
    struct tg_frame *ping = tg_frame_of(TG_OPCODE_PING, TG_STR(""));
    struct tg_publication control = {{.gateway = TG_STR("chat")}, ping};
    assert_int_equal(tg_wire_write_publication(&control, &mail), TG_ERR_INVALID);
    tg_frame_unref(ping);
    assert_null(mail);
}

static void questions_come_out_as_they_went_in(void **state)
{
    struct fixture *f = *state;
    const struct tg_wire_question questions[] = {
        {1, TG_QUESTION_COUNT, {TG_STR("chat"), TG_STR("acme"), TG_STR("lobby")}},
        {UINT64_MAX, TG_QUESTION_MEMBERS, {TG_STR("chat"), {NULL, 0}, TG_STR("l")}},
        {0x0123456789abcdef, TG_QUESTION_COUNT, {TG_STR("c"), {NULL, 0}, TG_STR("l")}},
    };

    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        struct tg_wire_question read;
        struct tg_mail *mail;
        assert_int_equal(tg_wire_write_question(&questions[i], &mail), TG_OK);
        assert_true(tg_mail_is_control(mail));
        struct tg_mail_view view = send(f, mail);
        assert_int_equal(view.kind, TG_WIRE_QUESTION);
        assert_int_equal(tg_wire_read_question(view.body, &read), TG_OK);
        assert_true(read.id == questions[i].id);
        assert_int_equal(read.kind, questions[i].kind);
        assert_same_audience(&read.audience, &questions[i].audience);
    }
}

static void answers_come_out_as_they_went_in(void **state)
{
    struct fixture *f = *state;
    const struct tg_wire_answer answers[] = {
        {7, {.count = 0}, false},
        {7, {.count = UINT64_MAX, .is_partial = true}, false},
        {7, {.count = 0}, true},
        {7, {.count = 2, .ids = tg_str("alice-1\0bob-2\0", 14)}, true},
        {7, {.count = 1, .ids = tg_str("a\0", 2), .is_partial = true}, true},
    };

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct tg_wire_answer read;
        struct tg_mail *mail;
        assert_int_equal(tg_wire_write_answer(&answers[i], &mail), TG_OK);
        assert_int_equal(tg_mail_is_control(mail), !answers[i].has_ids);
        struct tg_mail_view view = send(f, mail);
        assert_int_equal(view.kind, answers[i].has_ids ? TG_WIRE_ROLL : TG_WIRE_ANSWER);
        assert_int_equal(tg_wire_read_answer(view.body, answers[i].has_ids, &read), TG_OK);
        assert_true(read.id == 7);
        assert_true(read.answers.count == answers[i].answers.count);
        assert_int_equal(read.answers.is_partial, answers[i].answers.is_partial);
        assert_true(tg_str_is(read.answers.ids, answers[i].answers.ids));
        assert_int_equal(tg_wire_read_answer(view.body, !answers[i].has_ids, &read), TG_ERR_SYNTAX);
    }
}

static void ids_that_are_not_as_many_or_as_long_as_said_are_malformed(void **state)
{
    static const char count_2[] = "\7\0\0\0\0\0\0\0\2\2\0\0\0\0\0\0\0";
    static const struct {
        const char *ids;
        size_t length;
        int err;
    } cases[] = {
        {"a\0b\0", 4, TG_OK},
        {"a\0b", 3, TG_ERR_SYNTAX},
        {"a\0b\0c\0", 6, TG_ERR_SYNTAX},
        {"a\0", 2, TG_ERR_SYNTAX},
        {"", 0, TG_ERR_SYNTAX},
        {"a\0\0", 3, TG_ERR_SYNTAX},
        {"\0b\0", 3, TG_ERR_SYNTAX},
        {"123456789012345678901234567890123456789\0b\0", 42, TG_OK},
        {"1234567890123456789012345678901234567890\0b\0", 43, TG_ERR_SYNTAX},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_wire_answer read;
        tg_buf_clear(&f->wire);
        tg_buf_add(&f->wire, count_2, sizeof(count_2) - 1);
        tg_buf_add(&f->wire, cases[i].ids, cases[i].length);
        assert_int_equal(tg_wire_read_answer(tg_buf_str(&f->wire), true, &read), cases[i].err);
    }
}

static void a_cut_body_is_malformed_at_every_octet(void **state)
{
    struct fixture *f = *state;
    struct tg_audience audience = {TG_STR("chat"), TG_STR("acme"), TG_STR("lobby")};
    struct tg_publication publication = {audience, f->frame};
    struct tg_wire_question question = {1, TG_QUESTION_COUNT, audience};
    struct tg_wire_answer answer = {1, {.count = 1}, false};
    struct tg_wire_publication read_publication;
    struct tg_wire_question read_question;
    struct tg_wire_answer read_answer;
    struct tg_mail *mail;

    assert_int_equal(tg_wire_write_publication(&publication, &mail), TG_OK);
    struct tg_str body = send(f, mail).body;
    for (size_t length = 0; length < body.length; length++) {
        /* Without its last octets the payload is just shorter. */
        int err = length < body.length - 5 ? TG_ERR_SYNTAX : TG_OK;
        assert_int_equal(tg_wire_read_publication(tg_str(body.at, length), &read_publication), err);
    }
    assert_int_equal(tg_wire_write_question(&question, &mail), TG_OK);
    body = send(f, mail).body;
    for (size_t length = 0; length < body.length; length++) {
        assert_int_equal(tg_wire_read_question(tg_str(body.at, length), &read_question),
                         TG_ERR_SYNTAX);
    }
    assert_int_equal(tg_wire_write_answer(&answer, &mail), TG_OK);
    body = send(f, mail).body;
    for (size_t length = 0; length < body.length; length++) {
        assert_int_equal(tg_wire_read_answer(tg_str(body.at, length), false, &read_answer),
                         TG_ERR_SYNTAX);
    }
}

static void what_no_peer_writes_is_malformed(void **state)
{
    static const struct {
        const char *body;
        size_t length;
    } publications[] = {
        {"\x08\0\4chat", 7},        /* a close frame */
        {"\x01\4\4chat", 7},        /* an unknown flag */
        {"\x01\0\0", 3},            /* no gateway's name */
        {"\x01\1\4chat\4Acme", 12}, /* no tenant's id */
        {"\x01\2\4chat\0", 8},      /* no room's name */
    };
    static const struct {
        const char *body;
        size_t length;
    } questions[] = {
        {"\1\0\0\0\0\0\0\0\0\0\4chat", 15},     /* no room */
        {"\1\0\0\0\0\0\0\0\2\2\4chat\1r", 17},  /* an unknown kind */
        {"\1\0\0\0\0\0\0\0\0\2\4chat\1rx", 18}, /* more behind */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(publications) / sizeof(publications[0]); i++) {
        struct tg_wire_publication read;
        struct tg_str body = tg_str(publications[i].body, publications[i].length);
        assert_int_equal(tg_wire_read_publication(body, &read), TG_ERR_SYNTAX);
    }
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        struct tg_wire_question read;
        struct tg_str body = tg_str(questions[i].body, questions[i].length);
        assert_int_equal(tg_wire_read_question(body, &read), TG_ERR_SYNTAX);
    }
    struct tg_wire_answer read;
    assert_int_equal(
        tg_wire_read_answer(tg_str("\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0x", 18), false, &read),
        TG_ERR_SYNTAX);
    assert_int_equal(
        tg_wire_read_answer(tg_str("\7\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\0", 17), false, &read),
        TG_ERR_SYNTAX);
}

static void without_memory_nothing_is_written(void **state)
{
    struct fixture *f = *state;
    struct tg_audience audience = {TG_STR("chat"), TG_STR("acme"), TG_STR("lobby")};
    struct tg_publication publication = {audience, f->frame};
    struct tg_wire_question question = {1, TG_QUESTION_COUNT, audience};
    struct tg_wire_answer answer = {1, {.count = 1, .ids = tg_str("a\0", 2)}, true};
    struct tg_mail *mail = NULL;

    fake_memory_fail_after(0);
    assert_int_equal(tg_wire_write_publication(&publication, &mail), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    fake_memory_fail_after(0);
    assert_int_equal(tg_wire_write_question(&question, &mail), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    for (uint32_t i = 0; i < 2; i++) {
        fake_memory_fail_after(i);
        assert_int_equal(tg_wire_write_answer(&answer, &mail), TG_ERR_NOMEM);
        assert_true(fake_memory_heal());
    }
    assert_null(mail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(publications_come_out_as_they_went_in),
        TEST(the_largest_publication_fits_with_the_longest_names),
        TEST(names_that_nobody_can_have_are_told_apart_from_mistakes),
        TEST(questions_come_out_as_they_went_in),
        TEST(answers_come_out_as_they_went_in),
        TEST(ids_that_are_not_as_many_or_as_long_as_said_are_malformed),
        TEST(a_cut_body_is_malformed_at_every_octet),
        TEST(what_no_peer_writes_is_malformed),
        TEST(without_memory_nothing_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
