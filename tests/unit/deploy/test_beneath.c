/* SPDX-License-Identifier: MIT */
#include "deploy/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_disk.h"

struct fixture {
    struct fake_disk disk; /* holds chat/ with a.lua, and outside.lua beside it */
    int top;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    char path[FAKE_DISK_PATH];

    fixture = (struct fixture){0};
    fake_disk_make(&fixture.disk);
    fake_disk_folder(&fixture.disk, "chat");
    fake_disk_folder(&fixture.disk, "chat/lib");
    fake_disk_write(&fixture.disk, "chat/a.lua", "a");
    fake_disk_write(&fixture.disk, "outside.lua", "o");
    fake_disk_path(&fixture.disk, "chat", path);
    fixture.top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = &fixture;
    return fixture.top >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    (void)close(fixture->top);
    fake_disk_remove(&fixture->disk);
    return 0;
}

static void assert_opens(const struct fixture *fixture, const char *path, char first)
{
    char octet = '\0';
    int fd = tg_beneath_open(fixture->top, path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(read(fd, &octet, 1), 1);
    assert_int_equal(octet, first);
    (void)close(fd);
}

static void assert_fails(const struct fixture *fixture, const char *path, int cause)
{
    errno = 0;
    assert_int_equal(tg_beneath_open(fixture->top, path, O_RDONLY | O_CLOEXEC), -1);
    assert_int_equal(errno, cause);
}

static void a_link_that_stays_beneath_is_followed(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_link(&fixture->disk, "a.lua", "chat/b.lua");
    fake_disk_link(&fixture->disk, "../b.lua", "chat/lib/c.lua");
    fake_disk_link(&fixture->disk, "lib", "chat/linked");
    assert_opens(fixture, "a.lua", 'a');
    assert_opens(fixture, "b.lua", 'a');
    assert_opens(fixture, "lib/c.lua", 'a');
    assert_opens(fixture, "linked/c.lua", 'a');
}

static void what_leads_out_is_not_opened(void **state)
{
    struct fixture *fixture = *state;
    char path[FAKE_DISK_PATH];

    fake_disk_link(&fixture->disk, "../outside.lua", "chat/out.lua");
    fake_disk_link(&fixture->disk, "..", "chat/up");
    fake_disk_path(&fixture->disk, "chat/a.lua", path);
    fake_disk_link(&fixture->disk, path, "chat/absolute.lua");
    fake_disk_link(&fixture->disk, "../chat/a.lua", "chat/out_and_in.lua");
    fake_disk_link(&fixture->disk, "/proc/self/fd/0", "chat/magic.lua");
    assert_fails(fixture, "out.lua", EXDEV);
    assert_fails(fixture, "up/outside.lua", EXDEV);
    assert_fails(fixture, "absolute.lua", EXDEV);
    assert_fails(fixture, "out_and_in.lua", EXDEV);
    assert_fails(fixture, "magic.lua", EXDEV);
    assert_fails(fixture, "../outside.lua", EXDEV);
}

static void a_link_to_nothing_and_one_to_itself_fail(void **state)
{
    struct fixture *fixture = *state;

    fake_disk_link(&fixture->disk, "nothing.lua", "chat/dangling.lua");
    fake_disk_link(&fixture->disk, "ring.lua", "chat/ring.lua");
    assert_fails(fixture, "dangling.lua", ENOENT);
    assert_fails(fixture, "ring.lua", ELOOP);
}

/* In a child, since no filter is ever taken off: gives the errno of an open under it. */
static int open_under_filter(const struct fixture *fixture, unsigned answer)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
            _exit(255);
        }
        _exit(tg_beneath_open(fixture->top, "a.lua", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_system_without_the_call_says_so(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_under_filter(fixture, ENOSYS), ENOSYS);
    assert_int_equal(open_under_filter(fixture, EPERM), ENOSYS);
    assert_int_equal(open_under_filter(fixture, EAGAIN), EAGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_that_stays_beneath_is_followed),
        TEST(what_leads_out_is_not_opened),
        TEST(a_link_to_nothing_and_one_to_itself_fail),
        TEST(a_system_without_the_call_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
