/* SPDX-License-Identifier: MIT */
/* The verdicts on whole texts are the names of the files in tests/fuzz/corpus/json_scan: valid_*,
 * invalid_* and limit_*. */
#include "hub/json_scan.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"

enum { SEEDS_LEAST = 250, SEED_BYTES_MAX = 8192 };

static const char seeds[] = TG_SOURCE_DIR "/tests/fuzz/corpus/json_scan";

static int scan(struct tg_str text)
{
    struct tg_str value;

    return tg_json_scan(text, &tg_json_default_limits, &value);
}

/* A copy in a block of just its size, so that a sanitizer sees a look past its end. */
static int scan_copy(const char *at, size_t length)
{
    char *copy = malloc(length ? length : 1);

    assert_non_null(copy);
    memcpy(copy, at, length);
    int err = scan(tg_str(copy, length));
    free(copy);
    return err;
}

static struct tg_str read_seed(const char *name, char room[SEED_BYTES_MAX])
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", seeds, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(room, 1, SEED_BYTES_MAX, file);
    assert_true(length < SEED_BYTES_MAX);
    (void)fclose(file);
    return tg_str(room, length);
}

static int verdict(const char *name)
{
    if (strncmp(name, "valid_", 6) == 0) {
        return TG_OK;
    }
    if (strncmp(name, "limit_", 6) == 0) {
        return TG_ERR_TOO_DEEP;
    }
    assert_int_equal(strncmp(name, "invalid_", 8), 0);
    return TG_ERR_SYNTAX;
}

/* Calls check with each seed. */
static void for_each_seed(void (*check)(const char *name, struct tg_str text))
{
    static char room[SEED_BYTES_MAX];
    DIR *folder = opendir(seeds);
    struct dirent *entry;
    int count = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] != '.') {
            check(entry->d_name, read_seed(entry->d_name, room));
            count++;
        }
    }
    (void)closedir(folder);
    print_message("%d seeds\n", count);
    assert_true(count >= SEEDS_LEAST);
}

static void check_verdict(const char *name, struct tg_str text)
{
    int err = scan_copy(text.at, text.length);

    if (err != verdict(name)) {
        fail_msg("%s: %s", name, tg_err_text(err));
    }
}

static void every_seed_gets_the_verdict_of_its_name(void **state)
{
    (void)state;
    for_each_seed(check_verdict);
}

/* Up to each octet: nothing past the end is looked at, and only a number may end early. */
static void check_starts(const char *name, struct tg_str text)
{
    struct tg_str value;

    if (verdict(name) != TG_OK) {
        return;
    }
    assert_int_equal(tg_json_scan(text, &tg_json_default_limits, &value), TG_OK);
    size_t first = (size_t)(value.at - text.at);
    bool is_number = value.at[0] == '-' || (value.at[0] >= '0' && value.at[0] <= '9');
    for (size_t length = 0; length < first + value.length; length++) {
        int err = scan_copy(text.at, length);
        if (err == TG_OK && !(is_number && length > first)) {
            fail_msg("%s: its first %zu octets pass", name, length);
        }
    }
}

static void a_text_that_is_cut_off_is_refused_wherever_it_is_cut(void **state)
{
    (void)state;
    for_each_seed(check_starts);
}

static void the_value_is_given_without_the_blanks_around_it(void **state)
{
    struct tg_str value;

    (void)state;
    assert_int_equal(tg_json_scan(TG_STR(" \n[1, 2]\t "), &tg_json_default_limits, &value), TG_OK);
    assert_true(tg_str_is(value, TG_STR("[1, 2]")));
    assert_int_equal(tg_json_scan(TG_STR("[1"), &tg_json_default_limits, &value), TG_ERR_SYNTAX);
    assert_int_equal(value.length, 0);
}

static void an_empty_view_without_an_address_is_refused(void **state)
{
    (void)state;
    assert_int_equal(scan(tg_str(NULL, 0)), TG_ERR_SYNTAX);
}

static int scan_limited(const char *text, uint32_t depth, uint32_t nodes)
{
    struct tg_json_limits limits = {depth, nodes, NULL};
    struct tg_str value;

    return tg_json_scan(tg_str_of(text), &limits, &value);
}

static void the_depth_limit_counts_arrays_and_objects(void **state)
{
    (void)state;
    assert_int_equal(scan_limited("1", 0, 10), TG_OK);
    assert_int_equal(scan_limited("[]", 0, 10), TG_ERR_TOO_DEEP);
    assert_int_equal(scan_limited("[{}]", 2, 10), TG_OK);
    assert_int_equal(scan_limited("[{}]", 1, 10), TG_ERR_TOO_DEEP);
    assert_int_equal(scan_limited("[[1],[2],[3]]", 2, 10), TG_OK);
}

