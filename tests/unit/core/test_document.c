/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rand.h"
#include "core/document.h"

enum {
    READS = 800,
    READERS = 3,
    KILLS = 40,
    LONG_TEXT = 96 << 10, /* many pages, so that a writer is often met in the middle */
    NAP_US = 2000
};

struct fixture {
    struct tg_document_store *store;
    struct tg_buf copy;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->store = tg_document_create();
    assert_non_null(f->store);
    tg_buf_init(&f->copy, TG_DOCUMENT_TENANTS_MAX);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_buf_fini(&f->copy);
    tg_document_destroy(f->store);
    free(f);
    return 0;
}

static void assert_holds(struct fixture *f, enum tg_document which, const char *text,
                         uint64_t version)
{
    uint64_t seen = 99;

    assert_int_equal(tg_document_read(f->store, which, &f->copy, &seen), TG_OK);
    assert_int_equal(seen, version);
    assert_true(tg_str_is(tg_buf_str(&f->copy), tg_str_of(text)));
}

static void a_new_store_has_nothing(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < TG_DOCUMENT_COUNT; i++) {
        struct tg_document_state about;
        assert_int_equal(tg_document_version(f->store, (enum tg_document)i), 0);
        assert_holds(f, (enum tg_document)i, "", 0);
        tg_document_state(f->store, (enum tg_document)i, &about);
        assert_false(about.is_kept);
        assert_int_equal(about.failures, 0);
        assert_int_equal(about.read_at_ms, 0);
    }
    tg_document_destroy(NULL);
}

static void what_is_published_is_read_under_a_new_version(void **state)
{
    struct fixture *f = *state;
    const enum tg_document which = TG_DOCUMENT_TENANTS;

    assert_int_equal(tg_document_publish(f->store, which, TG_STR("one")), TG_OK);
    assert_holds(f, which, "one", 1);
    assert_int_equal(tg_document_publish(f->store, which, TG_STR("the second text")), TG_OK);
    assert_holds(f, which, "the second text", 2);
    assert_int_equal(tg_document_publish(f->store, which, TG_STR("")), TG_OK);
    assert_holds(f, which, "", 3);
    assert_int_equal(tg_document_publish(f->store, which, TG_STR("eight888")), TG_OK);
    assert_holds(f, which, "eight888", 4);
    assert_int_equal(tg_document_version(f->store, TG_DOCUMENT_JWKS), 0);
    assert_int_equal(tg_document_version(f->store, TG_DOCUMENT_REVOCATIONS), 0);
}

static void the_same_text_is_no_new_version(void **state)
{
    struct fixture *f = *state;
    const enum tg_document which = TG_DOCUMENT_JWKS;

    assert_int_equal(tg_document_publish(f->store, which, TG_STR("")), TG_OK);
    assert_int_equal(tg_document_version(f->store, which), 1);
    assert_int_equal(tg_document_publish(f->store, which, TG_STR("")), TG_OK);
    assert_int_equal(tg_document_version(f->store, which), 1);
    assert_int_equal(tg_document_publish(f->store, which, TG_STR("nine octet")), TG_OK);
    assert_int_equal(tg_document_publish(f->store, which, TG_STR("nine octet")), TG_OK);
    assert_int_equal(tg_document_version(f->store, which), 2);
    assert_int_equal(tg_document_publish(f->store, which, TG_STR("nine octeT")), TG_OK);
    assert_holds(f, which, "nine octeT", 3);
}

static void a_text_is_taken_up_to_its_capacity(void **state)
{
    struct fixture *f = *state;
    uint64_t version;

    for (int i = 0; i < TG_DOCUMENT_COUNT; i++) {
        enum tg_document which = (enum tg_document)i;
        size_t capacity = tg_document_capacity(which);
        char *text = malloc(capacity + 1);
        assert_non_null(text);
        memset(text, 'a' + i, capacity + 1);
        assert_int_equal(tg_document_publish(f->store, which, tg_str(text, capacity + 1)),
                         TG_ERR_TOO_LARGE);
        assert_int_equal(tg_document_version(f->store, which), 0);
        assert_int_equal(tg_document_publish(f->store, which, tg_str(text, capacity)), TG_OK);
        text[0] = 'A';
        assert_int_equal(tg_document_publish(f->store, which, tg_str(text, capacity)), TG_OK);
        assert_int_equal(tg_document_read(f->store, which, &f->copy, &version), TG_OK);
        assert_true(tg_str_is(tg_buf_str(&f->copy), tg_str(text, capacity)));
        free(text);
    }
}

static void a_reader_without_room_is_told(void **state)
{
    struct fixture *f = *state;
    struct tg_buf small;
    uint64_t version;

    tg_buf_init(&small, 4);
    assert_int_equal(tg_document_publish(f->store, TG_DOCUMENT_JWKS, TG_STR("five!")), TG_OK);
    assert_int_equal(tg_document_read(f->store, TG_DOCUMENT_JWKS, &small, &version),
                     TG_ERR_TOO_LARGE);
    tg_buf_fini(&small);
}

