/* SPDX-License-Identifier: MIT */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "scaffold.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    char root[32];
    char gateways[48];
    char path[PATH_MAX];
    char content[8192];
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f) {
        return -1;
    }
    (void)snprintf(f->root, sizeof(f->root), "/tmp/scaffold-XXXXXX");
    *state = f;
    if (!mkdtemp(f->root)) {
        return -1;
    }
    (void)snprintf(f->gateways, sizeof(f->gateways), "%s/gateways", f->root);
    return 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int err = nftw(f->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);

    free(f);
    return err;
}

static int write_at(struct fixture *f, const char *place)
{
    struct tg_scaffold scaffold = {
        .place = place, .gateways = f->gateways, .lua = "/kit/lua", .modules = "/kit/modules"};

    return tg_scaffold_write(&scaffold, f->path, &f->msg);
}

static const char *content(struct fixture *f, const char *file)
{
    char where[PATH_MAX + 64];

    (void)snprintf(where, sizeof(where), "%s/%s", f->path, file);
    FILE *stream = fopen(where, "re");
    assert_non_null(stream);
    size_t length = fread(f->content, 1, sizeof(f->content) - 1, stream);
    f->content[length] = '\0';
    (void)fclose(stream);
    return f->content;
}

static void a_name_goes_into_the_gateways_directory(void **state)
{
    struct fixture *f = *state;
    char wanted[128];

    assert_int_equal(write_at(f, "quiz"), TG_OK);
    (void)snprintf(wanted, sizeof(wanted), "%s/quiz", f->gateways);
    assert_string_equal(f->path, wanted);
    assert_non_null(strstr(content(f, "gateway.lua"), "path = \"/quiz\""));
    assert_non_null(strstr(content(f, "spec/quiz_spec.lua"), "describe(\"quiz\""));
    assert_non_null(strstr(content(f, ".busted"), "/kit/lua/?.lua"));
    assert_non_null(strstr(content(f, ".busted"), "/kit/modules/?.so"));
    assert_null(strchr(content(f, "README.md"), '$'));
}

static void a_path_is_taken_as_it_is(void **state)
{
    struct fixture *f = *state;
    char place[128];

    (void)snprintf(place, sizeof(place), "%s/deep/er/quiz//", f->root);
    assert_int_equal(write_at(f, place), TG_OK);
    assert_string_equal(strrchr(f->path, '/'), "/quiz");
    assert_non_null(strstr(content(f, "gateway.lua"), "path = \"/quiz\""));
}

static void what_is_there_already_stays(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(write_at(f, "quiz"), TG_OK);
    assert_int_equal(write_at(f, "quiz"), TG_ERR_EXISTS);
    assert_non_null(strstr(f->msg.text, "/quiz: is there already; nothing was written"));
}

static void a_name_must_be_one(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "",
        "1st",
        ".hidden",
        "Chat",
        "quiZ",
        "a b",
        "a.b",
        "\xc3",
        "..",
        "a\n",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(write_at(f, bad[i]), TG_ERR_INVALID);
    }
    assert_int_equal(access(f->gateways, F_OK), -1);
}

static void a_directory_that_cannot_be_made_is_named(void **state)
{
    struct fixture *f = *state;
    char place[128];

    (void)snprintf(place, sizeof(place), "%s/file", f->root);
    int fd = open(place, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    (void)snprintf(place, sizeof(place), "%s/file/quiz", f->root);
    assert_int_equal(write_at(f, place), TG_ERR_IO);
    assert_non_null(strstr(f->msg.text, "/file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_goes_into_the_gateways_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_is_taken_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_there_already_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_must_be_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_made_is_named, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
