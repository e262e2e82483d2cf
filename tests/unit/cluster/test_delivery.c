/* SPDX-License-Identifier: MIT */
#include "fake_memory.h"
#include "fake_workers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cluster/wire.h"
#include "hub/room.h"

enum { FLOOD = 5000 };

static void the_members_on_the_other_workers_are_counted(void **state)
{
    struct fake_workers *f = *state;
    uint64_t id;

    assert_int_equal(tg_room_leave(f->workers[2].conns[1].client, TG_STR("lobby")), TG_OK);
    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_COUNT, &id), 2);
    assert_int_equal(f->answers, 0);
    fake_workers_run_until_answers(f, 1);
    assert_int_equal(f->count, 3);
    assert_false(f->is_partial);
    fake_house_advance(f->workers[0].house, 2 * TG_BUS_ANSWER_MS);
    assert_int_equal(f->answers, 1);
}

static void the_members_on_the_other_workers_are_named(void **state)
{
    struct fake_workers *f = *state;
    uint64_t id;
    char name[TG_CLIENT_ID_BYTES];

    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_MEMBERS, &id), 2);
    fake_workers_run_until_answers(f, 1);
    assert_int_equal(f->count, 4);
    assert_false(f->is_partial);
    for (int i = 1; i < FAKE_WORKERS; i++) {
        for (int j = 0; j < 2; j++) {
            tg_client_id(f->workers[i].conns[j].client, name);
            assert_non_null(memmem(f->ids, f->ids_length, name, strlen(name) + 1));
        }
    }
    tg_client_id(f->workers[0].conns[0].client, name);
    assert_null(memmem(f->ids, f->ids_length, name, strlen(name) + 1));
}

/* Worker 0 has published over many of its turns what worker 1, busy meanwhile, finds at once. */
static void a_batch_that_is_longer_than_a_queue_evicts_nobody(void **state)
{
    struct fake_workers *f = *state;
    uint32_t published = 0;

    assert_true(FLOOD > 10 * f->workers[1].house->config.outbound_messages);
    for (; published < FLOOD; published++) {
        assert_int_equal(fake_worker_publish(&f->workers[0], fake_lobby(), "x"), TG_OK);
        fake_conn_drain(&f->workers[0].conns[0]);
        fake_conn_drain(&f->workers[0].conns[1]);
    }
    fake_workers_run_until(f, &f->workers[1], FLOOD);
    fake_workers_run_until(f, &f->workers[2], FLOOD);
    assert_true(tg_client_is_open(f->workers[1].conns[0].client));
}

static void what_arrives_when_memory_is_short_is_delivered_later(void **state)
{
    struct fake_workers *f = *state;

    assert_int_equal(fake_worker_publish(&f->workers[0], fake_lobby(), "x"), TG_OK);
    f->workers[0].is_still = true;
    fake_conn_drain(&f->workers[0].conns[0]);
    tg_cluster_flush(f->workers[0].cluster);
    fake_memory_fail_after(0);
    for (int i = 0; i < 5; i++) {
        (void)tg_loop_step(f->loop);
    }
    assert_true(fake_memory_heal());
    fake_workers_run_until(f, &f->workers[1], 1);
    fake_workers_run_until(f, &f->workers[2], 1);
}

static void write_mail(int socket, struct tg_mail *mail)
{
    assert_int_equal(write(socket, mail->head, mail->head_length), mail->head_length);
    tg_mail_unref(mail);
}

/* The stranger reads until a mail of that kind comes. Returns its body, valid until the next. */
static struct tg_str read_until(struct fake_workers *f, int socket, struct tg_buf *wire,
                                uint8_t kind)
{
    static char chunk[65536];
    size_t used = 0;

    for (int i = 0; i < FAKE_STEPS_MAX; i++) {
        struct tg_mail_view view;
        (void)tg_loop_step(f->loop);
        ssize_t got = recv(socket, chunk, sizeof(chunk), MSG_DONTWAIT);
        tg_buf_add(wire, chunk, got > 0 ? (size_t)got : 0);
        assert_int_equal(wire->err, TG_OK);
        while (tg_mail_read(tg_str(wire->at + used, wire->length - used), &view) == TG_OK) {
            if (view.kind == kind) {
                return view.body;
            }
            used += view.length;
        }
    }
    fail_msg("no mail of kind %d came", kind);
    return tg_str(NULL, 0);
}

/* Publishes until a peer of the worker has no room for the text. */
static void fill(struct fake_workers *f, struct fake_worker *worker, const char *text)
{
    int err = TG_OK;

    for (int i = 0; i < 1000 && err == TG_OK; i++) {
        err = fake_worker_publish(worker, fake_lobby(), text);
        (void)tg_loop_step(f->loop);
    }
    assert_int_equal(err, TG_ERR_UNAVAILABLE);
}

