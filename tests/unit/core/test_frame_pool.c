/* SPDX-License-Identifier: MIT */
#include "core/frame_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LENGTHS = 700, MANY = 10000 };

static int set_up(void **state)
{
    *state = tg_frame_pool_create();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    tg_frame_pool_destroy(*state);
    return 0;
}

/* Writes every octet that the frame promises. */
static void fill(struct tg_frame *frame, size_t length)
{
    assert_non_null(frame);
    assert_int_equal(tg_frame_payload_length(frame), length);
    memset(tg_frame_payload(frame), 'x', length);
}

static void a_frame_is_like_one_made_without_a_pool(void **state)
{
    for (size_t length = 0; length < LENGTHS; length++) {
        struct tg_frame *frame = tg_frame_pool_take(*state, TG_OPCODE_TEXT, length);
        struct tg_frame *other = tg_frame_create(TG_OPCODE_TEXT, length);
        fill(frame, length);
        fill(other, length);
        assert_int_equal(frame->refs, 1);
        assert_int_equal(frame->opcode, TG_OPCODE_TEXT);
        assert_int_equal(frame->length, other->length);
        assert_memory_equal(frame->octets, other->octets, frame->length);
        tg_frame_unref(frame);
        tg_frame_unref(other);
    }
}

static void memory_is_used_again_by_frames_that_it_has_room_for(void **state)
{
    struct tg_frame *first = tg_frame_pool_take(*state, TG_OPCODE_TEXT, 60);
    const void *at = first;

    tg_frame_unref(first);
    struct tg_frame *larger = tg_frame_pool_take(*state, TG_OPCODE_TEXT, 200);
    assert_ptr_not_equal(larger, at);
    struct tg_frame *again = tg_frame_pool_take(*state, TG_OPCODE_BINARY, 61);
    assert_ptr_equal(again, at);
    fill(again, 61);
    assert_int_equal(again->opcode, TG_OPCODE_BINARY);
    tg_frame_unref(larger);
    tg_frame_unref(again);
}

static void a_shared_frame_comes_back_with_its_last_reference(void **state)
{
    struct tg_frame *frame = tg_frame_pool_take(*state, TG_OPCODE_TEXT, 10);
    const void *at = frame;

    (void)tg_frame_ref(frame);
    tg_frame_unref(frame);
    struct tg_frame *other = tg_frame_pool_take(*state, TG_OPCODE_TEXT, 10);
    assert_ptr_not_equal(other, at);
    tg_frame_unref(frame);
    struct tg_frame *again = tg_frame_pool_take(*state, TG_OPCODE_TEXT, 10);
    assert_ptr_equal(again, at);
    tg_frame_unref(again);
    tg_frame_unref(other);
}

/* More than the pool keeps: none is mixed up with another, and a leak checker finds nothing left.
 */
static void many_frames_may_be_in_use_at_once(void **state)
{
    static struct tg_frame *frames[MANY];

    for (size_t i = 0; i < MANY; i++) {
        frames[i] = tg_frame_pool_take(*state, TG_OPCODE_TEXT, i % LENGTHS);
        fill(frames[i], i % LENGTHS);
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(tg_frame_payload_length(frames[i]), i % LENGTHS);
        tg_frame_unref(frames[i]);
    }
}

static void a_frame_outlives_its_pool(void **state)
{
    struct tg_frame_pool *pool = tg_frame_pool_create();

    (void)state;
    assert_non_null(pool);
    struct tg_frame *first = tg_frame_pool_take(pool, TG_OPCODE_TEXT, 5);
    struct tg_frame *second = tg_frame_pool_take(pool, TG_OPCODE_TEXT, 5);
    tg_frame_pool_destroy(pool);
    fill(first, 5);
    tg_frame_unref(first);
    fill(second, 5);
    tg_frame_unref(second);
}

static void no_pool_and_no_size_are_fine(void **state)
{
    (void)state;
    struct tg_frame *frame = tg_frame_pool_take(NULL, TG_OPCODE_TEXT, 5);
    fill(frame, 5);
    tg_frame_unref(frame);
    assert_null(tg_frame_pool_take(*state, TG_OPCODE_TEXT, SIZE_MAX));
    assert_null(tg_frame_pool_take(*state, TG_OPCODE_TEXT, (size_t)INT32_MAX + 1));
    tg_frame_pool_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_frame_is_like_one_made_without_a_pool),
        TEST(memory_is_used_again_by_frames_that_it_has_room_for),
        TEST(a_shared_frame_comes_back_with_its_last_reference),
        TEST(many_frames_may_be_in_use_at_once),
        TEST(a_frame_outlives_its_pool),
        TEST(no_pool_and_no_size_are_fine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
