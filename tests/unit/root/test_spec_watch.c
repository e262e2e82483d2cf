/* SPDX-License-Identifier: MIT */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "spec_watch.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char folder[32];
    char file[48];
    char *folders[1];
};

static void write_file(const struct fixture *f, const char *text)
{
    FILE *stream = fopen(f->file, "we");

    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f) {
        return -1;
    }
    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/spec-watch-XXXXXX");
    *state = f;
    if (!mkdtemp(f->folder)) {
        return -1;
    }
    (void)snprintf(f->file, sizeof(f->file), "%s/gateway.lua", f->folder);
    f->folders[0] = f->folder;
    write_file(f, "one");
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    (void)unlink(f->file);
    int err = rmdir(f->folder);
    free(f);
    return err;
}

static void the_same_files_have_the_same_sum(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_spec_watch_sum(f->folders, 1), tg_spec_watch_sum(f->folders, 1));
    assert_int_not_equal(tg_spec_watch_sum(f->folders, 1), 0);
}

static void content_and_names_change_it(void **state)
{
    struct fixture *f = *state;
    uint64_t first = tg_spec_watch_sum(f->folders, 1);

    write_file(f, "three");
    uint64_t second = tg_spec_watch_sum(f->folders, 1);
    assert_int_not_equal(first, second);
    assert_int_equal(unlink(f->file), 0);
    assert_int_not_equal(second, tg_spec_watch_sum(f->folders, 1));
    write_file(f, "three");
}

static void a_folder_may_be_a_link(void **state)
{
    struct fixture *f = *state;
    char place[sizeof(f->folder) + 8];
    char *const folders[] = {place};

    (void)snprintf(place, sizeof(place), "%s-link", f->folder);
    assert_int_equal(symlink(f->folders[0], place), 0);
    write_file(f, "one");
    uint64_t first = tg_spec_watch_sum(folders, 1);
    write_file(f, "more");
    uint64_t second = tg_spec_watch_sum(folders, 1);
    assert_int_equal(unlink(place), 0);
    assert_int_not_equal(first, second);
}

static void waiting_ends_after_a_change(void **state)
{
    struct fixture *f = *state;
    uint64_t seen = tg_spec_watch_sum(f->folders, 1);
    pid_t writer = fork();

    assert_true(writer >= 0);
    if (writer == 0) {
        FILE *stream = fopen(f->file, "we");
        _exit(stream && fputs("longer", stream) >= 0 && fclose(stream) == 0 ? 0 : 1);
    }
    uint64_t now = tg_spec_watch_wait(f->folders, 1, seen);
    int status = -1;
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    assert_int_not_equal(now, seen);
    assert_int_equal(now, tg_spec_watch_sum(f->folders, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_files_have_the_same_sum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(content_and_names_change_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_may_be_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waiting_ends_after_a_change, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
