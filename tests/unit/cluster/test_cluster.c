/* SPDX-License-Identifier: MIT */
#include "fake_memory.h"
#include "fake_workers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mailbox.h"
#include "hub/room.h"

enum { EACH = 5000 };

static void a_publication_reaches_every_member_on_every_worker_once(void **state)
{
    struct fake_workers *f = *state;

    assert_int_equal(tg_room_leave(f->workers[2].conns[1].client, TG_STR("lobby")), TG_OK);
    assert_int_equal(fake_worker_publish(&f->workers[0], fake_lobby(), "hello"), TG_OK);
    fake_workers_run_until(f, &f->workers[0], 1);
    fake_workers_run_until(f, &f->workers[1], 1);
    fake_workers_run(f);
    assert_int_equal(fake_worker_frames(&f->workers[0], 0), 1);
    assert_int_equal(fake_worker_frames(&f->workers[2], 0), 1);
    assert_int_equal(fake_worker_frames(&f->workers[2], 1), 0);
    assert_string_equal(fake_conn_frame(&f->workers[1].conns[0], 0), "hello");
    assert_string_equal(fake_conn_frame(&f->workers[2].conns[0], 0), "hello");
    assert_int_equal(fake_conn_opcode(&f->workers[2].conns[0], 0), TG_OPCODE_TEXT);
}

static void a_broadcast_reaches_the_tenant_and_no_other(void **state)
{
    struct fake_workers *f = *state;
    struct tg_audience audience = fake_lobby();

    audience.room = tg_str(NULL, 0);
    audience.tenant = TG_STR("globex");
    assert_int_equal(fake_worker_publish(&f->workers[0], audience, "not you"), TG_OK);
    audience.tenant = tg_str(NULL, 0);
    assert_int_equal(fake_worker_publish(&f->workers[0], audience, "nor you"), TG_OK);
    audience.tenant = TG_STR("acme");
    audience.gateway = TG_STR("chatter");
    assert_int_equal(fake_worker_publish(&f->workers[0], audience, "nor there"), TG_OK);
    audience.gateway = TG_STR("chat");
    assert_int_equal(fake_worker_publish(&f->workers[0], audience, "you"), TG_OK);
    fake_workers_run_until(f, &f->workers[1], 1);
    fake_workers_run_until(f, &f->workers[2], 1);
    assert_string_equal(fake_conn_frame(&f->workers[2].conns[1], 0), "you");
}

static void an_audience_that_nobody_can_be_in_is_reached_without_mail(void **state)
{
    struct fake_workers *f = *state;
    struct tg_audience audience = fake_lobby();
    int socket = fake_worker_attach_stranger(&f->workers[0]);
    char octet;

    audience.room = TG_STR("");
    assert_int_equal(fake_worker_publish(&f->workers[0], audience, "x"), TG_OK);
    audience = fake_lobby();
    audience.tenant = TG_STR("Acme");
    assert_int_equal(fake_worker_publish(&f->workers[0], audience, "x"), TG_OK);
    tg_cluster_flush(f->workers[0].cluster);
    assert_int_equal(recv(socket, &octet, 1, MSG_DONTWAIT), -1);
    close(socket);
}

/* What worker 2 got of each of two senders must be 0, 1, 2 ... */
static void judge_order(struct fake_worker *worker, uint32_t each)
{
    uint32_t next[2] = {0, 0};
    const char *at = worker->conns[0].written.at;

    for (uint32_t i = 0; i < 2 * each; i++) {
        char sender = at[2];
        char number[6];
        memcpy(number, at + 3, 5);
        number[5] = '\0';
        assert_true(sender == 'a' || sender == 'b');
        assert_int_equal(strtoul(number, NULL, 10), next[sender - 'a']);
        next[sender - 'a']++;
        at += 2 + 6;
    }
    assert_int_equal(next[0], each);
    assert_int_equal(next[1], each);
}