static void the_state_is_what_the_writer_noted(void **state)
{
    struct fixture *f = *state;
    struct tg_document_state about;

    tg_document_keep(f->store, TG_DOCUMENT_TENANTS);
    tg_document_note_failure(f->store, TG_DOCUMENT_TENANTS);
    tg_document_note_failure(f->store, TG_DOCUMENT_TENANTS);
    tg_document_note_read(f->store, TG_DOCUMENT_TENANTS, 77);
    assert_int_equal(tg_document_publish(f->store, TG_DOCUMENT_TENANTS, TG_STR("x")), TG_OK);
    tg_document_state(f->store, TG_DOCUMENT_TENANTS, &about);
    assert_true(about.is_kept);
    assert_int_equal(about.failures, 2);
    assert_int_equal(about.read_at_ms, 77);
    assert_int_equal(about.version, 1);
    tg_document_state(f->store, TG_DOCUMENT_JWKS, &about);
    assert_false(about.is_kept);
    assert_string_equal(tg_document_name(TG_DOCUMENT_TENANTS), "tenants");
}

/* --- between processes --- */

/* A text whose octets are all the same and tell its length: torn ones are seen. */
static struct tg_str text_of(char *room, uint64_t version)
{
    size_t length = LONG_TEXT - (version % 7) * 1001;

    memset(room, 'a' + (int)(version % 26), length);
    return tg_str(room, length);
}

static bool is_whole(struct tg_str text, uint64_t version)
{
    if (version == 0) {
        return text.length == 0;
    }
    if (text.length != LONG_TEXT - (version % 7) * 1001) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] != 'a' + (int)(version % 26)) {
            return false;
        }
    }
    return true;
}

__attribute__((noreturn)) static void write_forever(struct tg_document_store *store)
{
    static char room[LONG_TEXT];

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the test fails */

    for (;;) {
        uint64_t next = tg_document_version(store, TG_DOCUMENT_REVOCATIONS) + 1;
        if (tg_document_publish(store, TG_DOCUMENT_REVOCATIONS, text_of(room, next)) != TG_OK) {
            _exit(3);
        }
    }
}

static pid_t start_writer(struct fixture *f)
{
    pid_t writer = fork();

    assert_true(writer >= 0);
    if (writer == 0) {
        write_forever(f->store);
    }
    return writer;
}

/* A version that is not last is there. */
static void wait_for_version(struct fixture *f, uint64_t last)
{
    while (tg_document_version(f->store, TG_DOCUMENT_REVOCATIONS) == last) {
        (void)usleep(100);
    }
}

static void kill_writer(pid_t writer)
{
    int status = 0;

    assert_int_equal(kill(writer, SIGKILL), 0);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_true(WIFSIGNALED(status));
}

/* The exit status says what was seen: 0 all whole. */
static int read_many(struct fixture *f)
{
    uint64_t last = 0;
    uint32_t whole = 0;

    for (int i = 0; i < READS; i++) {
        uint64_t version;
        int err = tg_document_read(f->store, TG_DOCUMENT_REVOCATIONS, &f->copy, &version);
        if (err == TG_ERR_UNAVAILABLE) {
            continue;
        }
        if (err || version < last || !is_whole(tg_buf_str(&f->copy), version)) {
            return 1;
        }
        last = version;
        whole++;
    }
    return whole > 0 && last > 0 ? 0 : 2;
}

static void no_reader_ever_sees_a_torn_text(void **state)
{
    struct fixture *f = *state;
    pid_t writer = start_writer(f);
    pid_t readers[READERS];

    /* Readers of a document without any version would be done before it had one. */
    wait_for_version(f, 0);
    for (int i = 0; i < READERS; i++) {
        readers[i] = fork();
        assert_true(readers[i] >= 0);
        if (readers[i] == 0) {
            _exit(read_many(f));
        }
    }
    for (int i = 0; i < READERS; i++) {
        int status = 0;
        assert_int_equal(waitpid(readers[i], &status, 0), readers[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    kill_writer(writer);
}

static void a_writer_killed_at_any_moment_leaves_a_whole_text(void **state)
{
    struct fixture *f = *state;
    uint64_t last = 0;
    struct tg_rand rand;

    tg_rand_seed(&rand, 7);
    for (int i = 0; i < KILLS; i++) {
        uint64_t version;
        pid_t writer = start_writer(f);
        wait_for_version(f, last);
        (void)usleep((useconds_t)tg_rand_below(&rand, NAP_US));
        kill_writer(writer);
        assert_int_equal(tg_document_read(f->store, TG_DOCUMENT_REVOCATIONS, &f->copy, &version),
                         TG_OK);
        assert_true(version > last);
        assert_true(is_whole(tg_buf_str(&f->copy), version));
        last = version;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_store_has_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_published_is_read_under_a_new_version, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_same_text_is_no_new_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_text_is_taken_up_to_its_capacity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_without_room_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_state_is_what_the_writer_noted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_reader_ever_sees_a_torn_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_writer_killed_at_any_moment_leaves_a_whole_text, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
