/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "key_files.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

struct fixture {
    struct tg_config config;
    struct tg_errmsg msg;
    char folder[32];
    char path[64];
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.folder = "/tmp/tidegate-test-XXXXXX"};
    *state = &fixture;
    if (!mkdtemp(fixture.folder)) {
        return -1;
    }
    (void)snprintf(fixture.path, sizeof(fixture.path), "%s/key.pem", fixture.folder);
    return tg_config_init(&fixture.config);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_config_fini(&fixture->config);
    (void)unlink(fixture->path);
    return rmdir(fixture->folder);
}

static void write_file(const struct fixture *fixture, const char *octets, size_t length)
{
    FILE *file = fopen(fixture->path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static int read_as_second_key(struct fixture *fixture)
{
    const char *keys[] = {"auth.keys[1].secret", "auth.keys[2].public_key_file"};
    const char *values[] = {"secret", fixture->path};

    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            tg_config_set(&fixture->config, keys[i], tg_str_of(values[i]), &fixture->msg), TG_OK);
    }
    return tg_key_files_read(&fixture->config, &fixture->msg);
}

static void assert_refused(struct fixture *fixture, int wanted, const char *what)
{
    char message[192];

    (void)snprintf(message, sizeof(message), "auth.keys[2].public_key_file: %s: %s", fixture->path,
                   what);
    assert_int_equal(read_as_second_key(fixture), wanted);
    assert_string_equal(fixture->msg.text, message);
    assert_null(fixture->config.auth_keys.items[1].public_key);
}

static void a_file_becomes_the_public_key(void **state)
{
    struct fixture *fixture = *state;

    write_file(fixture, "-----BEGIN\n", 11);
    assert_int_equal(read_as_second_key(fixture), TG_OK);
    assert_string_equal(fixture->config.auth_keys.items[1].public_key, "-----BEGIN\n");
    assert_null(fixture->config.auth_keys.items[0].public_key);
    write_file(fixture, "another", 7);
    assert_int_equal(tg_key_files_read(&fixture->config, &fixture->msg), TG_OK);
    assert_string_equal(fixture->config.auth_keys.items[1].public_key, "-----BEGIN\n");
}

static void a_missing_file_is_named(void **state)
{
    assert_refused(*state, TG_ERR_IO, "cannot be opened: No such file or directory");
}

static void what_is_no_file_is_not_waited_for(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    assert_refused(fixture, TG_ERR_IO, "not a regular file");
}

static void a_file_is_a_text_of_16_kib_at_most(void **state)
{
    struct fixture *fixture = *state;
    static char large[FILE_BYTES_MAX + 1];

    write_file(fixture, "", 0);
    assert_refused(fixture, TG_ERR_INVALID, "expected a text");
    write_file(fixture, "a\0b", 3);
    assert_refused(fixture, TG_ERR_INVALID, "expected a text");
    memset(large, 'x', sizeof(large));
    write_file(fixture, large, sizeof(large));
    assert_refused(fixture, TG_ERR_TOO_LARGE, "expected at most 16 KiB");
    write_file(fixture, large, sizeof(large) - 1);
    assert_int_equal(read_as_second_key(fixture), TG_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_becomes_the_public_key),
        TEST(a_missing_file_is_named),
        TEST(what_is_no_file_is_not_waited_for),
        TEST(a_file_is_a_text_of_16_kib_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
