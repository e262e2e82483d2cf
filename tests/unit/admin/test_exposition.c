/* SPDX-License-Identifier: MIT */
#include "admin/exposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hub/counter.h"

struct fixture {
    struct tg_page *page;
    struct tg_document_store *documents;
    struct tg_buf out;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture.page = tg_page_create(2);
    tg_buf_init(&fixture.out, 1 << 20);
    *state = &fixture;
    fixture.documents = tg_document_create();
    return fixture.page && fixture.documents ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_buf_fini(&fixture->out);
    tg_document_destroy(fixture->documents);
    tg_page_destroy(fixture->page);
    return 0;
}

static const char *write_text(struct fixture *fixture)
{
    tg_exposition_write(&fixture->out, fixture->page, fixture->documents);
    tg_buf_add_char(&fixture->out, '\0');
    assert_int_equal(fixture->out.err, 0);
    return fixture->out.at;
}

/* How often the text occurs at the beginning of a line. */
static int count_lines(const char *text, const char *start)
{
    int count = 0;

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += line != text ? 1 : 0;
        count += strncmp(line, start, strlen(start)) == 0;
    }
    return count;
}

static void what_the_processes_are_is_told(void **state)
{
    struct fixture *fixture = *state;

    atomic_store(&fixture->page->restarts, 3);
    const char *text = write_text(fixture);
    assert_int_equal(count_lines(text, "tidegate_build_info{version=\"" TG_VERSION "\"} 1\n"), 1);
    assert_int_equal(count_lines(text, "tidegate_workers 2\n"), 1);
    assert_int_equal(count_lines(text, "tidegate_worker_restarts_total 3\n"), 1);
}

static void only_living_workers_have_memory_and_descriptors(void **state)
{
    struct fixture *fixture = *state;

    atomic_store(&fixture->page->rows[1].pid, (uint64_t)getpid());
    const char *text = write_text(fixture);
    assert_int_equal(count_lines(text, "process_resident_memory_bytes{worker=\"2\"} "), 1);
    assert_int_equal(count_lines(text, "process_resident_memory_bytes{"), 1);
    assert_int_equal(count_lines(text, "process_open_fds{worker=\"2\"} "), 1);
    assert_int_equal(count_lines(text, "process_open_fds{"), 1);
}

static void counters_are_summed_over_the_workers(void **state)
{
    struct fixture *fixture = *state;

    tg_row_add(&fixture->page->rows[0], TG_COUNT_MESSAGES_IN, 5);
    tg_row_add(&fixture->page->rows[1], TG_COUNT_MESSAGES_IN, 37);
    const char *text = write_text(fixture);
    assert_int_equal(count_lines(text, "ws_messages_in_total 42\n"), 1);
}

static void every_counter_has_a_line(void **state)
{
    struct fixture *fixture = *state;
    const struct tg_metric *table = tg_counter_table();
    const char *text = write_text(fixture);

    for (uint32_t i = 0; i < (uint32_t)TG_COUNT_ALL; i++) {
        char line[256];
        (void)snprintf(line, sizeof(line), "%s%s%s%s ", table[i].name, table[i].labels ? "{" : "",
                       table[i].labels ? table[i].labels : "", table[i].labels ? "}" : "");
        if (count_lines(text, line) != 1) {
            fail_msg("%d lines of %s", count_lines(text, line), line);
        }
    }
}

static void every_family_is_declared_once(void **state)
{
    struct fixture *fixture = *state;
    const char *text = write_text(fixture);

    for (const char *line = strstr(text, "# TYPE "); line; line = strstr(line + 1, "# TYPE ")) {
        char start[256];
        int length = (int)strcspn(line + 7, " ");
        (void)snprintf(start, sizeof(start), "# TYPE %.*s ", length, line + 7);
        assert_int_equal(count_lines(text, start), 1);
        (void)snprintf(start, sizeof(start), "# HELP %.*s ", length, line + 7);
        assert_int_equal(count_lines(text, start), 1);
    }
}

static void documents_with_a_source_are_told(void **state)
{
    struct fixture *fixture = *state;

    tg_document_keep(fixture->documents, TG_DOCUMENT_TENANTS);
    tg_document_note_failure(fixture->documents, TG_DOCUMENT_TENANTS);
    tg_document_note_read(fixture->documents, TG_DOCUMENT_TENANTS, 12999);
    assert_int_equal(
        tg_document_publish(fixture->documents, TG_DOCUMENT_TENANTS, TG_STR("a\tactive\t\n")),
        TG_OK);
    const char *text = write_text(fixture);
    assert_int_equal(count_lines(text, "tidegate_document_version{document=\"tenants\"} 1\n"), 1);
    assert_int_equal(count_lines(text, "tidegate_document_read_timestamp_seconds"
                                       "{document=\"tenants\"} 12\n"),
                     1);
    assert_int_equal(
        count_lines(text, "tidegate_document_failures_total{document=\"tenants\"} 1\n"), 1);
    assert_int_equal(count_lines(text, "tidegate_document_version{"), 1);
}

static void without_documents_none_is_told(void **state)
{
    struct fixture *fixture = *state;

    tg_document_destroy(fixture->documents);
    fixture->documents = NULL;
    assert_int_equal(count_lines(write_text(fixture), "tidegate_document"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_processes_are_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_living_workers_have_memory_and_descriptors, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(counters_are_summed_over_the_workers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_counter_has_a_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(documents_with_a_source_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_documents_none_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_family_is_declared_once, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
