/* SPDX-License-Identifier: MIT */
#include "net/http_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rand.h"

enum { INCOMPLETE = TG_REFUSAL_COUNT + 1, COMPLETE, FIELDS_MAX = 5, RANDOM_HEADS = 50000 };

static const struct tg_http_head_limits LIMITS = {.bytes = 512, .fields = FIELDS_MAX};

struct head_case {
    const char *name;
    const char *octets;
    size_t length;
    int result; /* enum tg_refusal, INCOMPLETE or COMPLETE */
    uint32_t fields;
};

#define RESULT_INCOMPLETE INCOMPLETE
#define RESULT_COMPLETE COMPLETE
#define RESULT_MALFORMED TG_REFUSAL_MALFORMED
#define RESULT_BAD_METHOD TG_REFUSAL_BAD_METHOD
#define RESULT_BAD_HTTP_VERSION TG_REFUSAL_BAD_HTTP_VERSION
#define RESULT_HEAD_TOO_LARGE TG_REFUSAL_HEAD_TOO_LARGE
static const struct head_case CASES[] = {
#define HEAD_CASE(name, octets, result, fields) \
    {name, octets, sizeof(octets) - 1, RESULT_##result, fields},
#include "http_head_cases.def"
#undef HEAD_CASE
    {"a NUL first", "\0GET / HTTP/1.1\r\n\r\n", 20, TG_REFUSAL_MALFORMED, 0},
    {"a NUL in the method", "G\0T / HTTP/1.1\r\n\r\n", 18, TG_REFUSAL_MALFORMED, 0},
    {"a NUL in the target", "GET /\0 HTTP/1.1\r\n\r\n", 19, TG_REFUSAL_MALFORMED, 0},
    {"a NUL in a name", "GET / HTTP/1.1\r\nA\0: b\r\n\r\n", 25, TG_REFUSAL_MALFORMED, 0},
    {"a NUL in a value", "GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24, TG_REFUSAL_MALFORMED, 0},
};
enum { CASE_COUNT = sizeof(CASES) / sizeof(CASES[0]) };

static int result_of(enum tg_http_head_result result, const struct tg_http_head *head)
{
    switch (result) {
    case TG_HTTP_HEAD_COMPLETE:
        return COMPLETE;
    case TG_HTTP_HEAD_REFUSED:
        return head->refusal;
    case TG_HTTP_HEAD_INCOMPLETE:
        break;
    }
    return INCOMPLETE;
}

/* Shows the scan the first octets, then ever more of them, as a conn does. What was scanned before
 * is overwritten: a scan that goes back would fall over it. */
static int scan_growing(struct tg_http_head *head, const char *octets, size_t length, size_t first,
                        size_t by, const struct tg_http_head_limits *limits)
{
    size_t shown = first < length ? first : length;

    for (;;) {
        char *copy = malloc(shown + 1);
        assert_non_null(copy);
        memcpy(copy, octets, shown);
        memset(copy, 0, head->length);
        int result = result_of(tg_http_head_scan(head, tg_str(copy, shown), limits), head);
        free(copy);
        if (result != INCOMPLETE || shown == length) {
            return result;
        }
        shown = by < length - shown ? shown + by : length;
    }
}

static void check(const struct head_case *test, size_t first, size_t by)
{
    struct tg_http_head head = {0};
    int result = scan_growing(&head, test->octets, test->length, first, by, &LIMITS);

    if (result != test->result || (result == COMPLETE && head.fields != test->fields)) {
        fail_msg("%s (first %zu): result %d, fields %u", test->name, first, result, head.fields);
    }
}

static void every_case_is_judged_the_same_whole_and_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        check(&CASES[i], CASES[i].length, 1);
        check(&CASES[i], 0, 1);
        for (size_t first = 1; first < CASES[i].length; first++) {
            check(&CASES[i], first, CASES[i].length);
        }
    }
    print_message("%d cases\n", CASE_COUNT);
}

static void there_are_at_least_60_cases(void **state)
{
    (void)state;
    assert_true(CASE_COUNT >= 60);
}

static void the_target_and_the_trimmed_fields_are_found(void **state)
{
    struct tg_str octets = TG_STR("GET /chat?a=b HTTP/1.1\r\nHost:example.org:80\r\n"
                                  "X-Empty:\r\nX-Tabs: \t one two\t \r\n\r\n\x81");
    struct tg_http_head head = {0};
    struct tg_header headers[FIELDS_MAX];
    struct tg_str target;

    (void)state;
    assert_int_equal(tg_http_head_scan(&head, octets, &LIMITS), TG_HTTP_HEAD_COMPLETE);
    assert_int_equal(head.length, octets.length - 1);
    assert_int_equal(head.fields, 3);
    tg_http_head_read(&head, octets, &target, headers);
    assert_true(tg_str_is(target, TG_STR("/chat?a=b")));
    assert_true(tg_str_is(headers[0].name, TG_STR("Host")));
    assert_true(tg_str_is(headers[0].value, TG_STR("example.org:80")));
    assert_true(tg_str_is(headers[1].name, TG_STR("X-Empty")));
    assert_int_equal(headers[1].value.length, 0);
    assert_true(tg_str_is(headers[2].name, TG_STR("X-Tabs")));
    assert_true(tg_str_is(headers[2].value, TG_STR("one two")));
}

/* A head of exactly size octets, by a field of the right length. */
static char *head_of_size(size_t size)
{
    static const char START[] = "GET / HTTP/1.1\r\nA: ";
    char *octets = malloc(size);

    assert_non_null(octets);
    memset(octets, 'a', size);
    memcpy(octets, START, sizeof(START) - 1);
    memcpy(octets + size - 4, "\r\n\r\n", 4);
    return octets;
}

