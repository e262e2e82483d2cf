/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/archive.h"
#include "deploy/bundle_file.h"

struct fixture {
    struct tg_bundle bundle;
    struct tg_bundle read;
    struct tg_errmsg msg;
    int fd;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->fd = -1;
    f->bundle.name = tg_str_copy(TG_STR("chat"));
    f->bundle.origin = tg_str_copy(TG_STR("gateways/chat"));
    memcpy(f->bundle.generation, "3f2a1b9c8d7e", sizeof(f->bundle.generation));
    assert_int_equal(tg_bundle_add(&f->bundle, TG_STR("gateway.lua"), TG_STR("return {}")), TG_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->fd >= 0) {
        assert_int_equal(close(f->fd), 0);
    }
    tg_bundle_fini(&f->bundle);
    tg_bundle_fini(&f->read);
    free(f);
    return 0;
}

static void make_file(struct fixture *f, const char *octets, size_t length, int seals)
{
    f->fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(f->fd >= 0);
    assert_int_equal(write(f->fd, octets, length), (ssize_t)length);
    assert_int_equal(fcntl(f->fd, F_ADD_SEALS, seals), 0);
}

static void assert_opening_fails(struct fixture *f, int err, const char *text)
{
    f->read = (struct tg_bundle){.count = 99};
    assert_int_equal(tg_bundle_file_open(f->fd, &f->read, &f->msg), err);
    assert_string_equal(f->msg.text, text);
    assert_null(f->read.name);
    assert_int_equal(f->read.count, 0);
}

static const int all_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

static void what_is_sealed_can_be_opened_again_and_again(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_bundle_file_seal(&f->bundle, &f->fd, &f->msg), TG_OK);
    assert_true(fcntl(f->fd, F_GETFD) & FD_CLOEXEC);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tg_bundle_file_open(f->fd, &f->read, &f->msg), TG_OK);
        assert_string_equal(f->read.name, "chat");
        assert_string_equal(f->read.origin, "gateways/chat");
        assert_string_equal(f->read.generation, "3f2a1b9c8d7e");
        assert_int_equal(f->read.count, 1);
        assert_string_equal(f->read.files[0].content, "return {}");
        tg_bundle_fini(&f->read);
    }
}

static void nobody_can_change_it_any_more(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_bundle_file_seal(&f->bundle, &f->fd, &f->msg), TG_OK);
    assert_int_equal(fcntl(f->fd, F_GET_SEALS), all_seals);
    assert_int_equal(pwrite(f->fd, "x", 1, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(f->fd, 0), -1);
    assert_int_equal(ftruncate(f->fd, 1 << 20), -1);
    assert_ptr_equal(mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0), MAP_FAILED);
    assert_int_equal(fcntl(f->fd, F_ADD_SEALS, F_SEAL_GROW), -1);
}

static void what_can_still_change_is_not_opened(void **state)
{
    struct fixture *f = *state;

    make_file(f, "tidegate", 8, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW);
    assert_opening_fails(f, TG_ERR_INVALID, "a gateway's file is not a sealed one");
    assert_int_equal(close(f->fd), 0);
    f->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_opening_fails(f, TG_ERR_INVALID, "a gateway's file is not a sealed one");
}

static void what_is_no_archive_is_not_opened(void **state)
{
    struct fixture *f = *state;

    make_file(f, "tidegate", 8, all_seals);
    assert_opening_fails(f, TG_ERR_SYNTAX, "a gateway's file: malformed");
    assert_int_equal(close(f->fd), 0);
    make_file(f, "", 0, all_seals);
    assert_opening_fails(f, TG_ERR_SYNTAX, "a gateway's file has 0 octets");
}

static void a_file_larger_than_any_archive_is_not_read(void **state)
{
    struct fixture *f = *state;
    char text[64];

    f->fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_int_equal(ftruncate(f->fd, TG_ARCHIVE_BYTES_MAX + 1), 0);
    assert_int_equal(fcntl(f->fd, F_ADD_SEALS, all_seals), 0);
    (void)snprintf(text, sizeof(text), "a gateway's file has %d octets", TG_ARCHIVE_BYTES_MAX + 1);
    assert_opening_fails(f, TG_ERR_TOO_LARGE, text);
}

static void what_can_not_be_archived_is_not_sealed(void **state)
{
    struct fixture *f = *state;

    f->bundle.generation[0] = '\0';
    assert_int_equal(tg_bundle_file_seal(&f->bundle, &f->fd, &f->msg), TG_ERR_INVALID);
    assert_string_equal(f->msg.text, "gateways/chat: it can't be archived: invalid argument");
    assert_int_equal(f->fd, -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_sealed_can_be_opened_again_and_again),
        TEST(nobody_can_change_it_any_more),
        TEST(what_can_still_change_is_not_opened),
        TEST(what_is_no_archive_is_not_opened),
        TEST(a_file_larger_than_any_archive_is_not_read),
        TEST(what_can_not_be_archived_is_not_sealed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
