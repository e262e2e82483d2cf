/* SPDX-License-Identifier: MIT */
#include "net/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "fake_tls.h"
#include "fake_worker.h"
#include "hub/transport.h"

enum { BIG = 1 << 20, BIG_COUNT = 8, MANY = 60 };

struct fixture {
    struct fake_tls_folder folder;
    struct tg_errmsg msg;
    struct tg_tls *tls;
    struct fake_stage stage;
};

/* How often OpenSSL will say from here on that the kernel doesn't take close_notify. */
static int refusals;
static bool is_refusing;

/* The program's own goes before the library's. */
int SSL_shutdown(SSL *ssl)
{
    union {
        void *symbol;
        int (*function)(SSL *ssl);
    } real = {.symbol = dlsym(RTLD_NEXT, "SSL_shutdown")};

    assert_non_null(real.symbol);
    is_refusing = refusals > 0;
    if (is_refusing) {
        refusals--;
        return -1;
    }
    return real.function(ssl);
}

int SSL_get_error(const SSL *s, int ret_code)
{
    union {
        void *symbol;
        int (*function)(const SSL *s, int ret_code);
    } real = {.symbol = dlsym(RTLD_NEXT, "SSL_get_error")};

    assert_non_null(real.symbol);
    if (is_refusing) {
        is_refusing = false;
        return SSL_ERROR_WANT_WRITE;
    }
    return real.function(s, ret_code);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    fake_tls_folder_init(&f->folder);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_tls_destroy(f->tls);
    fake_tls_folder_fini(&f->folder);
    free(f);
    return 0;
}

static void assert_loads(struct fixture *f)
{
    f->tls = tg_tls_create(&f->folder.files, &f->msg);
    if (!f->tls) {
        fail_msg("%s", f->msg.text);
    }
}

/* The message is the file's path and this. */
static void assert_refused(struct fixture *f, const char *path, const char *why)
{
    char text[TG_ERRMSG_BYTES];

    (void)snprintf(text, sizeof(text), "%s: %s", path, why);
    assert_null(tg_tls_create(&f->folder.files, &f->msg));
    assert_string_equal(f->msg.text, text);
}

/* --- the files --- */

static void a_pair_of_either_kind_is_loaded(void **state)
{
    struct fixture *f = *state;
    char expires[TG_TLS_TIME_BYTES];

    fake_tls_write(&f->folder, FAKE_TLS_RSA, 1);
    assert_loads(f);
    tg_tls_destroy(f->tls);
    fake_tls_write(&f->folder, FAKE_TLS_EC, 2);
    assert_loads(f);
    assert_string_equal(tg_tls_name(f->tls), f->folder.certificate);
    assert_true(tg_tls_is_in_force(f->tls, expires));
    assert_int_equal(strlen(expires), strlen("2026-11-23T16:12:05Z"));
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, f->folder.certificate, "No such file or directory");
    fake_tls_write(&f->folder, FAKE_TLS_EC, 1);
    assert_int_equal(unlink(f->folder.key), 0);
    assert_refused(f, f->folder.key, "No such file or directory");
}

static void what_is_no_regular_file_is_not_opened(void **state)
{
    struct fixture *f = *state;

    fake_tls_write(&f->folder, FAKE_TLS_EC, 1);
    assert_int_equal(unlink(f->folder.key), 0);
    assert_int_equal(mkfifo(f->folder.key, 0600), 0);
    assert_refused(f, f->folder.key, "not a regular file");
}

static void a_file_has_a_largest_size(void **state)
{
    struct fixture *f = *state;

    fake_tls_write(&f->folder, FAKE_TLS_EC, 1);
    assert_int_equal(truncate(f->folder.certificate, TG_TLS_FILE_MAX), 0);
    assert_loads(f);
    assert_int_equal(truncate(f->folder.certificate, TG_TLS_FILE_MAX + 1), 0);
    assert_refused(f, f->folder.certificate, "larger than 1024 KiB");
}

