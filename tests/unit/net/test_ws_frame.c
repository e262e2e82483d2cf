/* SPDX-License-Identifier: MIT */
#include "net/ws_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_wire.h"

static const struct tg_ws_limits LIMITS = {.message_bytes = 70000, .message_fragments = 8};

/* A long input is not cut at every one of its octets, which would take hours. */
enum { EVERY_CUT_MAX = 1024, SPARSE_CUT = 1009 };

struct frame_case {
    const char *name;
    const char *octets;
    const char *events;
};

static const struct frame_case CASES[] = {
#define FRAME_CASE(name, octets, events) {name, octets, events},
#include "ws_frame_cases.def"
#undef FRAME_CASE
};
enum { CASE_COUNT = sizeof(CASES) / sizeof(CASES[0]) };

struct fixture {
    struct tg_buf wire;
    struct tg_buf told;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    tg_buf_init(&fixture->wire, FAKE_WIRE_MAX);
    tg_buf_init(&fixture->told, FAKE_WIRE_MAX);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_buf_fini(&fixture->wire);
    tg_buf_fini(&fixture->told);
    free(fixture);
    return 0;
}

static size_t cut_whole(void *self, size_t left)
{
    (void)self;
    return left;
}

static size_t cut_single(void *self, size_t left)
{
    (void)self;
    (void)left;
    return 1;
}

/* Cuts once: *self octets first, then the rest. */
static size_t cut_at(void *self, size_t left)
{
    size_t *first = self;
    size_t length = *first > 0 && *first < left ? *first : left;

    *first = 0;
    return length;
}

static void check(struct fixture *fixture, const struct frame_case *test, fake_wire_cut_fn cut,
                  void *self, const char *how)
{
    struct tg_str expected = tg_str_of(test->events);

    tg_buf_clear(&fixture->told);
    fake_wire_read(&fixture->told, tg_buf_str(&fixture->wire), &LIMITS, cut, self, false);
    if (!tg_str_is(tg_buf_str(&fixture->told), expected)) {
        fail_msg("%s, %s: expected %s, got %.*s", test->name, how, test->events,
                 TG_STR_ARGS(tg_buf_str(&fixture->told)));
    }
}

static void every_case_is_read_the_same_whole_and_cut_anywhere(void **state)
{
    struct fixture *fixture = *state;
    size_t cuts = 0;

    for (size_t i = 0; i < CASE_COUNT; i++) {
        tg_buf_clear(&fixture->wire);
        fake_wire_parse(&fixture->wire, CASES[i].octets);
        size_t length = fixture->wire.length;
        size_t stride = length > EVERY_CUT_MAX ? SPARSE_CUT : 1;

        check(fixture, &CASES[i], cut_whole, NULL, "whole");
        check(fixture, &CASES[i], cut_single, NULL, "octet by octet");
        for (size_t at = 1; at < length; at += at < 32 ? 1 : stride) {
            size_t first = at;
            check(fixture, &CASES[i], cut_at, &first, "cut in two");
            cuts++;
        }
    }
    print_message("%d cases, each whole, octet by octet, and in %zu ways in two\n", CASE_COUNT,
                  cuts);
}

static void there_are_at_least_150_cases(void **state)
{
    (void)state;
    assert_true(CASE_COUNT >= 150);
}

static void a_message_within_one_read_is_handed_over_in_place(void **state)
{
    struct fixture *fixture = *state;
    struct tg_ws_reader reader = {0};
    struct tg_ws_event event;

    fake_wire_parse(&fixture->wire, "81:Hello");
    struct tg_ws_input input = {(uint8_t *)fixture->wire.at, fixture->wire.length};
    tg_ws_frame_next(&reader, &input, &LIMITS, &event);
    assert_int_equal(event.kind, TG_WS_MESSAGE);
    assert_ptr_equal(event.payload.at, fixture->wire.at + 6);
    assert_null(reader.message);
    tg_ws_frame_fini(&reader);
}

static void an_assembled_message_is_freed_when_it_was_handled(void **state)
{
    struct fixture *fixture = *state;
    struct tg_ws_reader reader = {0};
    struct tg_ws_event event;

    fake_wire_parse(&fixture->wire, "01:Hel 80:lo 81=5:");
    struct tg_ws_input input = {(uint8_t *)fixture->wire.at, fixture->wire.length};
    tg_ws_frame_next(&reader, &input, &LIMITS, &event);
    assert_int_equal(event.kind, TG_WS_MESSAGE);
    assert_non_null(reader.message);
    tg_ws_frame_release(&reader);
    assert_null(reader.message);
    tg_ws_frame_next(&reader, &input, &LIMITS, &event);
    assert_int_equal(event.kind, TG_WS_NOTHING);
    tg_ws_frame_fini(&reader);
}

static void memory_grows_with_what_has_arrived_and_not_with_what_was_promised(void **state)
{
    struct fixture *fixture = *state;
    struct tg_ws_reader reader = {0};
    struct tg_ws_event event;

    fake_wire_parse(&fixture->wire, "82=70000:abc");
    struct tg_ws_input input = {(uint8_t *)fixture->wire.at, fixture->wire.length};
    tg_ws_frame_next(&reader, &input, &LIMITS, &event);
    assert_int_equal(event.kind, TG_WS_NOTHING);
    assert_int_equal(reader.message_length, 3);
    assert_true(reader.message_capacity <= 512);
    tg_ws_frame_fini(&reader);
}

static void a_cut_ping_leaves_no_memory_behind(void **state)
{
    struct fixture *fixture = *state;
    struct tg_ws_reader reader = {0};
    struct tg_ws_event event;

    fake_wire_parse(&fixture->wire, "89:beat");
    struct tg_ws_input first = {(uint8_t *)fixture->wire.at, 8};
    struct tg_ws_input second = {(uint8_t *)fixture->wire.at + 8, fixture->wire.length - 8};
    tg_ws_frame_next(&reader, &first, &LIMITS, &event);
    assert_non_null(reader.control);
    tg_ws_frame_next(&reader, &second, &LIMITS, &event);
    assert_int_equal(event.kind, TG_WS_PING);
    assert_true(tg_str_is(event.payload, TG_STR("beat")));
    tg_ws_frame_release(&reader);
    assert_null(reader.control);
    tg_ws_frame_fini(&reader);
}

static void an_idle_reader_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct tg_ws_reader) <= 64);
}

static void fini_accepts_zeroes_and_stops_the_reader(void **state)
{
    struct fixture *fixture = *state;
    struct tg_ws_reader reader = {0};
    struct tg_ws_event event;

    tg_ws_frame_fini(&reader);
    fake_wire_parse(&fixture->wire, "81:late");
    struct tg_ws_input input = {(uint8_t *)fixture->wire.at, fixture->wire.length};
    tg_ws_frame_next(&reader, &input, &LIMITS, &event);
    assert_int_equal(event.kind, TG_WS_NOTHING);
    assert_int_equal(input.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_at_least_150_cases),
        cmocka_unit_test_setup_teardown(every_case_is_read_the_same_whole_and_cut_anywhere, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_message_within_one_read_is_handed_over_in_place, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_assembled_message_is_freed_when_it_was_handled, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            memory_grows_with_what_has_arrived_and_not_with_what_was_promised, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_ping_leaves_no_memory_behind, set_up, tear_down),
        cmocka_unit_test(an_idle_reader_is_small),
        cmocka_unit_test_setup_teardown(fini_accepts_zeroes_and_stops_the_reader, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
