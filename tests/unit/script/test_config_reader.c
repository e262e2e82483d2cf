/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "script/config_reader.h"

struct fixture {
    char folder[64];
    char path[96];
    struct tg_errmsg msg;
    struct tg_buf pairs; /* "key=value@line " of each */
    const char *refused; /* this key is refused by on_pair */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    strcpy(f->folder, "/tmp/tidegate-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof(f->path), "%s/tidegate.lua", f->folder);
    tg_buf_init(&f->pairs, 1 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    unlink(f->path);
    rmdir(f->folder);
    tg_buf_fini(&f->pairs);
    free(f);
    return 0;
}

static int on_pair(void *self, const char *key, struct tg_str value, int line,
                   struct tg_errmsg *msg)
{
    struct fixture *f = self;

    if (f->refused && strcmp(key, f->refused) == 0) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "refused %s", key);
    }
    tg_buf_add_format(&f->pairs, "%s=", key);
    tg_buf_add_str(&f->pairs, value);
    tg_buf_add_format(&f->pairs, "@%d ", line);
    return TG_OK;
}

static int run_octets(struct fixture *f, const char *source, size_t length)
{
    FILE *file = fopen(f->path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(source, 1, length, file), length);
    fclose(file);
    tg_buf_clear(&f->pairs);
    memset(&f->msg, 0, sizeof(f->msg));
    int err = tg_config_reader_run(f->path, on_pair, f, &f->msg);
    tg_buf_add_char(&f->pairs, '\0');
    return err;
}

static int run(struct fixture *f, const char *source)
{
    return run_octets(f, source, strlen(source));
}