static void what_is_no_pem_is_refused(void **state)
{
    struct fixture *f = *state;

    fake_tls_write(&f->folder, FAKE_TLS_EC, 1);
    fake_tls_write_text(f->folder.key, "no key\n");
    assert_refused(f, f->folder.key, "no usable private key in PEM: unsupported");
    fake_tls_write_text(f->folder.certificate, "");
    assert_refused(f, f->folder.certificate, "no usable certificate chain in PEM: no start line");
}

static void a_key_with_a_passphrase_is_refused_and_nobody_is_asked(void **state)
{
    struct fixture *f = *state;

    fake_tls_write(&f->folder, FAKE_TLS_EC, 1);
    fake_tls_write_text(f->folder.key, "-----BEGIN RSA PRIVATE KEY-----\n"
                                       "Proc-Type: 4,ENCRYPTED\n"
                                       "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"
                                       "\n"
                                       "AAAAAAAAAAAAAAAAAAAAAA==\n"
                                       "-----END RSA PRIVATE KEY-----\n");
    assert_refused(f, f->folder.key, "a key with a passphrase can't be used");
}

/* Another pair's key takes the place of this one's. */
static void write_foreign_key(struct fixture *f, enum fake_tls_kind kind)
{
    struct fake_tls_folder other;

    fake_tls_folder_init(&other);
    fake_tls_write(&other, kind, 2);
    assert_int_equal(rename(other.key, f->folder.key), 0);
    fake_tls_folder_fini(&other);
}

static void a_key_of_another_certificate_is_refused(void **state)
{
    struct fixture *f = *state;
    char why[128];

    (void)snprintf(why, sizeof(why), "not the key of the certificate in %s", f->folder.certificate);
    fake_tls_write(&f->folder, FAKE_TLS_EC, 1);
    write_foreign_key(f, FAKE_TLS_EC);
    assert_refused(f, f->folder.key, why);
    write_foreign_key(f, FAKE_TLS_RSA);
    assert_refused(f, f->folder.key, why);
}

static void a_weak_key_is_refused(void **state)
{
    struct fixture *f = *state;

    fake_tls_write(&f->folder, FAKE_TLS_WEAK, 1);
    assert_refused(f, f->folder.certificate,
                   "no usable certificate chain in PEM: ee key too small");
}

static void a_certificate_out_of_its_time_is_loaded_and_not_in_force(void **state)
{
    struct fixture *f = *state;
    char expires[TG_TLS_TIME_BYTES];

    fake_tls_write_pair(&f->folder, &(struct fake_tls_pair){.from_s = -7200, .until_s = -3600});
    assert_loads(f);
    assert_false(tg_tls_is_in_force(f->tls, expires));
    fake_tls_write_pair(&f->folder, &(struct fake_tls_pair){.from_s = 3600, .until_s = 7200});
    assert_int_equal(tg_tls_reload(f->tls, &f->msg), TG_OK);
    assert_false(tg_tls_is_in_force(f->tls, expires));
}

static void a_bad_pair_does_not_take_the_place_of_a_good_one(void **state)
{
    struct fixture *f = *state;
    char expires[TG_TLS_TIME_BYTES];

    fake_tls_write(&f->folder, FAKE_TLS_EC, 1);
    assert_loads(f);
    fake_tls_write_text(f->folder.key, "");
    assert_int_equal(tg_tls_reload(f->tls, &f->msg), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, f->folder.key));
    assert_true(tg_tls_is_in_force(f->tls, expires));
}

static void nothing_can_be_destroyed(void **state)
{
    (void)state;
    tg_tls_destroy(NULL);
}

/* --- connections --- */

/* A worker that listens with TLS. */
static int set_up_worker(void **state)
{
    char certificate[128];
    char key[128];
    const char *const settings[] = {certificate,
                                    key,
                                    "limits.handshake_timeout=200ms",
                                    "limits.outbound_bytes=64MiB",
                                    "limits.outbound_messages=10000",
                                    "limits.message_bytes=1MiB",
                                    NULL};

    (void)set_up(state);
    struct fixture *f = *state;
    fake_tls_write(&f->folder, FAKE_TLS_EC, 1);
    (void)snprintf(certificate, sizeof(certificate), "listen[1].tls.certificate=%s",
                   f->folder.certificate);
    (void)snprintf(key, sizeof(key), "listen[1].tls.key=%s", f->folder.key);
    refusals = 0;
    f->stage.worker = fake_worker_create(settings);
    f->stage.alice.fd = -1;
    f->stage.bob.fd = -1;
    return 0;
}

