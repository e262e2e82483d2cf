/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "cluster/inquiry.h"
#include "fake_memory.h"

enum { START_MS = 1000 };

/* What on_answers was told. */
struct fixture {
    struct tg_wheel wheel;
    struct tg_inquiry_table table;
    uint32_t calls;
    uint64_t count;
    bool is_partial;
    char ids[256];
    size_t ids_length;
    uint64_t cancels; /* what on_answers cancels; 0: nothing */
    bool asks_again;
};

static void on_answers(void *self, const struct tg_answers *answers);

static uint64_t ask(struct fixture *f, enum tg_question_kind kind, uint64_t asked, uint64_t due_ms)
{
    struct tg_question question = {.kind = kind, .on_answers = on_answers, .self = f};
    struct tg_inquiry_options options = {&question, asked, false, due_ms};
    uint64_t id = f->table.next_id;

    assert_int_equal(tg_inquiry_open(&f->table, &options), TG_OK);
    return id;
}

static void on_answers(void *self, const struct tg_answers *answers)
{
    struct fixture *f = self;

    f->calls++;
    f->count = answers->count;
    f->is_partial = answers->is_partial;
    f->ids_length = answers->ids.length;
    if (answers->ids.length > 0 && answers->ids.length < sizeof(f->ids)) {
        memcpy(f->ids, answers->ids.at, answers->ids.length);
    }
    if (f->cancels) {
        tg_inquiry_cancel(&f->table, f->cancels);
    }
    if (f->asks_again) {
        f->asks_again = false;
        (void)ask(f, TG_QUESTION_COUNT, 2, f->wheel.now_ms + TG_BUS_ANSWER_MS);
    }
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_wheel_init(&f->wheel, START_MS);
    tg_inquiry_init(&f->table, &f->wheel);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_inquiry_fini(&f->table);
    assert_int_equal(f->table.count, 0);
    assert_int_equal(f->wheel.count, 0);
    free(f);
    return 0;
}

static void answer(struct fixture *f, uint64_t id, uint32_t slot, uint64_t count)
{
    struct tg_answers answers = {.count = count};

    tg_inquiry_answer(&f->table, id, slot, &answers);
}

static void the_last_answer_ends_a_question_with_the_sum(void **state)
{
    struct fixture *f = *state;
    uint64_t slots = UINT64_C(1) << 1 | UINT64_C(1) << 2 | UINT64_C(1) << 63;
    uint64_t id = ask(f, TG_QUESTION_COUNT, slots, 2000);

    answer(f, id, 2, 10);
    answer(f, id, 63, 100);
    assert_int_equal(f->calls, 0);
    answer(f, id, 1, 1);
    assert_int_equal(f->calls, 1);
    assert_int_equal(f->count, 111);
    assert_false(f->is_partial);
    assert_int_equal(f->table.count, 0);
    assert_int_equal(f->wheel.count, 0);
}

static void second_late_and_unasked_answers_change_nothing(void **state)
{
    struct fixture *f = *state;
    uint64_t id = ask(f, TG_QUESTION_COUNT, 1 << 1 | 1 << 2, 2000);

    answer(f, id, 2, 10);
    answer(f, id, 2, 10);
    answer(f, id, 5, 10);
    answer(f, id + 1, 1, 10);
    assert_int_equal(f->calls, 0);
    answer(f, id, 1, 1);
    answer(f, id, 1, 1);
    assert_int_equal(f->calls, 1);
    assert_int_equal(f->count, 11);
}

static void at_the_deadline_a_question_ends_with_what_is_there(void **state)
{
    struct fixture *f = *state;
    uint64_t id = ask(f, TG_QUESTION_COUNT, 1 << 1 | 1 << 2, START_MS + TG_BUS_ANSWER_MS);

    answer(f, id, 2, 10);
    tg_wheel_advance(&f->wheel, START_MS + TG_BUS_ANSWER_MS - 1);
    assert_int_equal(f->calls, 0);
    tg_wheel_advance(&f->wheel, START_MS + TG_BUS_ANSWER_MS);
    assert_int_equal(f->calls, 1);
    assert_int_equal(f->count, 10);
    assert_true(f->is_partial);
    answer(f, id, 1, 1);
    assert_int_equal(f->calls, 1);
}

