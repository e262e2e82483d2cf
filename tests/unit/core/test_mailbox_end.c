/* SPDX-License-Identifier: MIT */
#include "fake_pair.h"

#include <sys/socket.h>
#include <unistd.h>

static void a_dying_peers_whole_mails_come_and_the_partial_one_is_dropped(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mail *mail = fake_mail('k', 0);

    fake_pair_open(f, &f->bob, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(write(f->sockets[0], mail->head, mail->head_length), 9);
    }
    assert_int_equal(write(f->sockets[0], mail->head, 8), 8);
    close(f->sockets[0]);
    f->sockets[0] = -1;
    fake_pair_run_until_end(f, &f->bob);
    assert_int_equal(f->bob.mails, 3);
    assert_int_equal(f->bob.end_err, TG_ERR_CLOSED);
    assert_int_equal(tg_mailbox_reserve(f->bob.mailbox, mail), TG_ERR_CLOSED);
    tg_mail_unref(mail);
}

/* The loop is told of this kind of death as an error, once, while there is much left to read. */
static void a_peer_that_dies_with_mail_unread_is_heard_to_its_end(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mail *mail = fake_mail('k', 60000);
    struct tg_mail *last = fake_mail('l', 0);
    int large = 4 << 20;

    assert_int_equal(setsockopt(f->sockets[0], SOL_SOCKET, SO_SNDBUF, &large, sizeof(large)), 0);
    fake_pair_open(f, &f->alice, 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(tg_mailbox_reserve(f->alice.mailbox, mail), TG_OK);
        tg_mailbox_put(f->alice.mailbox, mail);
    }
    assert_int_equal(tg_mailbox_reserve(f->alice.mailbox, last), TG_OK);
    tg_mailbox_put(f->alice.mailbox, last);
    tg_mailbox_flush(f->alice.mailbox);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, false), 0);
    fake_pair_open(f, &f->bob, 1);
    assert_int_equal(fake_end_post(&f->bob, 'u', 1), TG_OK);
    tg_mailbox_flush(f->bob.mailbox);
    tg_mailbox_destroy(f->alice.mailbox);
    f->alice.mailbox = NULL;
    f->bob.refusals_left = 2;
    f->bob.refusal = TG_ERR_FULL;
    fake_pair_run_until_end(f, &f->bob);
    assert_int_equal(f->bob.mails, 21);
    assert_int_equal(f->bob.end_err, TG_ERR_CLOSED);
    tg_mail_unref(mail);
    tg_mail_unref(last);
}

static void writing_to_a_dead_peer_drops_the_mail_and_what_it_wrote_still_comes(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mail *mail = fake_mail('k', 1000);

    fake_pair_open(f, &f->bob, 1);
    assert_int_equal(write(f->sockets[0], mail->head, mail->head_length), 9);
    close(f->sockets[0]);
    f->sockets[0] = -1;
    assert_int_equal(tg_mailbox_reserve(f->bob.mailbox, mail), TG_OK);
    tg_mailbox_put(f->bob.mailbox, mail);
    tg_mailbox_flush(f->bob.mailbox);
    assert_int_equal(tg_mailbox_waiting(f->bob.mailbox, false), 0);
    assert_int_equal(mail->refs, 1);
    assert_int_equal(tg_mailbox_reserve(f->bob.mailbox, mail), TG_ERR_CLOSED);
    assert_int_equal(f->bob.ends, 0);
    fake_pair_run_until_end(f, &f->bob);
    assert_int_equal(f->bob.end_err, TG_ERR_CLOSED);
    tg_mail_unref(mail);
}

static void a_peer_that_dies_while_we_wait_to_write_ends_the_mailbox(void **state)
{
    struct fake_pair *f = *state;

    fake_pair_open(f, &f->alice, 0);
    assert_int_equal(fake_end_post(&f->alice, 1, 4 << 20), TG_OK);
    tg_mailbox_flush(f->alice.mailbox);
    assert_true(tg_mailbox_waiting(f->alice.mailbox, false) > 0);
    (void)tg_loop_step(f->loop);
    close(f->sockets[1]);
    f->sockets[1] = -1;
    f->alice.destroys_itself = true;
    fake_pair_run_until_end(f, &f->alice);
    assert_int_equal(f->alice.end_err, TG_ERR_CLOSED);
}

static void a_malformed_mail_ends_the_mailbox_and_what_came_before_counts(void **state)
{
    struct fake_pair *f = *state;

    fake_pair_open(f, &f->bob, 1);
    f->bob.destroys_itself = true;
    assert_int_equal(write(f->sockets[0], "\x02\0\0\0kx\0\0\0\0", 10), 10);
    fake_pair_run_until_end(f, &f->bob);
    assert_int_equal(f->bob.mails, 1);
    assert_int_equal(f->bob.end_err, TG_ERR_SYNTAX);
}

static void a_mail_longer_than_any_ends_the_mailbox_by_its_head(void **state)
{
    struct fake_pair *f = *state;

    fake_pair_open(f, &f->bob, 1);
    assert_int_equal(write(f->sockets[0], "\xff\xff\xff\x7f", 4), 4);
    fake_pair_run_until_end(f, &f->bob);
    assert_int_equal(f->bob.end_err, TG_ERR_TOO_LARGE);
}

static void what_the_owner_cannot_read_ends_the_mailbox(void **state)
{
    struct fake_pair *f = *state;

    fake_pair_open(f, &f->bob, 1);
    f->bob.refusals_left = 1;
    f->bob.refusal = TG_ERR_SYNTAX;
    assert_int_equal(write(f->sockets[0], "\x02\0\0\0kx\x02\0\0\0ky", 12), 12);
    fake_pair_run_until_end(f, &f->bob);
    assert_int_equal(f->bob.mails, 0);
    assert_int_equal(f->bob.end_err, TG_ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_pair_set_up, fake_pair_tear_down)
        TEST(a_dying_peers_whole_mails_come_and_the_partial_one_is_dropped),
        TEST(a_peer_that_dies_with_mail_unread_is_heard_to_its_end),
        TEST(writing_to_a_dead_peer_drops_the_mail_and_what_it_wrote_still_comes),
        TEST(a_peer_that_dies_while_we_wait_to_write_ends_the_mailbox),
        TEST(a_malformed_mail_ends_the_mailbox_and_what_came_before_counts),
        TEST(a_mail_longer_than_any_ends_the_mailbox_by_its_head),
        TEST(what_the_owner_cannot_read_ends_the_mailbox),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