static int tear_down_worker(void **state)
{
    struct fixture *f = *state;

    fake_client_close(&f->stage.alice);
    fake_client_close(&f->stage.bob);
    fake_worker_destroy(f->stage.worker);
    return tear_down(state);
}

static void handshakes_after_a_reload_see_the_new_certificate(void **state)
{
    struct fixture *f = *state;
    struct fake_stage *stage = &f->stage;

    fake_client_upgrade(&stage->alice, stage->worker);
    assert_int_equal(fake_tls_serial(stage->alice.ssl), 1);
    fake_tls_write(&f->folder, FAKE_TLS_RSA, 2); /* of another kind */
    tg_server_reload_certificates(stage->worker->server);
    fake_client_upgrade(&stage->bob, stage->worker);
    assert_int_equal(fake_tls_serial(stage->bob.ssl), 2);
    fake_client_send_frames(&stage->alice, "81:old");
    fake_client_expect_text(&stage->alice, "old");
    fake_client_send_frames(&stage->bob, "81:new");
    fake_client_expect_text(&stage->bob, "new");
}

static void send_big_frames(struct fake_worker *worker)
{
    for (int i = 0; i < BIG_COUNT; i++) {
        struct tg_frame *frame = tg_frame_create(TG_OPCODE_BINARY, BIG);
        assert_non_null(frame);
        memset(tg_frame_payload(frame), i, BIG);
        assert_int_equal(tg_client_send(worker->client, frame), TG_OK);
        tg_frame_unref(frame);
    }
}

static void a_slow_reader_gets_every_octet_and_nobody_spins(void **state)
{
    struct fixture *f = *state;
    struct fake_stage *stage = &f->stage;
    const size_t frame_length = BIG + 10;

    fake_client_upgrade(&stage->alice, stage->worker);
    send_big_frames(stage->worker);
    fake_worker_run(stage->worker, 100);
    assert_true(stage->worker->client->is_blocked);
    fake_client_send_frames(&stage->alice, "81:still 89:here");
    uint64_t turns = stage->worker->turns;
    fake_worker_run(stage->worker, 300);
    assert_in_range(stage->worker->turns - turns, 0, 180);

    fake_client_receive(&stage->alice, BIG_COUNT * frame_length);
    const uint8_t *octets = (const uint8_t *)stage->alice.received.at + stage->alice.read;
    for (size_t i = 0; i < BIG_COUNT; i++) {
        for (size_t k = 10; k < frame_length; k++) {
            if (octets[i * frame_length + k] != i) {
                fail_msg("octet %zu of frame %zu is %u", k, i, octets[i * frame_length + k]);
            }
        }
    }
    stage->alice.read += BIG_COUNT * frame_length;
    fake_client_expect_text(&stage->alice, "still");
    fake_client_expect(&stage->alice, TG_STR("\x8a\x04here"));
    assert_true(tg_outbox_is_empty(&stage->worker->client->outbox));
}

/* Whole records lie in the kernel meanwhile, and one was just read. */
static void what_comes_while_reading_is_paused_is_neither_lost_nor_stuck(void **state)
{
    struct fixture *f = *state;
    struct fake_stage *stage = &f->stage;

    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_send_frames(&stage->alice, "81:first");
    fake_client_expect_text(&stage->alice, "first");
    struct tg_conn *conn = stage->worker->client->conn;
    tg_server_transport()->pause(conn, true);
    for (int i = 0; i < MANY; i++) {
        fake_client_send_frames(&stage->alice, "82:x{16000}");
    }
    fake_worker_run(stage->worker, 30);
    assert_int_equal(stage->worker->calls[TG_CALL_BINARY], 0);
    tg_server_transport()->pause(conn, false);
    fake_client_receive(&stage->alice, (size_t)MANY * (16000 + 4));
    assert_int_equal(stage->worker->calls[TG_CALL_BINARY], MANY);
}