static void assert_pairs(struct fixture *f, const char *source, const char *pairs)
{
    if (run(f, source) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
    assert_string_equal(f->pairs.at, pairs);
}

/* text is what the message says behind the path. */
static void assert_fails(struct fixture *f, const char *source, int err, const char *text)
{
    assert_int_equal(run(f, source), err);
    assert_memory_equal(f->msg.text, f->path, strlen(f->path));
    assert_string_equal(f->msg.text + strlen(f->path), text);
}

static void values_become_keys_and_texts(void **state)
{
    struct fixture *f = *state;

    assert_pairs(f,
                 "gateways = \"g\"\n"
                 "limits = { max_connections = 10000,\n"
                 "  ping_interval = \"25s\" }\n"
                 "auth = { require_exp = false }\n",
                 "auth.require_exp=false@4 gateways=g@1 limits.max_connections=10000@2 "
                 "limits.ping_interval=25s@3 ");
}

static void the_whole_shape_of_a_configuration_is_read(void **state)
{
    struct fixture *f = *state;

    setenv("TG_TEST_SECRET", "hush", 1);
    assert_pairs(f,
                 "-- tidegate.lua\n"
                 "listen   = { { address = \"0.0.0.0\", port = 8080 },\n"
                 "             { address = \"0.0.0.0\", port = 8443,\n"
                 "               tls = { key = \"tls.key\" } } }\n"
                 "auth = {\n"
                 "  keys = { { kid = \"k1\", secret = env \"TG_TEST_SECRET\" },\n"
                 "           { kid = \"r1\" } },\n"
                 "  leeway = \"30s\",\n"
                 "}\n"
                 "tenants = { fallback = nil }\n",
                 "auth.keys[1].kid=k1@6 auth.keys[1].secret=hush@6 auth.keys[2].kid=r1@7 "
                 "auth.leeway=30s@8 listen[1].address=0.0.0.0@2 listen[1].port=8080@2 "
                 "listen[2].address=0.0.0.0@3 listen[2].port=8443@3 listen[2].tls.key=tls.key@4 ");
    unsetenv("TG_TEST_SECRET");
}

static void numbers_are_whole_and_in_decimal(void **state)
{
    struct fixture *f = *state;

    assert_pairs(f, "a = 1e6 b = -5 c = 9007199254740992 d = 0x10 e = -0",
                 "a=1000000@1 b=-5@1 c=9007199254740992@1 d=16@1 e=0@1 ");
    assert_fails(f, "\na = 1.5", TG_ERR_INVALID, ":2: a: expected a whole number below 2^53");
    assert_fails(f, "a = 1e300", TG_ERR_INVALID, ":1: a: expected a whole number below 2^53");
    assert_fails(f, "a = 0/0", TG_ERR_INVALID, ":1: a: expected a whole number below 2^53");
    assert_fails(f, "a = 1/0", TG_ERR_INVALID, ":1: a: expected a whole number below 2^53");
    assert_fails(f, "a = -1/0", TG_ERR_INVALID, ":1: a: expected a whole number below 2^53");
}

static void the_environment_gives_values_and_defaults(void **state)
{
    struct fixture *f = *state;

    setenv("TG_TEST_SET", "from outside", 1);
    setenv("TG_TEST_EMPTY", "", 1);
    unsetenv("TG_TEST_UNSET");
    assert_pairs(f,
                 "a = env \"TG_TEST_SET\"\n"
                 "b = env(\"TG_TEST_SET\", \"default\")\n"
                 "c = env(\"TG_TEST_UNSET\", \"default\")\n"
                 "d = env(\"TG_TEST_EMPTY\", \"default\")\n"
                 "e = env(\"TG_TEST_UNSET\", 7)",
                 "a=from outside@1 b=from outside@2 c=default@3 d=@4 e=7@5 ");
    assert_fails(f, "\nlimits = { rooms =\nenv \"TG_TEST_UNSET\" }", TG_ERR_SCRIPT,
                 ":3: environment variable TG_TEST_UNSET is not set");
    assert_fails(f, "a = env {}", TG_ERR_SCRIPT,
                 ":1: bad argument #1 to 'env' (string expected, got table)");
    unsetenv("TG_TEST_SET");
    unsetenv("TG_TEST_EMPTY");
}

static void globals_can_be_read_back_and_changed(void **state)
{
    struct fixture *f = *state;

    assert_pairs(f,
                 "limits = { rooms = 1 }\n"
                 "limits.rooms = limits.rooms + 1\n"
                 "gateways = \"a\"\n"
                 "gateways = gateways .. \"b\"\n"
                 "gone = 1\n"
                 "gone = nil\n",
                 "gateways=ab@4 limits.rooms=2@2 ");
}

static void a_value_that_was_computed_has_the_line_of_its_global(void **state)
{
    struct fixture *f = *state;

    assert_pairs(f,
                 "local t = {}\n"
                 "for i = 1, 2 do\n"
                 "  t[i] = { port = 80 + i }\n"
                 "end\n"
                 "listen = t\n",
                 "listen[1].port=81@5 listen[2].port=82@5 ");
}

static void there_is_nothing_but_env(void **state)
{
    static const char *const names[] = {"os",      "io",        "string",       "require", "load",
                                        "pcall",   "print",     "jit",          "ffi",     "_G",
                                        "getfenv", "coroutine", "setmetatable", "rawset"};
    struct fixture *f = *state;
    char source[64];
    char text[160];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(source, sizeof(source), "\na = %s", names[i]);
        snprintf(text, sizeof(text),
                 ":2: %s is not defined (a configuration has env and no libraries)", names[i]);
        assert_fails(f, source, TG_ERR_SCRIPT, text);
    }
    assert_fails(f, "a = (\"x\"):rep(1e9)", TG_ERR_SCRIPT, ":1: attempt to index a string value");
}

static void what_is_no_plain_value_is_refused_with_its_line(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "limits = {\n  rooms = function() end }", TG_ERR_INVALID,
                 ":2: limits.rooms: expected a text, a number, true, false or a table");
    assert_fails(f, "a = env", TG_ERR_INVALID,
                 ":1: a: expected a text, a number, true, false or a table");
    assert_fails(f, "a = { [1.5] = 1 }", TG_ERR_INVALID,
                 ":1: a: expected names or 1, 2, 3 as keys");
    assert_fails(f, "a = { [0] = 1 }", TG_ERR_INVALID, ":1: a: expected names or 1, 2, 3 as keys");
    assert_fails(f, "a = { [true] = 1 }", TG_ERR_INVALID,
                 ":1: a: expected names or 1, 2, 3 as keys");
    assert_fails(f, "a = { [\"b.c\"] = 1 }", TG_ERR_INVALID,
                 ":1: a: expected names or 1, 2, 3 as keys");
    assert_fails(f, "a = { [\"\"] = 1 }", TG_ERR_INVALID,
                 ":1: a: expected names or 1, 2, 3 as keys");
    assert_fails(f, "a = { 1, nil, 3 }", TG_ERR_INVALID, ":1: a: expected a list without holes");
}

