/* SPDX-License-Identifier: MIT */
#include "token_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Reads a file of these octets. */
static bool read_octets(struct tg_token_list *list, const char *octets, size_t length)
{
    char path[] = "/tmp/wsload-tokens-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_true(write(fd, octets, length) == (ssize_t)length);
    close(fd);
    bool is_read = tg_token_list_read(list, path);
    unlink(path);
    return is_read;
}

static void tokens_come_in_turn_and_again(void **state)
{
    struct tg_token_list list;

    (void)state;
    assert_true(read_octets(&list, "a.b.c\nd\ne.f\n", 12));
    for (int i = 0; i < 2; i++) {
        assert_string_equal(tg_token_list_take(&list), "a.b.c");
        assert_string_equal(tg_token_list_take(&list), "d");
        assert_string_equal(tg_token_list_take(&list), "e.f");
    }
    tg_token_list_fini(&list);
    assert_null(tg_token_list_take(&list));
}

static void what_is_no_list_of_lines_is_refused(void **state)
{
    static const char *const bad[] = {"", "\n", "a\n\nb\n", "a\nb"};
    struct tg_token_list list;
    char *line = malloc(TG_TOKEN_OCTETS_MAX + 2);

    (void)state;
    assert_non_null(line);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(read_octets(&list, bad[i], strlen(bad[i])));
        assert_null(list.octets);
    }
    memset(line, 'x', TG_TOKEN_OCTETS_MAX + 1);
    line[TG_TOKEN_OCTETS_MAX + 1] = '\n';
    assert_false(read_octets(&list, line, TG_TOKEN_OCTETS_MAX + 2));
    line[TG_TOKEN_OCTETS_MAX] = '\n';
    assert_true(read_octets(&list, line, TG_TOKEN_OCTETS_MAX + 1));
    tg_token_list_fini(&list);
    free(line);
    assert_false(tg_token_list_read(&list, "/nowhere/tokens"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_come_in_turn_and_again),
        cmocka_unit_test(what_is_no_list_of_lines_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