static void the_node_limit_counts_every_value_but_no_name(void **state)
{
    (void)state;
    assert_int_equal(scan_limited("[1,2,3]", 9, 4), TG_OK);
    assert_int_equal(scan_limited("[1,2,3]", 9, 3), TG_ERR_TOO_DEEP);
    assert_int_equal(scan_limited("{\"a\":1,\"b\":{}}", 9, 3), TG_OK);
    assert_int_equal(scan_limited("{\"a\":1,\"b\":{}}", 9, 2), TG_ERR_TOO_DEEP);
    assert_int_equal(scan_limited("1", 9, 0), TG_ERR_TOO_DEEP);
}

static void a_depth_limit_past_the_scanners_own_counts_as_that(void **state)
{
    char text[2 * (TG_JSON_DEPTH_MAX + 1) + 1] = "";

    (void)state;
    memset(text, '[', TG_JSON_DEPTH_MAX + 1);
    memset(text + TG_JSON_DEPTH_MAX + 1, ']', TG_JSON_DEPTH_MAX + 1);
    assert_int_equal(scan_limited(text, UINT32_MAX, UINT32_MAX), TG_ERR_TOO_DEEP);
    text[2 * TG_JSON_DEPTH_MAX + 1] = '\0';
    assert_int_equal(scan_limited(text + 1, UINT32_MAX, UINT32_MAX), TG_OK);
}

static void the_products_limits_are_depth_64_and_100000_nodes(void **state)
{
    size_t room = 2 * (size_t)TG_JSON_NODES_MAX + 2;
    char *text = malloc(room);
    size_t length = 0;

    (void)state;
    assert_non_null(text);
    assert_int_equal(tg_json_default_limits.depth, 64);
    assert_int_equal(tg_json_default_limits.nodes, 100000);
    text[length++] = '[';
    for (int i = 1; i < TG_JSON_NODES_MAX; i++) {
        text[length++] = '1';
        text[length++] = ',';
    }
    text[length - 1] = ']';
    assert_int_equal(scan(tg_str(text, length)), TG_OK);
    (void)stpcpy(text + length - 1, ",1]");
    assert_int_equal(scan(tg_str(text, length + 2)), TG_ERR_TOO_DEEP);
    free(text);
}

struct pair {
    const char *name;
    const char *value;
};

static const char walked_text[] = " { \"a\" : 1 ,\"b\\n\":[ {\"c\":2}, 3 ],\"\":\"x\" , \"a\":{}} ";
static const struct tg_str walked = {walked_text, sizeof(walked_text) - 1};
static const struct pair walked_pairs[] = {
    {"a", "1"}, {"b\\n", "[ {\"c\":2}, 3 ]"}, {"", "\"x\""}, {"a", "{}"}};
enum { WALKED = sizeof(walked_pairs) / sizeof(walked_pairs[0]) };

static void assert_member(const struct tg_json_member *member, const struct pair *pair)
{
    assert_true(tg_str_is(member->name, tg_str_of(pair->name)));
    assert_true(tg_str_is(member->value, tg_str_of(pair->value)));
}

static void a_walk_gives_the_members_in_order(void **state)
{
    struct tg_json_walk walk;
    struct tg_json_member member;

    (void)state;
    assert_int_equal(tg_json_walk_start(&walk, walked, &tg_json_default_limits), TG_OK);
    for (int i = 0; i < WALKED; i++) {
        assert_int_equal(tg_json_walk_next(&walk, &member), 1);
        assert_member(&member, &walked_pairs[i]);
    }
    assert_int_equal(tg_json_walk_next(&walk, &member), 0);
}

/* A walk to its end: what ended it. */
static int walk_all(struct tg_str text, const struct tg_json_limits *limits)
{
    struct tg_json_walk walk;
    struct tg_json_member member;
    int more = tg_json_walk_start(&walk, text, limits);

    if (more == TG_OK) {
        do {
            more = tg_json_walk_next(&walk, &member);
        } while (more > 0);
    }
    return more;
}

static void check_walk(const char *name, struct tg_str text)
{
    int err = walk_all(text, &tg_json_default_limits);
    size_t blank = 0;

    while (blank < text.length && strchr(" \t\r\n", text.at[blank])) {
        blank++;
    }
    if (blank < text.length && text.at[blank] == '{') {
        if (err != verdict(name)) {
            fail_msg("%s: %s", name, tg_err_text(err));
        }
    } else {
        assert_int_equal(err, TG_ERR_SYNTAX);
    }
}

static void a_walk_judges_every_object_as_a_scan_does(void **state)
{
    (void)state;
    for_each_seed(check_walk);
}

