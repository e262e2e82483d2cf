/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "check_report.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct tg_check_report report;
    struct tg_fault_list faults;
    char *said;
    size_t length;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    *state = f;
    f->report.out = open_memstream(&f->said, &f->length);
    return f->report.out ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    free(f->said);
    free(f);
    return 0;
}

static void tell(struct fixture *f, const struct tg_check_verdict *verdicts, uint32_t count)
{
    tg_check_report_begin(&f->report);
    for (uint32_t i = 0; i < count; i++) {
        tg_check_report_add(&f->report, &verdicts[i]);
    }
    tg_check_report_end(&f->report);
    (void)fclose(f->report.out);
}

static void a_folder_s_name_can_t_break_a_line(void **state)
{
    struct fixture *f = *state;
    struct tg_check_verdict verdict = {"a\nb\x1b\xff", "", "", true, &f->faults};

    tell(f, &verdict, 1);
    assert_string_equal(f->said, "a\\x0ab\\x1b\\xff: ok\n");
}

static void what_there_was_no_room_for_is_counted(void **state)
{
    struct fixture *f = *state;
    struct tg_check_verdict verdict = {"a", "a", "", false, &f->faults};
    struct tg_fault fault;

    tg_fault_set(&fault, TG_FAULT_SCAN, TG_STR("a/b.lua"), 0, "no");
    tg_fault_list_add(&f->faults, &fault);
    f->faults.left_out = 3;
    tell(f, &verdict, 1);
    assert_string_equal(f->said, "a/b.lua: no\na: 3 more\n");
}

static void several_folders_are_one_object(void **state)
{
    struct fixture *f = *state;
    struct tg_check_verdict verdicts[] = {
        {"a \"b\"\\\n\xff\xc3\xbc", "", "", true, &f->faults},
        {"c", "c", "0123456789ab", true, &f->faults},
    };

    f->report.is_json = true;
    tell(f, verdicts, 2);
    assert_string_equal(
        f->said, "{\"folders\":[\n"
                 " {\"folder\":\"a \\\"b\\\"\\\\\\\\x0a\\\\xff\xc3\xbc\",\"name\":null,"
                 "\"generation\":null,\"ok\":true,\"left_out\":0,\"faults\":[]},\n"
                 " {\"folder\":\"c\",\"name\":\"c\",\"generation\":\"0123456789ab\",\"ok\":true,"
                 "\"left_out\":0,\"faults\":[]}]}\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_folder_s_name_can_t_break_a_line),
        TEST(what_there_was_no_room_for_is_counted),
        TEST(several_folders_are_one_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