static void a_partial_answer_or_an_unasked_worker_makes_the_whole_partial(void **state)
{
    struct fixture *f = *state;
    uint64_t id = ask(f, TG_QUESTION_COUNT, 1 << 1, 2000);
    struct tg_answers partial = {.count = 3, .is_partial = true};

    tg_inquiry_answer(&f->table, id, 1, &partial);
    assert_int_equal(f->count, 3);
    assert_true(f->is_partial);

    struct tg_question question = {.on_answers = on_answers, .self = f};
    struct tg_inquiry_options options = {&question, 1 << 1, true, 2000};
    id = f->table.next_id;
    assert_int_equal(tg_inquiry_open(&f->table, &options), TG_OK);
    answer(f, id, 1, 4);
    assert_int_equal(f->count, 4);
    assert_true(f->is_partial);
}

static void ids_are_gathered_in_the_order_of_the_answers(void **state)
{
    struct fixture *f = *state;
    uint64_t id = ask(f, TG_QUESTION_MEMBERS, 1 << 1 | 1 << 2 | 1 << 3, 2000);
    struct tg_answers two = {.count = 2, .ids = tg_str("a\0b\0", 4)};
    struct tg_answers one = {.count = 1, .ids = tg_str("c\0", 2)};

    tg_inquiry_answer(&f->table, id, 2, &one);
    tg_inquiry_answer(&f->table, id, 1, &two);
    answer(f, id, 3, 0);
    assert_int_equal(f->calls, 1);
    assert_int_equal(f->count, 3);
    assert_false(f->is_partial);
    assert_int_equal(f->ids_length, 6);
    assert_memory_equal(f->ids, "c\0a\0b\0", 6);
}

static void members_without_ids_or_without_room_for_them_are_not_counted(void **state)
{
    struct fixture *f = *state;
    uint64_t id = ask(f, TG_QUESTION_MEMBERS, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4, 2000);
    size_t length = TG_INQUIRY_IDS_BYTES - 1;
    char *ids = malloc(length);
    struct tg_answers many = {.count = 1000, .ids = tg_str(ids, length)};
    struct tg_answers two = {.count = 2, .ids = tg_str("a\0", 2)};
    struct tg_answers one = {.count = 1, .ids = tg_str("\0", 1)};

    memset(ids, 'x', length);
    answer(f, id, 1, 50);
    tg_inquiry_answer(&f->table, id, 2, &many);
    tg_inquiry_answer(&f->table, id, 3, &two);
    tg_inquiry_answer(&f->table, id, 4, &one);
    assert_int_equal(f->calls, 1);
    assert_int_equal(f->count, 1001);
    assert_int_equal(f->ids_length, TG_INQUIRY_IDS_BYTES);
    assert_true(f->is_partial);
    free(ids);
}

static void without_memory_for_ids_the_answer_is_partial(void **state)
{
    struct fixture *f = *state;
    uint64_t id = ask(f, TG_QUESTION_MEMBERS, 1 << 1 | 1 << 2, 2000);
    struct tg_answers one = {.count = 1, .ids = tg_str("a\0", 2)};

    fake_memory_fail_after(0);
    tg_inquiry_answer(&f->table, id, 1, &one);
    assert_true(fake_memory_heal());
    tg_inquiry_answer(&f->table, id, 2, &one);
    assert_int_equal(f->calls, 1);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->ids_length, 2);
    assert_true(f->is_partial);
}

