/* SPDX-License-Identifier: MIT */
#include "admin/deploy_exposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct tg_deploy_table table;
    struct tg_buf out;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    tg_buf_init(&f->out, 1 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_buf_fini(&f->out);
    free(f);
    return 0;
}

static const char *write_text(struct fixture *f)
{
    tg_buf_clear(&f->out);
    tg_deploy_exposition_write(&f->out, &f->table);
    tg_buf_add_char(&f->out, '\0');
    assert_int_equal(f->out.err, 0);
    return f->out.at;
}

static void assert_has(const char *text, const char *line)
{
    if (!strstr(text, line)) {
        fail_msg("%s is not in\n%s", line, text);
    }
}

static void without_gateways_there_are_families_alone(void **state)
{
    struct fixture *f = *state;
    const char *text = write_text(f);

    assert_has(text, "# TYPE gateway_deploys_total counter\n");
    assert_has(text, "# TYPE gateway_fault gauge\n");
    assert_has(text, "\ngateway_root_fault 0\n");
    assert_null(strstr(text, "{"));
}

static void a_gateway_has_its_generation_and_counts(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_commit commit = {.counter = 7,
                                      .proven = 6,
                                      .hash = tg_deploy_table_hash("0a1b2c3d4e5f"),
                                      .state = TG_DEPLOY_TRIAL};

    tg_deploy_table_bind(&f->table, 3, "chat");
    tg_deploy_table_commit(&f->table, 3, &commit);
    atomic_store(&f->table.rows[3].deploys, 6);
    atomic_store(&f->table.rows[3].rollbacks, 2);
    atomic_store(&f->table.rows[3].failures[TG_FAULT_LOAD], 4);
    atomic_store(&f->table.root_fault, 1);
    const char *text = write_text(f);
    assert_has(text, "\ngateway_generation_info{gateway=\"chat\",generation=\"0a1b2c3d4e5f\","
                     "counter=\"7\"} 1\n");
    assert_has(text, "\ngateway_trial{gateway=\"chat\"} 1\n");
    assert_has(text, "\ngateway_deploys_total{gateway=\"chat\"} 6\n");
    assert_has(text, "\ngateway_rollbacks_total{gateway=\"chat\"} 2\n");
    assert_has(text, "\ngateway_deploy_failures_total{gateway=\"chat\",step=\"load\"} 4\n");
    assert_has(text, "\ngateway_deploy_failures_total{gateway=\"chat\",step=\"trial\"} 0\n");
    assert_has(text, "\ngateway_root_fault 1\n");
    assert_null(strstr(text, "gateway_fault{"));
}

static void a_fault_stands_at_its_step_also_of_what_was_never_live(void **state)
{
    struct fixture *f = *state;

    tg_deploy_table_bind(&f->table, 0, "a \"b\"");
    atomic_store(&f->table.rows[0].fault, 1 + TG_FAULT_SCAN);
    const char *text = write_text(f);
    assert_has(text, "\ngateway_fault{gateway=\"a \\\"b\\\"\",step=\"scan\"} 1\n");
    assert_null(strstr(text, "gateway_generation_info{"));
    assert_has(text, "\ngateway_trial{gateway=\"a \\\"b\\\"\"} 0\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_gateways_there_are_families_alone),
        TEST(a_gateway_has_its_generation_and_counts),
        TEST(a_fault_stands_at_its_step_also_of_what_was_never_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
