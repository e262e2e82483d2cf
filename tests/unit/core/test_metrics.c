/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "core/metrics.h"

static const struct tg_metric table[] = {
    {"ws_connections", NULL, TG_METRIC_GAUGE, "Connections now."},
    {"ws_closed_total", "reason=\"idle\"", TG_METRIC_COUNTER, "Ends, by \"reason\"."},
    {"ws_closed_total", "reason=\"drain\"", TG_METRIC_COUNTER, "Not told."},
    {"ws_paths_total", NULL, TG_METRIC_COUNTER, "Back\\slash and\nline."},
};

/* Written by hand from the text format's description, version 0.0.4. */
static const char expected[] = "# HELP ws_connections Connections now.\n"
                               "# TYPE ws_connections gauge\n"
                               "ws_connections 12\n"
                               "# HELP ws_closed_total Ends, by \"reason\".\n"
                               "# TYPE ws_closed_total counter\n"
                               "ws_closed_total{reason=\"idle\"} 0\n"
                               "ws_closed_total{reason=\"drain\"} 18446744073709551615\n"
                               "# HELP ws_paths_total Back\\\\slash and\\nline.\n"
                               "# TYPE ws_paths_total counter\n"
                               "ws_paths_total 1\n";

struct fixture {
    struct tg_page *page;
    struct tg_buf out;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->page = tg_page_create(2);
    assert_non_null(f->page);
    tg_buf_init(&f->out, 4096);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_buf_fini(&f->out);
    tg_page_destroy(f->page);
    free(f);
    return 0;
}

static void assert_written(struct fixture *f, const char *text)
{
    assert_int_equal(f->out.err, 0);
    tg_buf_add_char(&f->out, '\0');
    assert_string_equal(f->out.at, text);
}

static void all_series_are_told_summed_over_the_workers(void **state)
{
    struct fixture *f = *state;

    tg_row_set(&f->page->rows[0], 0, 5);
    tg_row_set(&f->page->rows[1], 0, 7);
    tg_row_add(&f->page->rows[1], 2, UINT64_MAX);
    tg_row_add(&f->page->rows[0], 3, 1);
    /* A row past the workers is no worker's. */
    tg_row_add(&f->page->rows[2], 3, 100);
    tg_metrics_write(&f->out, table, 4, f->page);
    assert_written(f, expected);
}

static void a_sample_of_the_callers_own_stands_in_a_family_of_its_own(void **state)
{
    struct fixture *f = *state;

    tg_metrics_begin(&f->out, "tidegate_workers", TG_METRIC_GAUGE, "Workers.");
    tg_metrics_add(&f->out, "tidegate_workers", NULL, 2);
    tg_metrics_add(&f->out, "tidegate_workers", "node=\"a\"", 3);
    assert_written(f, "# HELP tidegate_workers Workers.\n"
                      "# TYPE tidegate_workers gauge\n"
                      "tidegate_workers 2\n"
                      "tidegate_workers{node=\"a\"} 3\n");
}

static void a_label_cannot_leave_its_quotes(void **state)
{
    struct fixture *f = *state;

    tg_metrics_add_label(&f->out, "version", TG_STR("1\"} 5\n\\x"));
    assert_written(f, "version=\"1\\\"} 5\\n\\\\x\"");
}

static void a_full_buffer_says_so(void **state)
{
    struct fixture *f = *state;

    tg_buf_fini(&f->out);
    tg_buf_init(&f->out, 100);
    tg_metrics_write(&f->out, table, 4, f->page);
    assert_int_equal(f->out.err, TG_ERR_TOO_LARGE);
    assert_true(f->out.length <= 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(all_series_are_told_summed_over_the_workers),
        TEST(a_sample_of_the_callers_own_stands_in_a_family_of_its_own),
        TEST(a_label_cannot_leave_its_quotes),
        TEST(a_full_buffer_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