static void the_close_frame_comes_before_close_notify(void **state)
{
    struct fixture *f = *state;
    struct fake_stage *stage = &f->stage;

    fake_client_upgrade(&stage->alice, stage->worker);
    send_big_frames(stage->worker);
    tg_client_close(stage->worker->client, TG_CLOSE_DRAIN);
    fake_client_receive(&stage->alice, BIG_COUNT * (size_t)(BIG + 10));
    stage->alice.read += BIG_COUNT * (size_t)(BIG + 10);
    fake_client_expect_close(&stage->alice, 1001);
    fake_client_expect_end(&stage->alice);
    assert_true(fake_tls_was_told_the_end(stage->alice.ssl));
    assert_int_equal(tg_server_conn_count(stage->worker->server), 1);
    fake_client_close(&stage->alice);
    fake_worker_run_until_conns(stage->worker, 0);
}

static void a_close_notify_that_the_kernel_refuses_follows_later(void **state)
{
    struct fixture *f = *state;
    struct fake_stage *stage = &f->stage;

    fake_client_upgrade(&stage->alice, stage->worker);
    refusals = 3;
    tg_client_close(stage->worker->client, TG_CLOSE_DRAIN);
    fake_client_expect_close(&stage->alice, 1001);
    fake_client_expect_end(&stage->alice);
    assert_int_equal(refusals, 0);
    assert_true(fake_tls_was_told_the_end(stage->alice.ssl));
}

static void who_never_shakes_hands_is_cut_at_the_deadline(void **state)
{
    struct fixture *f = *state;
    struct fake_worker *worker = f->stage.worker;

    fake_client_connect(&f->stage.alice, worker);
    fake_client_connect(&f->stage.bob, worker);
    fake_worker_run_until_conns(worker, 2);
    fake_client_secure(&f->stage.bob); /* and says nothing more */
    fake_worker_run_until_conns(worker, 0);
    assert_int_equal(fake_worker_counter(worker, TG_COUNT_HANDSHAKE_TIMEOUTS), 2);
    assert_int_equal(fake_worker_counter(worker, TG_COUNT_TLS_FAILURES), 0);
}

static void noise_in_place_of_a_handshake_is_counted(void **state)
{
    struct fixture *f = *state;
    struct fake_worker *worker = f->stage.worker;

    fake_client_connect(&f->stage.alice, worker);
    fake_client_send(&f->stage.alice, TG_STR("GET /raw HTTP/1.1\r\nHost: a\r\n\r\n"));
    fake_worker_run_until_conns(worker, 0);
    fake_client_connect(&f->stage.bob, worker);
    fake_worker_run_until_conns(worker, 1);
    fake_client_send(&f->stage.bob, TG_STR("\x16\x03\x01\xff\xff"));
    fake_worker_run_until_conns(worker, 0);
    assert_int_equal(fake_worker_counter(worker, TG_COUNT_TLS_FAILURES), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_CONN(name) cmocka_unit_test_setup_teardown(name, set_up_worker, tear_down_worker)
    const struct CMUnitTest tests[] = {
        TEST(a_pair_of_either_kind_is_loaded),
        TEST(a_file_that_is_not_there_is_named),
        TEST(what_is_no_regular_file_is_not_opened),
        TEST(a_file_has_a_largest_size),
        TEST(what_is_no_pem_is_refused),
        TEST(a_key_with_a_passphrase_is_refused_and_nobody_is_asked),
        TEST(a_key_of_another_certificate_is_refused),
        TEST(a_weak_key_is_refused),
        TEST(a_certificate_out_of_its_time_is_loaded_and_not_in_force),
        TEST(a_bad_pair_does_not_take_the_place_of_a_good_one),
        TEST(nothing_can_be_destroyed),
        TEST_CONN(handshakes_after_a_reload_see_the_new_certificate),
        TEST_CONN(a_slow_reader_gets_every_octet_and_nobody_spins),
        TEST_CONN(what_comes_while_reading_is_paused_is_neither_lost_nor_stuck),
        TEST_CONN(the_close_frame_comes_before_close_notify),
        TEST_CONN(a_close_notify_that_the_kernel_refuses_follows_later),
        TEST_CONN(who_never_shakes_hands_is_cut_at_the_deadline),
        TEST_CONN(noise_in_place_of_a_handshake_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
