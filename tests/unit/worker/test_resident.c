/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "worker/resident.h"

enum { MIB = 1 << 20, GROWTH = 32 * MIB };

static void the_second_number_counts_pages(void **state)
{
    uint64_t bytes = 0;

    (void)state;
    assert_int_equal(tg_resident_parse(TG_STR("25600 1024 200 1 0 300 0\n"), 4096, &bytes), TG_OK);
    assert_true(bytes == 4 * MIB);
    assert_int_equal(tg_resident_parse(TG_STR("1 0"), 4096, &bytes), TG_OK);
    assert_true(bytes == 0);
}

static void what_is_no_number_is_refused(void **state)
{
    static const char *const bad[] = {
        "", "12", "12 ", "12 x 3", "12 -4 5", "1  2", "12 1234567890123456 1"};
    uint64_t bytes = 5;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(tg_resident_parse(tg_str_of(bad[i]), 4096, &bytes), TG_ERR_SYNTAX);
    }
    assert_true(bytes == 5);
}

static void memory_that_is_written_to_is_resident(void **state)
{
    uint64_t before = 0;
    uint64_t after = 0;

    (void)state;
    assert_int_equal(tg_resident_read(&before), TG_OK);
    char *memory = malloc(GROWTH);
    assert_non_null(memory);
    memset(memory, 1, GROWTH);
    assert_int_equal(tg_resident_read(&after), TG_OK);
    assert_int_equal(memory[GROWTH / 2], 1);
    free(memory);
    assert_true(before > 0 && after >= before + GROWTH / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_number_counts_pages),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(memory_that_is_written_to_is_resident),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