static void each_senders_order_is_kept_and_nothing_is_lost_or_doubled(void **state)
{
    struct fake_workers *f = *state;
    uint32_t sent[2] = {0, 0};

    for (int i = 0; i < FAKE_STEPS_MAX && (sent[0] < EACH || sent[1] < EACH); i++) {
        for (int k = 0; k < 100; k++) {
            uint32_t who = (uint32_t)(k + i) % 2;
            char text[8];
            (void)snprintf(text, sizeof(text), "%c%05u", (int)('a' + who), sent[who]);
            if (sent[who] < EACH) {
                assert_int_equal(fake_worker_publish(&f->workers[who], fake_lobby(), text), TG_OK);
                sent[who]++;
            }
        }
        (void)tg_loop_step(f->loop);
    }
    for (int i = 0; i < FAKE_WORKERS; i++) {
        fake_workers_run_until(f, &f->workers[i], 2 * EACH);
    }
    judge_order(&f->workers[2], EACH);
}

/* A peer that does not read fills its mailbox; then nobody gets anything until it reads again. */
static void a_publication_reaches_all_workers_or_none(void **state)
{
    struct fake_workers *f = *state;
    struct fake_worker *sender = &f->workers[0];
    int socket = fake_worker_attach_stranger(sender);
    char *text = calloc(1, 100001);
    uint32_t published = 0;
    int err = TG_OK;

    memset(text, 'x', 100000);
    for (; published < 1000; published++) {
        err = fake_worker_publish(sender, fake_lobby(), text);
        if (err) {
            break;
        }
        (void)tg_loop_step(f->loop);
    }
    assert_int_equal(err, TG_ERR_UNAVAILABLE);
    assert_true(published >= TG_MAILBOX_DATA_BYTES / 110000);
    size_t octets = (size_t)published * (100000 + 4);
    for (int i = 0; i < FAKE_STEPS_MAX && f->workers[1].conns[0].written.length < octets; i++) {
        (void)tg_loop_step(f->loop);
    }
    fake_workers_run(f);
    for (int i = 0; i < FAKE_WORKERS; i++) {
        /* 10 octets of header when the payload is longer than 65,535. */
        assert_int_equal(f->workers[i].conns[0].written.length, published * (100000 + 10));
    }
    close(socket);
    fake_workers_run(f);
    assert_int_equal(fake_worker_publish(sender, fake_lobby(), "again"), TG_OK);
    free(text);
}

static void without_memory_a_publication_reaches_nobody(void **state)
{
    struct fake_workers *f = *state;
    struct tg_publication publication = {fake_lobby(), tg_frame_of(TG_OPCODE_TEXT, TG_STR("x"))};
    const struct tg_bus *bus = tg_cluster_bus(f->workers[0].cluster);
    int err = TG_ERR_NOMEM;
    uint32_t failures = 0;

    for (; failures < 20 && err == TG_ERR_NOMEM; failures++) {
        fake_memory_fail_after(failures);
        err = bus->publish(bus->self, &publication);
        (void)fake_memory_heal();
    }
    /* The mail failed, then one ring; the other was made meanwhile. */
    assert_int_equal(err, TG_OK);
    assert_int_equal(failures, 3);
    tg_frame_unref(publication.frame);
    fake_workers_run_until(f, &f->workers[1], 1);
    fake_workers_run_until(f, &f->workers[2], 1);
    fake_workers_run(f);
    assert_int_equal(fake_worker_frames(&f->workers[1], 0), 1);
}

static void a_worker_that_is_silent_makes_the_answer_partial_after_a_second(void **state)
{
    struct fake_workers *f = *state;
    int socket = fake_worker_attach_stranger(&f->workers[0]);
    uint64_t id;

    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_COUNT, &id), 3);
    fake_workers_run(f);
    fake_house_advance(f->workers[0].house, TG_BUS_ANSWER_MS - 1);
    assert_int_equal(f->answers, 0);
    fake_house_advance(f->workers[0].house, 1);
    assert_int_equal(f->answers, 1);
    assert_int_equal(f->count, 4);
    assert_true(f->is_partial);
    close(socket);
}