static void when_there_is_no_room_for_ids_the_asker_is_told_that_they_are_missing(void **state)
{
    struct fake_workers *f = *state;
    struct fake_worker *worker = &f->workers[0];
    int socket = fake_worker_attach_stranger(worker);
    struct tg_wire_question question = {77, TG_QUESTION_MEMBERS, fake_lobby()};
    struct tg_wire_answer answer;
    struct tg_mail *mail;
    struct tg_buf wire;
    char *text = calloc(1, 100001);

    memset(text, 'x', 100000);
    for (size_t length = 100000; length > 0; length /= 100) {
        text[length] = '\0';
        fill(f, worker, text);
    }
    fill(f, worker, "");
    assert_int_equal(tg_wire_write_question(&question, &mail), TG_OK);
    write_mail(socket, mail);
    fake_workers_run(f);
    tg_buf_init(&wire, 32 << 20);
    struct tg_str body = read_until(f, socket, &wire, TG_WIRE_ANSWER);
    assert_int_equal(tg_wire_read_answer(body, false, &answer), TG_OK);
    assert_true(answer.id == 77);
    assert_int_equal(answer.answers.count, 0);
    assert_true(answer.answers.is_partial);
    tg_buf_fini(&wire);
    free(text);
    close(socket);
}

static void without_memory_for_a_roll_the_asker_is_told_so(void **state)
{
    struct fake_workers *f = *state;
    struct fake_worker *worker = &f->workers[0];
    int socket = fake_worker_attach_stranger(worker);
    struct tg_wire_question question = {77, TG_QUESTION_MEMBERS, fake_lobby()};
    struct tg_wire_answer answer;
    struct tg_mail *mail;
    struct tg_buf wire;

    tg_buf_init(&wire, 1 << 20);
    for (uint32_t i = 0; i < 4; i++) {
        bool has_ids = i == 0; /* an empty roll; then none */
        assert_int_equal(tg_wire_write_question(&question, &mail), TG_OK);
        write_mail(socket, mail);
        fake_memory_fail_after(i);
        fake_workers_run(f);
        assert_true(fake_memory_heal());
        tg_buf_clear(&wire);
        struct tg_str body = read_until(f, socket, &wire, has_ids ? TG_WIRE_ROLL : TG_WIRE_ANSWER);
        assert_int_equal(tg_wire_read_answer(body, has_ids, &answer), TG_OK);
        assert_int_equal(answer.answers.count, 0);
        assert_true(answer.answers.is_partial);
    }
    tg_buf_fini(&wire);
    close(socket);
}

static void on_line(void *self, enum tg_log_level level, struct tg_str line)
{
    (void)line;
    *(uint32_t *)self += level == TG_LOG_LEVEL_ERROR;
}

static void a_peer_that_writes_what_it_must_not_is_lost_with_an_error(void **state)
{
    static const struct {
        const char *octets;
        size_t length;
    } cases[] = {
        {"\0\0\0\0", 4},       /* no kind */
        {"\1\0\0\0\x7e", 5},   /* an unknown kind */
        {"\2\0\0\0\1\1", 6},   /* a cut publication */
        {"\2\0\0\0\x81\1", 6}, /* a cut question */
        {"\2\0\0\0\x82\1", 6}, /* a cut answer */
        {"\2\0\0\0\2\1", 6},   /* a cut roll */
    };
    struct fake_workers *f = *state;
    uint32_t errors = 0;

    tg_log_set_sink(on_line, &errors);
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int socket = fake_worker_attach_stranger(&f->workers[0]);
        assert_int_equal(write(socket, cases[i].octets, cases[i].length), cases[i].length);
        fake_workers_run(f);
        assert_int_equal(f->workers[0].lost, i + 1);
        assert_int_equal(f->workers[0].lost_slot, FAKE_STRANGER);
        assert_int_equal(f->workers[0].lost_err, TG_ERR_SYNTAX);
        assert_int_equal(errors, i + 1);
        close(socket);
    }
    tg_log_set_sink(NULL, NULL);
    assert_int_equal(tg_cluster_peer_count(f->workers[0].cluster), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, fake_workers_set_up, fake_workers_tear_down)
        TEST(the_members_on_the_other_workers_are_counted),
        TEST(the_members_on_the_other_workers_are_named),
        TEST(a_batch_that_is_longer_than_a_queue_evicts_nobody),
        TEST(what_arrives_when_memory_is_short_is_delivered_later),
        TEST(when_there_is_no_room_for_ids_the_asker_is_told_that_they_are_missing),
        TEST(without_memory_for_a_roll_the_asker_is_told_so),
        TEST(a_peer_that_writes_what_it_must_not_is_lost_with_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