static void a_head_may_be_as_long_as_the_limit_and_no_longer(void **state)
{
    (void)state;
    for (size_t size = LIMITS.bytes - 2; size <= LIMITS.bytes + 2; size++) {
        char *octets = head_of_size(size);
        struct tg_http_head whole = {0};
        struct tg_http_head single = {0};
        int expected = size <= LIMITS.bytes ? COMPLETE : TG_REFUSAL_HEAD_TOO_LARGE;

        assert_int_equal(scan_growing(&whole, octets, size, size, 1, &LIMITS), expected);
        assert_int_equal(scan_growing(&single, octets, size, 1, 1, &LIMITS), expected);
        free(octets);
    }
}

static int scan_target(size_t target_length, uint32_t head_bytes)
{
    struct tg_http_head_limits limits = {.bytes = head_bytes, .fields = FIELDS_MAX};
    struct tg_http_head head = {0};
    size_t size = 4 + target_length + 13;
    char *octets = malloc(size);

    assert_non_null(octets);
    memcpy(octets, "GET ", 4);
    memset(octets + 4, '/', target_length);
    memcpy(octets + 4 + target_length, " HTTP/1.1\r\n\r\n", 13);
    int result = result_of(tg_http_head_scan(&head, tg_str(octets, size), &limits), &head);
    free(octets);
    return result;
}

static void a_target_has_a_limit_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(scan_target(TG_HTTP_TARGET_MAX, 16384), COMPLETE);
    assert_int_equal(scan_target(TG_HTTP_TARGET_MAX + 1, 16384), TG_REFUSAL_URI_TOO_LONG);
    assert_int_equal(scan_target(65536, 16384), TG_REFUSAL_URI_TOO_LONG);
    assert_int_equal(scan_target(2000, 1024), TG_REFUSAL_URI_TOO_LONG);
}

static void a_flood_of_fields_is_stopped_at_the_first_too_many(void **state)
{
    struct tg_http_head head = {0};
    char octets[512] = "GET / HTTP/1.1\r\n";
    size_t length = 16;

    (void)state;
    for (int i = 0; i < FIELDS_MAX; i++) {
        memcpy(octets + length, "A: b\r\n", 6);
        length += 6;
    }
    assert_int_equal(tg_http_head_scan(&head, tg_str(octets, length), &LIMITS),
                     TG_HTTP_HEAD_INCOMPLETE);
    octets[length++] = 'A';
    assert_int_equal(tg_http_head_scan(&head, tg_str(octets, length), &LIMITS),
                     TG_HTTP_HEAD_REFUSED);
    assert_int_equal(head.refusal, TG_REFUSAL_HEAD_TOO_LARGE);
}

static void what_is_not_http_is_refused_at_its_first_octet(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        char first = (char)octet;
        struct tg_http_head head = {0};
        int expected = octet >= 'A' && octet <= 'Z' ? INCOMPLETE : TG_REFUSAL_MALFORMED;

        assert_int_equal(result_of(tg_http_head_scan(&head, tg_str(&first, 1), &LIMITS), &head),
                         expected);
    }
}

/* One octet of a good head is changed, one is added or one is taken away. */
static void a_broken_head_is_never_complete_with_control_octets(void **state)
{
    static const char GOOD[] = "GET /chat?x=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n";
    struct tg_rand rand;
    uint32_t complete = 0;

    (void)state;
    tg_rand_seed(&rand, 9112);
    for (int i = 0; i < RANDOM_HEADS; i++) {
        char octets[sizeof(GOOD) + 1];
        size_t length = sizeof(GOOD) - 1;
        size_t at = (size_t)tg_rand_below(&rand, length);
        struct tg_http_head whole = {0};
        struct tg_http_head cut = {0};

        memcpy(octets, GOOD, length);
        switch (tg_rand_below(&rand, 3)) {
        case 0:
            octets[at] = (char)tg_rand_next(&rand);
            break;
        case 1:
            memmove(octets + at + 1, octets + at, length - at);
            octets[at] = (char)tg_rand_next(&rand);
            length++;
            break;
        default:
            memmove(octets + at, octets + at + 1, length - at - 1);
            length--;
        }
        int result = scan_growing(&whole, octets, length, length, 1, &LIMITS);
        size_t step = 1 + (size_t)tg_rand_below(&rand, 20);
        assert_int_equal(scan_growing(&cut, octets, length, 1, step, &LIMITS), result);
        if (result != COMPLETE) {
            continue;
        }
        complete++;
        for (size_t k = 0; k < whole.length; k++) {
            uint8_t octet = (uint8_t)octets[k];
            bool is_line_end = octet == '\r' || octet == '\n';
            assert_true(octet == '\t' || is_line_end || (octet >= 0x20 && octet != 0x7f));
            assert_true(octet != '\n' || octets[k - 1] == '\r');
        }
    }
    print_message("%d random heads, %u complete, seed 9112\n", RANDOM_HEADS, complete);
    assert_in_range(complete, RANDOM_HEADS / 20, RANDOM_HEADS - RANDOM_HEADS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_at_least_60_cases),
        cmocka_unit_test(every_case_is_judged_the_same_whole_and_cut_anywhere),
        cmocka_unit_test(the_target_and_the_trimmed_fields_are_found),
        cmocka_unit_test(a_head_may_be_as_long_as_the_limit_and_no_longer),
        cmocka_unit_test(a_target_has_a_limit_of_its_own),
        cmocka_unit_test(a_flood_of_fields_is_stopped_at_the_first_too_many),
        cmocka_unit_test(what_is_not_http_is_refused_at_its_first_octet),
        cmocka_unit_test(a_broken_head_is_never_complete_with_control_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