static void a_lost_worker_answers_nothing_to_all_that_wait_for_it(void **state)
{
    struct fixture *f = *state;
    uint64_t first = ask(f, TG_QUESTION_COUNT, 1 << 1 | 1 << 2, 2000);

    (void)ask(f, TG_QUESTION_COUNT, 1 << 2, 2000);
    (void)ask(f, TG_QUESTION_COUNT, 1 << 1, 2000);
    answer(f, first, 1, 5);
    assert_int_equal(f->calls, 0);
    f->asks_again = true;
    tg_inquiry_lose(&f->table, 2);
    /* Its clients are gone with it, so nothing is missing. */
    assert_int_equal(f->calls, 2);
    assert_false(f->is_partial);
    assert_int_equal(f->table.count, 2);
    tg_inquiry_lose(&f->table, 2);
    assert_int_equal(f->calls, 2);
    tg_inquiry_lose(&f->table, 1);
    assert_int_equal(f->calls, 4);
    assert_int_equal(f->table.count, 0);
}

static void a_cancelled_question_is_never_answered(void **state)
{
    struct fixture *f = *state;
    uint64_t id = ask(f, TG_QUESTION_COUNT, 1 << 1, 2000);

    tg_inquiry_cancel(&f->table, id);
    tg_inquiry_cancel(&f->table, id);
    answer(f, id, 1, 5);
    tg_wheel_advance(&f->wheel, 5000);
    assert_int_equal(f->calls, 0);
    assert_int_equal(f->table.count, 0);
}

/* Both end by the same loss; the first to be told cancels the other, and itself. */
static void a_question_may_be_cancelled_while_it_is_about_to_end(void **state)
{
    struct fixture *f = *state;
    (void)ask(f, TG_QUESTION_COUNT, 1 << 1, 2000);
    f->cancels = ask(f, TG_QUESTION_COUNT, 1 << 1, 2000);

    tg_inquiry_lose(&f->table, 1);
    assert_int_equal(f->calls, 1);
    assert_int_equal(f->table.count, 0);
    f->cancels = ask(f, TG_QUESTION_COUNT, 1 << 1, 2000);
    answer(f, f->cancels, 1, 5);
    assert_int_equal(f->calls, 2);
}

static void open_questions_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct tg_question question = {.on_answers = on_answers, .self = f};
    struct tg_inquiry_options options = {&question, 2, false, 2000};

    for (int i = 0; i < TG_BUS_QUESTIONS_MAX; i++) {
        assert_int_equal(tg_inquiry_open(&f->table, &options), TG_OK);
    }
    assert_int_equal(tg_inquiry_open(&f->table, &options), TG_ERR_FULL);
    answer(f, 1, 1, 0);
    assert_int_equal(tg_inquiry_open(&f->table, &options), TG_OK);
    tg_wheel_advance(&f->wheel, 2000);
    assert_int_equal(f->calls, TG_BUS_QUESTIONS_MAX + 1);
}

static void without_memory_no_question_is_opened(void **state)
{
    struct fixture *f = *state;
    struct tg_question question = {.on_answers = on_answers, .self = f};
    struct tg_inquiry_options options = {&question, 2, false, 2000};
    uint32_t failures = 0;

    for (uint32_t i = 0; i < 10; i++) {
        fake_memory_fail_after(i);
        int err = tg_inquiry_open(&f->table, &options);
        if (!fake_memory_heal()) {
            assert_int_equal(err, TG_OK);
            break;
        }
        assert_int_equal(err, TG_ERR_NOMEM);
        assert_int_equal(f->table.count, 0);
        assert_int_equal(f->table.next_id, 1);
        failures++;
    }
    assert_in_range(failures, 2, 9);
    assert_int_equal(f->table.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(the_last_answer_ends_a_question_with_the_sum),
        TEST(second_late_and_unasked_answers_change_nothing),
        TEST(at_the_deadline_a_question_ends_with_what_is_there),
        TEST(a_partial_answer_or_an_unasked_worker_makes_the_whole_partial),
        TEST(ids_are_gathered_in_the_order_of_the_answers),
        TEST(members_without_ids_or_without_room_for_them_are_not_counted),
        TEST(without_memory_for_ids_the_answer_is_partial),
        TEST(a_lost_worker_answers_nothing_to_all_that_wait_for_it),
        TEST(a_cancelled_question_is_never_answered),
        TEST(a_question_may_be_cancelled_while_it_is_about_to_end),
        TEST(open_questions_are_bounded),
        TEST(without_memory_no_question_is_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