static void a_cancelled_question_is_not_answered(void **state)
{
    struct fake_workers *f = *state;
    const struct tg_bus *bus = tg_cluster_bus(f->workers[0].cluster);
    uint64_t first;
    uint64_t second;

    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_COUNT, &first), 2);
    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_COUNT, &second), 2);
    bus->cancel(bus->self, first);
    fake_workers_run_until_answers(f, 1);
    fake_workers_run(f);
    fake_house_advance(f->workers[0].house, 2 * TG_BUS_ANSWER_MS);
    assert_int_equal(f->answers, 1);
}

static void asking_without_memory_fails_and_leaves_nothing_open(void **state)
{
    struct fake_workers *f = *state;
    uint64_t id;
    int err = TG_ERR_NOMEM;
    uint32_t failures = 0;

    /* A ring that can't grow leaves its worker out; that is partial and no failure. */
    fake_memory_fail_after(0);
    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_COUNT, &id), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    for (uint32_t i = 3; failures < 20; i++) {
        fake_memory_fail_after(i);
        err = fake_workers_ask(f, 0, TG_QUESTION_COUNT, &id);
        if (!fake_memory_heal()) {
            break;
        }
        assert_int_equal(err, TG_ERR_NOMEM);
        failures++;
    }
    assert_true(failures > 0);
    assert_int_equal(err, 2);
    fake_workers_run_until_answers(f, 1);
    assert_int_equal(f->count, 4);
}

static void a_worker_that_cannot_be_asked_makes_the_answer_partial(void **state)
{
    struct fake_workers *f = *state;
    uint64_t id;

    fake_memory_fail_after(1);
    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_COUNT, &id), 1);
    assert_true(fake_memory_heal());
    fake_workers_run_until_answers(f, 1);
    assert_int_equal(f->count, 2);
    assert_true(f->is_partial);
}

static void a_dead_worker_is_told_of_once_and_the_others_go_on(void **state)
{
    struct fake_workers *f = *state;
    uint64_t id;

    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_COUNT, &id), 2);
    f->workers[2].is_still = true;
    fake_workers_run(f);
    assert_int_equal(f->answers, 0);
    fake_worker_stop(&f->workers[2]);
    fake_workers_run_until_answers(f, 1);
    /* Those of the dead worker are gone, so this is all. */
    assert_int_equal(f->count, 2);
    assert_false(f->is_partial);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(f->workers[i].lost, 1);
        assert_int_equal(f->workers[i].lost_slot, 2);
        assert_int_equal(f->workers[i].lost_err, TG_ERR_CLOSED);
        assert_int_equal(tg_cluster_peer_count(f->workers[i].cluster), 1);
    }
    assert_int_equal(fake_worker_publish(&f->workers[0], fake_lobby(), "still here"), TG_OK);
    fake_workers_run_until(f, &f->workers[1], 1);
}

/* As the supervisor does it when it has replaced a worker. */
static void a_replaced_worker_gets_mail_over_its_new_socket(void **state)
{
    struct fake_workers *f = *state;
    uint64_t id;

    f->workers[2].is_still = true;
    assert_int_equal(fake_workers_ask(f, 1, TG_QUESTION_COUNT, &id), 2);
    fake_workers_run(f);
    fake_worker_stop(&f->workers[2]);
    memset(&f->workers[2], 0, sizeof(f->workers[2]));
    fake_workers_start(f, 2);
    fake_workers_join(f, 2, 0);
    fake_workers_join(f, 2, 1);
    fake_workers_run_until_answers(f, 1);
    assert_int_equal(f->count, 2);
    assert_int_equal(tg_cluster_peer_count(f->workers[0].cluster), 2);
    assert_int_equal(fake_worker_publish(&f->workers[0], fake_lobby(), "welcome"), TG_OK);
    fake_workers_run_until(f, &f->workers[2], 1);
    fake_workers_run(f);
    assert_int_equal(f->workers[0].lost, 0);
    tg_cluster_detach(f->workers[0].cluster, 2);
    tg_cluster_detach(f->workers[0].cluster, 2);
    assert_int_equal(tg_cluster_peer_count(f->workers[0].cluster), 1);
    fake_workers_run(f);
    assert_int_equal(f->workers[0].lost, 0);
    assert_int_equal(f->workers[2].lost, 1);
}