static void a_file_that_returns_its_settings_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "return { auth = { issuer = \"a\" } }", TG_ERR_INVALID,
                 ": expected settings such as limits = { ... }, not a value that is returned");
    assert_fails(f, "a = 1\nreturn false", TG_ERR_INVALID,
                 ": expected settings such as limits = { ... }, not a value that is returned");
    assert_pairs(f, "a = 1\nreturn", "a=1@1 ");
}

static void tables_have_a_largest_depth(void **state)
{
    struct fixture *f = *state;

    assert_pairs(f, "a={a={a={a={a={a={a={a=1}}}}}}}", "a.a.a.a.a.a.a.a=1@1 ");
    assert_pairs(f, "a={a={a={a={a={a={a={a={a=1}}}}}}}}", "a.a.a.a.a.a.a.a.a=1@1 ");
    assert_fails(f, "a={a={a={a={a={a={a={a={a={a=1}}}}}}}}}", TG_ERR_INVALID,
                 ":1: a.a.a.a.a.a.a.a.a: nested too deeply");
    assert_fails(f, "a = {}\na.a = a", TG_ERR_INVALID, ":1: a.a.a.a.a.a.a.a.a: nested too deeply");
}

static void tables_have_a_largest_number_of_entries(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "a = {}\nfor i = 1, 1001 do a[i] = 1 end", TG_ERR_INVALID,
                 ":1: a: expected fewer than 1000 entries");
    assert_fails(f, "a = {}\nfor i = 1, 1000 do a[i] = 1 end", TG_ERR_INVALID,
                 ":1: a[1000]: expected fewer than 1000 values in all");
    assert_fails(f,
                 "local t = {}\nfor i = 1, 100 do t[i] = {} end\n"
                 "local u = {}\nfor i = 1, 100 do u[i] = t end\na = u",
                 TG_ERR_INVALID, ":5: a[10][90]: expected fewer than 1000 values in all");
    assert_int_equal(run(f, "a = {} for i = 1, 999 do a[i] = i end"), TG_OK);
}

static void long_keys_are_refused(void **state)
{
    struct fixture *f = *state;
    char source[700];
    char name[201];

    memset(name, 'n', 200);
    name[200] = '\0';
    snprintf(source, sizeof(source), "a = { %s = { %s = 1 } }", name, name);
    assert_int_equal(run(f, source), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, ": too long"));
}

static void a_malformed_file_names_the_line(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "a = 1\nb = = 2", TG_ERR_SYNTAX, ":2: unexpected symbol near '='");
    assert_fails(f, "a = { b = 1\n\n", TG_ERR_SYNTAX,
                 ":3: '}' expected (to close '{' at line 1) near '<eof>'");
    assert_fails(f, "a = nosuch.field", TG_ERR_SCRIPT,
                 ":1: nosuch is not defined (a configuration has env and no libraries)");
    assert_fails(f, "a = 1\nb = a.c.d", TG_ERR_SCRIPT,
                 ":2: attempt to index global 'a' (a number value)");
}

static void a_message_never_shows_a_text_of_the_file(void **state)
{
    static const char *const sources[] = {
        "secret = \"hush\" \"hush\"", "secret = \"hush",
        "secret = 'hush' 'hush'",     "secret = [[hush",
        "secret = = [[hush]]",        "secret = \"hush\\q\"\"hush\"",
        "secret = \"hush\" .. {}",    "secret = \"hush\" + 1",
        "secret = \"hush\" < 1",      "secret = (\"hush\").x.y",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        assert_true(run(f, sources[i]) != TG_OK);
        assert_null(strstr(f->msg.text, "hush"));
        assert_true(strlen(f->msg.text) > strlen(f->path) + 3);
    }
}

static void endless_loops_are_stopped(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "a = 1\nwhile true do\nend", TG_ERR_SCRIPT,
                 ":2: the configuration runs for too long");
    assert_fails(f, "local function f() return f() end\nf()", TG_ERR_SCRIPT,
                 ":1: the configuration runs for too long");
    assert_int_equal(run(f, "for i = 1, 2e6 do local x = i end a = 1"), TG_OK);
}

