/* SPDX-License-Identifier: MIT */
#include "fake_house.h"
#include "fake_memory.h"

#include <stdlib.h>

#include "hub/outbox.h"

struct fixture {
    struct tg_outbox outbox;
    struct tg_outbox_limits limits;
    char scratch[64];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->limits = (struct tg_outbox_limits){8, 400};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_outbox_fini(&f->outbox);
    free(f);
    return 0;
}

static struct tg_frame *frame_of(size_t payload, char fill)
{
    struct tg_frame *frame = tg_frame_create(TG_OPCODE_TEXT, payload);

    assert_non_null(frame);
    memset(tg_frame_payload(frame), fill, payload);
    return frame;
}

static void push(struct fixture *f, size_t payload, char fill)
{
    assert_int_equal(tg_outbox_push(&f->outbox, frame_of(payload, fill), &f->limits), TG_OK);
}

static void it_holds_exactly_its_messages(void **state)
{
    struct fixture *f = *state;
    struct tg_frame *more = frame_of(1, 'x');

    for (int i = 0; i < 8; i++) {
        push(f, 1, 'a');
    }
    assert_int_equal(tg_outbox_push(&f->outbox, more, &f->limits), TG_ERR_FULL);
    assert_int_equal(f->outbox.count, 8);
    tg_frame_unref(more);
}

static void it_holds_exactly_its_octets(void **state)
{
    struct fixture *f = *state;
    struct tg_frame *more = frame_of(0, 'x');

    push(f, 198, 'a'); /* 4 + 198 */
    push(f, 194, 'b'); /* 4 + 194 = 400 in all */
    assert_int_equal(f->outbox.bytes, 400);
    assert_int_equal(tg_outbox_push(&f->outbox, more, &f->limits), TG_ERR_FULL);
    tg_frame_unref(more);
}

static void a_close_frame_always_has_its_place(void **state)
{
    struct fixture *f = *state;

    push(f, 396, 'a');
    assert_int_equal(tg_outbox_push(&f->outbox, tg_frame_close(1013, TG_STR("")), NULL), TG_OK);
    assert_int_equal(f->outbox.count, 2);
}

static void small_frames_leave_together(void **state)
{
    struct fixture *f = *state;

    push(f, 3, 'a');
    push(f, 3, 'b');
    push(f, 3, 'c');
    struct tg_str taken = tg_outbox_take(&f->outbox, f->scratch, sizeof(f->scratch));
    assert_int_equal(taken.length, 15);
    assert_memory_equal(taken.at,
                        "\x81\x03"
                        "aaa\x81\x03"
                        "bbb\x81\x03"
                        "ccc",
                        15);
    assert_false(tg_outbox_has_waiting(&f->outbox));
}

static void what_flies_counts_until_it_is_written(void **state)
{
    struct fixture *f = *state;

    push(f, 3, 'a');
    (void)tg_outbox_take(&f->outbox, f->scratch, sizeof(f->scratch));
    assert_int_equal(f->outbox.bytes, 5);
    assert_int_equal(f->outbox.count, 1);
    tg_outbox_written(&f->outbox);
    assert_int_equal(f->outbox.bytes, 0);
    assert_true(tg_outbox_is_empty(&f->outbox));
    assert_int_equal(f->outbox.capacity, 0);
}

static void a_large_frame_leaves_in_pieces_of_its_own_octets(void **state)
{
    struct fixture *f = *state;
    char whole[256];
    size_t length = 0;
    int pieces = 0;

    push(f, 150, 'a');
    push(f, 2, 'b');
    while (tg_outbox_has_waiting(&f->outbox)) {
        struct tg_str taken = tg_outbox_take(&f->outbox, f->scratch, sizeof(f->scratch));
        assert_true(taken.length > 0 && taken.length <= sizeof(f->scratch));
        memcpy(whole + length, taken.at, taken.length);
        length += taken.length;
        pieces++;
        tg_outbox_written(&f->outbox);
    }
    assert_int_equal(length, 154 + 4);
    assert_int_equal(pieces, 3);
    assert_int_equal((unsigned char)whole[0], 0x81);
    assert_int_equal(whole[153], 'a');
    assert_memory_equal(whole + 154,
                        "\x81\x02"
                        "bb",
                        4);
}

