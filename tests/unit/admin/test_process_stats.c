/* SPDX-License-Identifier: MIT */
#include "admin/process_stats.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"

enum { MIB = 1 << 20, EXTRA = 32 * MIB };

static void memory_that_is_touched_is_seen(void **state)
{
    uint64_t before = 0;
    uint64_t after = 0;

    (void)state;
    assert_int_equal(tg_process_stats_resident((uint64_t)getpid(), &before), TG_OK);
    assert_true(before > 100000);
    char *block = malloc(EXTRA);
    assert_non_null(block);
    memset(block, 1, EXTRA);
    assert_int_equal(tg_process_stats_resident((uint64_t)getpid(), &after), TG_OK);
    free(block);
    assert_true(after >= before + EXTRA - MIB);
}

static void descriptors_are_counted(void **state)
{
    uint64_t before = 0;
    uint64_t after = 0;
    int opened[3];

    (void)state;
    assert_int_equal(tg_process_stats_descriptors((uint64_t)getpid(), &before), TG_OK);
    for (int i = 0; i < 3; i++) {
        opened[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(opened[i] >= 0);
    }
    assert_int_equal(tg_process_stats_descriptors((uint64_t)getpid(), &after), TG_OK);
    for (int i = 0; i < 3; i++) {
        (void)close(opened[i]);
    }
    assert_int_equal(after, before + 3);
}

static void a_process_that_ended_is_not_found(void **state)
{
    uint64_t value = 7;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(tg_process_stats_resident((uint64_t)child, &value), TG_ERR_NOT_FOUND);
    assert_int_equal(tg_process_stats_descriptors((uint64_t)child, &value), TG_ERR_NOT_FOUND);
    assert_int_equal(value, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_is_touched_is_seen),
        cmocka_unit_test(descriptors_are_counted),
        cmocka_unit_test(a_process_that_ended_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