static void memory_is_bounded(void **state)
{
    struct fixture *f = *state;

    assert_fails(f, "a = \"xxxxxxxxxxxxxxxx\"\nwhile true do a = a .. a end", TG_ERR_SCRIPT,
                 ": not enough memory");
    assert_fails(f, "a = {}\nfor i = 1, 1e9 do a[i] = {} end", TG_ERR_SCRIPT,
                 ": not enough memory");
    assert_fails(f, "local function f() return 1 + f() end\na = f()", TG_ERR_SCRIPT,
                 ": stack overflow");
}

static void compiled_files_are_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(run_octets(f, "\x1bLJ\x02\x0a", 5), TG_ERR_SYNTAX);
    assert_non_null(strstr(f->msg.text, "attempt to load chunk with wrong mode"));
}

static void texts_keep_all_their_octets(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(run(f, "a = \"x\\0y\""), TG_OK);
    assert_memory_equal(f->pairs.at, "a=x\0y@1 ", 8);
}

static void a_refused_pair_ends_the_reading_with_its_message(void **state)
{
    struct fixture *f = *state;

    f->refused = "b.c";
    assert_int_equal(run(f, "a = 1 b = { b = 2, c = 3, d = 4 } e = 5"), TG_ERR_NOT_FOUND);
    assert_string_equal(f->msg.text, "refused b.c");
    assert_string_equal(f->pairs.at, "a=1@1 b.b=2@1 ");
}

static void an_empty_file_has_no_pairs(void **state)
{
    struct fixture *f = *state;

    assert_pairs(f, "", "");
    assert_pairs(f, "-- nothing\n", "");
    assert_pairs(f, "a = {}", "");
}

static void a_file_has_a_largest_size(void **state)
{
    struct fixture *f = *state;
    size_t length = (256 << 10) + 1;
    char *source = malloc(length);

    memset(source, ' ', length);
    source[0] = 'a';
    source[1] = '=';
    source[2] = '1';
    assert_int_equal(run_octets(f, source, length - 1), TG_OK);
    assert_string_equal(f->pairs.at, "a=1@1 ");
    assert_int_equal(run_octets(f, source, length), TG_ERR_TOO_LARGE);
    assert_non_null(strstr(f->msg.text, ": expected at most 256 KiB"));
    free(source);
}

static void what_is_no_file_is_told(void **state)
{
    struct fixture *f = *state;
    int err = tg_config_reader_run(f->path, on_pair, f, &f->msg);

    assert_int_equal(err, TG_ERR_IO);
    assert_non_null(strstr(f->msg.text, "tidegate.lua: cannot be opened: No such file"));
    assert_int_equal(tg_config_reader_run(f->folder, on_pair, f, &f->msg), TG_ERR_IO);
    assert_non_null(strstr(f->msg.text, ": not a regular file"));
    assert_int_equal(mkfifo(f->path, 0600), 0);
    assert_int_equal(tg_config_reader_run(f->path, on_pair, f, &f->msg), TG_ERR_IO);
    assert_non_null(strstr(f->msg.text, ": not a regular file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(values_become_keys_and_texts),
        TEST(the_whole_shape_of_a_configuration_is_read),
        TEST(numbers_are_whole_and_in_decimal),
        TEST(the_environment_gives_values_and_defaults),
        TEST(globals_can_be_read_back_and_changed),
        TEST(a_value_that_was_computed_has_the_line_of_its_global),
        TEST(there_is_nothing_but_env),
        TEST(what_is_no_plain_value_is_refused_with_its_line),
        TEST(a_file_that_returns_its_settings_is_refused),
        TEST(tables_have_a_largest_depth),
        TEST(tables_have_a_largest_number_of_entries),
        TEST(long_keys_are_refused),
        TEST(a_malformed_file_names_the_line),
        TEST(a_message_never_shows_a_text_of_the_file),
        TEST(endless_loops_are_stopped),
        TEST(memory_is_bounded),
        TEST(compiled_files_are_refused),
        TEST(texts_keep_all_their_octets),
        TEST(a_refused_pair_ends_the_reading_with_its_message),
        TEST(an_empty_file_has_no_pairs),
        TEST(a_file_has_a_largest_size),
        TEST(what_is_no_file_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