static void a_dropped_queue_keeps_the_frame_of_which_a_part_has_left(void **state)
{
    struct fixture *f = *state;

    push(f, 150, 'a');
    push(f, 2, 'b');
    (void)tg_outbox_take(&f->outbox, f->scratch, sizeof(f->scratch));
    tg_outbox_written(&f->outbox);
    tg_outbox_drop(&f->outbox);
    assert_int_equal(f->outbox.count, 1);
    assert_int_equal(f->outbox.bytes, 154);
    struct tg_str rest = tg_outbox_take(&f->outbox, f->scratch, sizeof(f->scratch));
    assert_int_equal(rest.length, 64);
}

static void a_dropped_queue_without_a_begun_frame_is_empty(void **state)
{
    struct fixture *f = *state;

    push(f, 10, 'a');
    push(f, 2, 'b');
    tg_outbox_drop(&f->outbox);
    assert_true(tg_outbox_is_empty(&f->outbox));
    assert_int_equal(f->outbox.capacity, 0);
    assert_int_equal(f->outbox.bytes, 0);
}

static void a_shared_frame_outlives_the_queue(void **state)
{
    struct fixture *f = *state;
    struct tg_frame *frame = frame_of(4, 's');

    assert_int_equal(tg_outbox_push(&f->outbox, tg_frame_ref(frame), &f->limits), TG_OK);
    tg_outbox_drop(&f->outbox);
    assert_int_equal(frame->refs, 1);
    tg_frame_unref(frame);
}

static void one_frame_needs_no_memory_and_the_lack_of_it_for_more_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct tg_frame *first = frame_of(3, 'a');
    struct tg_frame *second = frame_of(3, 'b');

    fake_memory_fail_after(0);
    assert_int_equal(tg_outbox_push(&f->outbox, first, &f->limits), TG_OK);
    assert_int_equal(tg_outbox_push(&f->outbox, second, &f->limits), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    assert_int_equal(f->outbox.count, 1);
    assert_int_equal(f->outbox.bytes, 5);
    assert_int_equal(tg_outbox_push(&f->outbox, second, &f->limits), TG_OK);
    struct tg_str taken = tg_outbox_take(&f->outbox, f->scratch, sizeof(f->scratch));
    assert_int_equal(taken.length, 10);
    assert_memory_equal(taken.at + 2, "aaa", 3);
    tg_outbox_written(&f->outbox);
    assert_int_equal(f->outbox.capacity, 0);
}

static void order_holds_over_many_random_turns(void **state)
{
    struct fixture *f = *state;
    struct tg_rand rand;
    uint8_t next_in = 0;
    uint8_t next_out = 0;
    uint32_t most = 0;
    size_t inside = 0; /* octets of the current frame already seen */

    f->limits = (struct tg_outbox_limits){20, 2000}; /* more than the first ring holds */
    tg_rand_seed(&rand, 42);
    for (int turn = 0; turn < 20000; turn++) {
        size_t payload = 1 + tg_rand_below(&rand, 100);
        struct tg_frame *frame = frame_of(payload, (char)next_in);
        if (tg_outbox_push(&f->outbox, frame, &f->limits) == TG_OK) {
            next_in++;
        } else {
            tg_frame_unref(frame);
        }
        assert_true(f->outbox.bytes <= 2000 && f->outbox.count <= 20);
        most = f->outbox.count > most ? f->outbox.count : most;
        if (tg_rand_below(&rand, 2) == 0 || !tg_outbox_has_waiting(&f->outbox)) {
            continue;
        }
        size_t room = 1 + tg_rand_below(&rand, sizeof(f->scratch));
        struct tg_str taken = tg_outbox_take(&f->outbox, f->scratch, room);
        for (size_t i = 0; i < taken.length; i++) {
            static size_t length;
            uint8_t octet = (uint8_t)taken.at[i];
            if (inside == 0) {
                assert_int_equal(octet, 0x81);
            } else if (inside == 1) {
                length = octet;
            } else {
                assert_int_equal(octet, next_out);
            }
            inside++;
            if (inside == length + 2 && inside > 2) {
                inside = 0;
                next_out++;
            }
        }
        tg_outbox_written(&f->outbox);
    }
    assert_true(next_out != 0 || next_in != 0);
    assert_int_equal(most, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_holds_exactly_its_messages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_holds_exactly_its_octets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_close_frame_always_has_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_frames_leave_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_flies_counts_until_it_is_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_frame_leaves_in_pieces_of_its_own_octets, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_dropped_queue_keeps_the_frame_of_which_a_part_has_left,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_dropped_queue_without_a_begun_frame_is_empty, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_shared_frame_outlives_the_queue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            one_frame_needs_no_memory_and_the_lack_of_it_for_more_changes_nothing, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(order_holds_over_many_random_turns, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
