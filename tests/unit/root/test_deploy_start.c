/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "deploy_start.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include "fake_deploys.h"

#include <string.h>
#include <sys/stat.h>

struct fixture {
    struct fake_deploys *deploys; /* "chat" is live there already, in slot 0 */
    char root[64];
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    void *deploys = NULL;

    fixture = (struct fixture){.root = "/tmp/tidegate-test-XXXXXX"};
    assert_int_equal(fake_deploys_set_up(&deploys), 0);
    fixture.deploys = deploys;
    assert_non_null(mkdtemp(fixture.root));
    free(fixture.deploys->config.gateways);
    fixture.deploys->config.gateways = tg_str_copy(tg_str_of(fixture.root));
    *state = &fixture;
    return 0;
}

static void path_of(const struct fixture *f, const char *name, const char *file, char path[256])
{
    (void)snprintf(path, 256, "%s/%s%s%s", f->root, name, file ? "/" : "", file ? file : "");
}

/* A folder with a gateway.lua of this text. */
static void make_gateway(const struct fixture *f, const char *name, const char *text)
{
    char path[256];

    path_of(f, name, NULL, path);
    assert_int_equal(mkdir(path, 0700), 0);
    path_of(f, name, "gateway.lua", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int tear_down(void **state)
{
    static const char *const names[] = {"door", "echo", "game"};
    struct fixture *f = *state;
    void *deploys = f->deploys;
    char path[256];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        path_of(f, names[i], "gateway.lua", path);
        (void)remove(path);
        path_of(f, names[i], NULL, path);
        (void)remove(path);
    }
    assert_int_equal(remove(f->root), 0);
    return fake_deploys_tear_down(&deploys);
}

static int read_root(struct fixture *f)
{
    return tg_deploy_start_read(&f->deploys->deploys, &f->deploys->config, &f->msg);
}

static void every_folder_is_live_and_its_file_holds_it(void **state)
{
    struct fixture *f = *state;
    struct tg_worker_generation list[TG_GATEWAYS_MAX];
    struct tg_bundle bundle;

    make_gateway(f, "echo", "return { path = \"/echo\", events = {} }");
    make_gateway(f, "door", "return { path = \"/door\", events = {} }");
    if (read_root(f) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
    struct tg_deploy_view view = fake_deploys_view(f->deploys, 1);
    assert_string_equal(view.name, "door");
    assert_int_equal(view.committed, 1);
    assert_int_equal(view.proven, 1);
    assert_int_equal(view.state, TG_DEPLOY_LIVE);
    assert_string_equal(fake_deploys_view(f->deploys, 2).name, "echo");
    assert_int_equal(tg_deploy_slots_inherit(&f->deploys->deploys.slots, list), 3);
    assert_int_equal(tg_bundle_file_open(list[2].fd, &bundle, &f->msg), TG_OK);
    assert_string_equal(bundle.name, "echo");
    assert_string_equal(bundle.generation, fake_deploys_view(f->deploys, 2).generation);
    tg_bundle_fini(&bundle);
}

static void a_bad_one_is_told_with_its_place(void **state)
{
    struct fixture *f = *state;

    make_gateway(f, "door", "return { path = \"/door\", events = {} }");
    make_gateway(f, "echo", "local t = nil\nreturn t.x");
    assert_int_equal(read_root(f), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, "/echo/gateway.lua:2:"));
}

static void two_that_claim_one_path_are_a_fault(void **state)
{
    struct fixture *f = *state;

    make_gateway(f, "door", "return { path = \"/same\", events = {} }");
    make_gateway(f, "echo", "return { path = \"/same\", events = {} }");
    assert_int_equal(read_root(f), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, "/same"));
    assert_non_null(strstr(f->msg.text, "door"));
    assert_non_null(strstr(f->msg.text, "echo"));
}

static void a_directory_without_any_is_told(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_root(f), TG_ERR_NOT_FOUND);
    assert_non_null(strstr(f->msg.text, "no gateway in it"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_folder_is_live_and_its_file_holds_it),
        TEST(a_bad_one_is_told_with_its_place),
        TEST(two_that_claim_one_path_are_a_fault),
        TEST(a_directory_without_any_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