static void a_slot_is_another_workers_and_within_the_page(void **state)
{
    struct fake_workers *f = *state;
    struct tg_cluster *cluster = f->workers[0].cluster;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(tg_cluster_attach(cluster, 0, pair[0]), TG_ERR_INVALID);
    assert_int_equal(tg_cluster_attach(cluster, TG_PAGE_WORKERS_MAX, pair[0]), TG_ERR_INVALID);
    assert_int_equal(tg_cluster_attach(cluster, 1, -1), TG_ERR_IO);
    assert_int_equal(tg_cluster_peer_count(cluster), 2);
    assert_int_equal(tg_cluster_attach(cluster, TG_PAGE_WORKERS_MAX - 1, pair[0]), TG_OK);
    assert_int_equal(tg_cluster_peer_count(cluster), 3);
    tg_cluster_detach(cluster, TG_PAGE_WORKERS_MAX);
    close(pair[1]);
}

static void without_memory_nothing_is_made_or_attached(void **state)
{
    struct fake_workers *f = *state;
    struct tg_cluster_options options = {f->loop, &f->workers[0].house->hub, 0, NULL, NULL};
    uint32_t failures = 0;
    int pair[2];
    int err;

    fake_memory_fail_after(0);
    assert_null(tg_cluster_create(&options));
    assert_true(fake_memory_heal());
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    do {
        fake_memory_fail_after(failures);
        err = tg_cluster_attach(f->workers[0].cluster, 1, pair[0]);
        assert_int_equal(tg_cluster_peer_count(f->workers[0].cluster), 2);
    } while (fake_memory_heal() && ++failures < 20);
    assert_int_equal(err, TG_OK);
    assert_int_equal(failures, 4);
    tg_cluster_destroy(NULL);
    close(pair[1]);
}

static void alone_it_asks_nobody_and_publishes_to_nobody(void **state)
{
    struct fake_workers *f = *state;
    const struct tg_bus *bus = tg_cluster_bus(f->workers[0].cluster);
    uint64_t id;

    tg_cluster_detach(f->workers[0].cluster, 1);
    assert_false(bus->is_alone(bus->self));
    tg_cluster_detach(f->workers[0].cluster, 2);
    assert_true(bus->is_alone(bus->self));
    assert_int_equal(fake_workers_ask(f, 0, TG_QUESTION_COUNT, &id), 0);
    assert_int_equal(fake_worker_publish(&f->workers[0], fake_lobby(), "x"), TG_OK);
    fake_workers_run_until(f, &f->workers[0], 1);
    fake_house_advance(f->workers[0].house, 2 * TG_BUS_ANSWER_MS);
    assert_int_equal(f->answers, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, fake_workers_set_up, fake_workers_tear_down)
        TEST(a_publication_reaches_every_member_on_every_worker_once),
        TEST(a_broadcast_reaches_the_tenant_and_no_other),
        TEST(an_audience_that_nobody_can_be_in_is_reached_without_mail),
        TEST(each_senders_order_is_kept_and_nothing_is_lost_or_doubled),
        TEST(a_publication_reaches_all_workers_or_none),
        TEST(without_memory_a_publication_reaches_nobody),
        TEST(a_worker_that_is_silent_makes_the_answer_partial_after_a_second),
        TEST(a_cancelled_question_is_not_answered),
        TEST(asking_without_memory_fails_and_leaves_nothing_open),
        TEST(a_worker_that_cannot_be_asked_makes_the_answer_partial),
        TEST(a_dead_worker_is_told_of_once_and_the_others_go_on),
        TEST(a_replaced_worker_gets_mail_over_its_new_socket),
        TEST(a_slot_is_another_workers_and_within_the_page),
        TEST(without_memory_nothing_is_made_or_attached),
        TEST(alone_it_asks_nobody_and_publishes_to_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