static void a_walk_counts_depth_and_nodes_as_a_scan_does(void **state)
{
    const struct tg_str text = TG_STR("{\"a\":[1,2],\"b\":{\"c\":[]}}");

    (void)state;
    for (uint32_t depth = 0; depth < 5; depth++) {
        for (uint32_t nodes = 0; nodes < 9; nodes++) {
            struct tg_json_limits limits = {depth, nodes, NULL};
            int expected = depth >= 3 && nodes >= 6 ? TG_OK : TG_ERR_TOO_DEEP;
            struct tg_str value;
            assert_int_equal(walk_all(text, &limits), expected);
            assert_int_equal(tg_json_scan(text, &limits, &value), expected);
        }
    }
}

static void members_of_a_scanned_object_are_given_by_a_cursor(void **state)
{
    struct tg_json_member member;
    size_t cursor = 0;

    (void)state;
    for (int i = 0; i < WALKED; i++) {
        assert_true(tg_json_next_member(walked, &cursor, &member));
        assert_member(&member, &walked_pairs[i]);
    }
    assert_false(tg_json_next_member(walked, &cursor, &member));
    cursor = 0;
    assert_false(tg_json_next_member(TG_STR("{}"), &cursor, &member));
    assert_false(tg_json_next_member(TG_STR("[1]"), &cursor, &member));
    cursor = 100;
    assert_false(tg_json_next_member(TG_STR("{\"a\":1}"), &cursor, &member));
}

static void assert_unescaped(const char *inside, struct tg_str expected)
{
    char out[64];
    int length = tg_json_unescape(tg_str_of(inside), out, strlen(inside));

    assert_int_equal(length, expected.length);
    assert_memory_equal(out, expected.at, expected.length);
    if (expected.length > 0) {
        assert_int_equal(tg_json_unescape(tg_str_of(inside), out, expected.length), length);
        assert_int_equal(tg_json_unescape(tg_str_of(inside), out, expected.length - 1),
                         TG_ERR_TOO_LARGE);
    }
}

static void escapes_are_undone_to_utf8(void **state)
{
    (void)state;
    assert_unescaped("", TG_STR(""));
    assert_unescaped("plain", TG_STR("plain"));
    assert_unescaped("\\\"\\\\\\/\\b\\f\\n\\r\\t", TG_STR("\"\\/\b\f\n\r\t"));
    assert_unescaped("a\\u0000b", TG_STR("a\0b"));
    assert_unescaped("\\u007f\\u0080\\u07FF", TG_STR("\x7f\xC2\x80\xDF\xBF"));
    assert_unescaped("\\u0800\\uD7fF\\uE000\\uffff",
                     TG_STR("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"));
    assert_unescaped("\\ud800\\udc00\\uDBFF\\uDFFF", TG_STR("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
    assert_unescaped("x\xC3\xBC\\u00fcy", TG_STR("x\xC3\xBC\xC3\xBCy"));
    assert_int_equal(tg_json_unescape(tg_str(NULL, 0), NULL, 0), 0);
}

static void a_scan_ends_early_when_it_is_to_stop(void **state)
{
    enum { ESCAPES = 10000 };
    static char text[2 * ESCAPES + 3];
    _Atomic bool stop = false;
    struct tg_json_limits limits = {1, 1, &stop};
    struct tg_str value;

    (void)state;
    text[0] = '"';
    for (size_t i = 0; i < ESCAPES; i++) {
        memcpy(text + 1 + 2 * i, "\\n", 2);
    }
    text[2 * ESCAPES + 1] = '"';
    assert_int_equal(tg_json_scan(tg_str_of(text), &limits, &value), TG_OK);
    stop = true;
    assert_int_equal(tg_json_scan(tg_str_of(text), &limits, &value), TG_ERR_SYNTAX);
    assert_int_equal(value.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_seed_gets_the_verdict_of_its_name),
        cmocka_unit_test(a_text_that_is_cut_off_is_refused_wherever_it_is_cut),
        cmocka_unit_test(the_value_is_given_without_the_blanks_around_it),
        cmocka_unit_test(an_empty_view_without_an_address_is_refused),
        cmocka_unit_test(the_depth_limit_counts_arrays_and_objects),
        cmocka_unit_test(the_node_limit_counts_every_value_but_no_name),
        cmocka_unit_test(a_depth_limit_past_the_scanners_own_counts_as_that),
        cmocka_unit_test(the_products_limits_are_depth_64_and_100000_nodes),
        cmocka_unit_test(a_walk_gives_the_members_in_order),
        cmocka_unit_test(a_walk_judges_every_object_as_a_scan_does),
        cmocka_unit_test(a_walk_counts_depth_and_nodes_as_a_scan_does),
        cmocka_unit_test(members_of_a_scanned_object_are_given_by_a_cursor),
        cmocka_unit_test(escapes_are_undone_to_utf8),
        cmocka_unit_test(a_scan_ends_early_when_it_is_to_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
