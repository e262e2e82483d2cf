/* SPDX-License-Identifier: MIT */
#include "fake_memory.h"
#include "fake_pair.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rand.h"

enum { RANDOM_MAILS = 20000 };

static void mail_goes_both_ways_and_in_order(void **state)
{
    struct fake_pair *f = *state;

    fake_pair_open(f, &f->alice, 0);
    fake_pair_open(f, &f->bob, 1);
    assert_int_equal(fake_end_post(&f->alice, 'a', 0), TG_OK);
    assert_int_equal(fake_end_post(&f->alice, 'b', 1), TG_OK);
    assert_int_equal(fake_end_post(&f->bob, 'c', 2), TG_OK);
    tg_mailbox_flush(f->alice.mailbox);
    tg_mailbox_flush(f->bob.mailbox);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, false), 0);
    fake_pair_run_until_mails(f, &f->bob, 2);
    fake_pair_run_until_mails(f, &f->alice, 1);
    assert_memory_equal(f->bob.received.at,
                        "a\x04\0\0\0headb\x05\0\0\0head"
                        "b",
                        19);
    assert_memory_equal(f->alice.received.at, "c\x06\0\0\0headcc", 11);
}

static void nothing_leaves_before_the_flush(void **state)
{
    struct fake_pair *f = *state;
    char octet;

    fake_pair_open(f, &f->alice, 0);
    assert_int_equal(fake_end_post(&f->alice, 'a', 0), TG_OK);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, false), 9);
    assert_int_equal(recv(f->sockets[1], &octet, 1, MSG_DONTWAIT), -1);
    tg_mailbox_flush(f->alice.mailbox);
    assert_int_equal(recv(f->sockets[1], &octet, 1, MSG_DONTWAIT), 1);
}

static void data_is_bounded_to_the_octet_and_control_mail_has_its_own_room(void **state)
{
    struct fake_pair *f = *state;
    size_t part = TG_MAILBOX_DATA_BYTES / 4 - TG_MAIL_HEAD - 4;

    fake_pair_open(f, &f->alice, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fake_end_post(&f->alice, 1, part), TG_OK);
    }
    assert_int_equal(fake_end_post(&f->alice, 1, part + 1), TG_ERR_FULL);
    assert_int_equal(fake_end_post(&f->alice, 1, part), TG_OK);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, false), TG_MAILBOX_DATA_BYTES);
    assert_int_equal(fake_end_post(&f->alice, 1, 0), TG_ERR_FULL);

    assert_int_equal(fake_end_post(&f->alice, 0x81, TG_MAILBOX_CONTROL_BYTES), TG_ERR_FULL);
    assert_int_equal(fake_end_post(&f->alice, 0x81, TG_MAILBOX_CONTROL_BYTES - 9), TG_OK);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, true), TG_MAILBOX_CONTROL_BYTES);
    assert_int_equal(fake_end_post(&f->alice, 0x81, 0), TG_ERR_FULL);

    fake_pair_open(f, &f->bob, 1);
    tg_mailbox_flush(f->alice.mailbox);
    fake_pair_run_until_mails(f, &f->bob, 5);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, false), 0);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, true), 0);
    assert_int_equal(fake_end_post(&f->alice, 1, TG_MAIL_MAX - 9), TG_OK);
    tg_mailbox_flush(f->alice.mailbox);
    fake_pair_run_until_mails(f, &f->bob, 6);
}

static void small_mails_are_bounded_in_number(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mail *mail = fake_mail(1, 0);

    fake_pair_open(f, &f->alice, 0);
    for (uint32_t i = 0; i < TG_MAILBOX_MAILS; i++) {
        assert_int_equal(tg_mailbox_reserve(f->alice.mailbox, mail), TG_OK);
        tg_mailbox_put(f->alice.mailbox, mail);
    }
    assert_int_equal(tg_mailbox_reserve(f->alice.mailbox, mail), TG_ERR_FULL);
    assert_int_equal(mail->refs, TG_MAILBOX_MAILS + 1);
    assert_int_equal(fake_end_post(&f->alice, 0x81, 0), TG_OK);
    fake_pair_open(f, &f->bob, 1);
    tg_mailbox_flush(f->alice.mailbox);
    fake_pair_run_until_mails(f, &f->bob, TG_MAILBOX_MAILS + 1);
    assert_int_equal(mail->refs, 1);
    tg_mail_unref(mail);
}

/* What the seed says about the i-th mail. */
static size_t random_length(struct tg_rand *rand)
{
    uint64_t die = tg_rand_below(rand, 1000);

    return die == 0   ? tg_rand_below(rand, 400000)
           : die < 20 ? tg_rand_below(rand, 20000)
                      : tg_rand_below(rand, 60);
}

static void judge_random_mails(const struct fake_end *end, uint64_t seed)
{
    struct tg_rand rand;
    size_t at = 0;

    tg_rand_seed(&rand, seed);
    for (uint32_t i = 0; i < RANDOM_MAILS; i++) {
        size_t payload = random_length(&rand);
        uint8_t kind = (uint8_t)tg_rand_below(&rand, 256);
        uint32_t length;
        assert_int_equal((uint8_t)end->received.at[at], kind);
        memcpy(&length, end->received.at + at + 1, sizeof(length));
        assert_int_equal(length, payload + 4);
        at += 5;
        assert_memory_equal(end->received.at + at, "head", 4);
        for (size_t j = 4; j < length; j++) {
            assert_int_equal((uint8_t)end->received.at[at + j], kind);
        }
        at += length;
    }
    assert_int_equal(end->received.length, at);
}

/* The plain queue is the seed: it says again what was sent, in order. Alice's kernel buffer is
 * small and Bob refuses now and then, so cuts fall everywhere. */
static void random_mails_come_in_order_whatever_the_cuts(void **state)
{
    struct fake_pair *f = *state;
    struct tg_rand rand;
    struct tg_rand dice;
    uint64_t seed;
    int small = 4096;

    tg_rand_kernel(&seed, sizeof(seed));
    print_message("seed %llu\n", (unsigned long long)seed);
    tg_rand_seed(&rand, seed);
    tg_rand_seed(&dice, seed + 1);
    assert_int_equal(setsockopt(f->sockets[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
    fake_pair_open(f, &f->alice, 0);
    fake_pair_open(f, &f->bob, 1);
    f->bob.refusal = TG_ERR_FULL;
    for (uint32_t i = 0; i < RANDOM_MAILS; i++) {
        size_t payload = random_length(&rand);
        uint8_t kind = (uint8_t)tg_rand_below(&rand, 256);
        int err;
        for (int j = 0;
             (err = fake_end_post(&f->alice, kind, payload)) != TG_OK && j < FAKE_STEPS_MAX; j++) {
            assert_int_equal(err, TG_ERR_FULL);
            tg_mailbox_flush(f->alice.mailbox);
            (void)tg_loop_step(f->loop);
        }
        if (tg_rand_below(&dice, 50) == 0) {
            tg_mailbox_flush(f->alice.mailbox);
            f->bob.refusals_left = tg_rand_below(&dice, 4) == 0;
            (void)tg_loop_step(f->loop);
        }
    }
    tg_mailbox_flush(f->alice.mailbox);
    fake_pair_run_until_mails(f, &f->bob, RANDOM_MAILS);
    assert_true(f->bob.refused > 0);
    judge_random_mails(&f->bob, seed);
}

static void a_mail_may_come_octet_by_octet(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mail *mail = fake_mail('k', 0);

    fake_pair_open(f, &f->bob, 1);
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < mail->head_length; i++) {
            assert_int_equal(f->bob.mails, round);
            assert_int_equal(write(f->sockets[0], mail->head + i, 1), 1);
            (void)tg_loop_step(f->loop);
        }
        fake_pair_run_until_mails(f, &f->bob, (uint32_t)round + 1);
    }
    assert_memory_equal(f->bob.received.at + 18, "k\x04\0\0\0head", 9);
    tg_mail_unref(mail);
}

static void a_turn_reads_no_more_than_its_share_of_a_flood(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mail *mail = fake_mail('k', 0);
    int large = 4 << 20;
    uint32_t written = 0;

    assert_int_equal(setsockopt(f->sockets[0], SOL_SOCKET, SO_SNDBUF, &large, sizeof(large)), 0);
    while (send(f->sockets[0], mail->head, mail->head_length, MSG_DONTWAIT) > 0) {
        written++;
    }
    /* As large as one socket buffer may be here: many small writes cost the kernel much. */
    assert_true(written > 1000);
    fake_pair_open(f, &f->bob, 1);
    fake_pair_run_until_mails(f, &f->bob, written);
    assert_in_range(f->turn_octets_max, 1, TG_MAILBOX_TURN_BYTES);
    tg_mail_unref(mail);
}

static void a_large_flood_takes_several_turns(void **state)
{
    struct fake_pair *f = *state;
    int large = 4 << 20;
    struct tg_mail *mail = fake_mail('k', 60000);
    uint32_t written = 0;

    assert_int_equal(setsockopt(f->sockets[0], SOL_SOCKET, SO_SNDBUF, &large, sizeof(large)), 0);
    fake_pair_open(f, &f->alice, 0);
    for (; written < 20; written++) {
        assert_int_equal(tg_mailbox_reserve(f->alice.mailbox, mail), TG_OK);
        tg_mailbox_put(f->alice.mailbox, mail);
    }
    tg_mailbox_flush(f->alice.mailbox);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, false), 0);
    fake_pair_open(f, &f->bob, 1);
    fake_pair_run_until_mails(f, &f->bob, written);
    /* What came of a mail in the turns before it was whole is told in its last one. */
    assert_in_range(f->turn_octets_max, 1, TG_MAILBOX_TURN_BYTES + mail->length);
    assert_true(f->turns >= 4);
    tg_mail_unref(mail);
}

static void a_refused_mail_is_offered_again_in_the_next_turn(void **state)
{
    struct fake_pair *f = *state;
    uint64_t start = tg_loop_now_ms(f->loop);

    fake_pair_open(f, &f->alice, 0);
    fake_pair_open(f, &f->bob, 1);
    f->bob.refusals_left = 3;
    f->bob.refusal = TG_ERR_FULL;
    assert_int_equal(fake_end_post(&f->alice, 'a', 0), TG_OK);
    assert_int_equal(fake_end_post(&f->alice, 'b', 0), TG_OK);
    tg_mailbox_flush(f->alice.mailbox);
    fake_pair_run_until_mails(f, &f->bob, 2);
    assert_int_equal(f->bob.refused, 3);
    assert_true(f->turns >= 3);
    assert_in_range(tg_loop_now_ms(f->loop) - start, 0, TG_MAILBOX_RETRY_MS - 1);
    assert_int_equal(f->bob.received.at[0], 'a');
    assert_int_equal(f->bob.received.at[9], 'b');
}

static void without_memory_a_mail_waits_and_reading_rests(void **state)
{
    struct fake_pair *f = *state;
    uint64_t start = tg_loop_now_ms(f->loop);

    fake_pair_open(f, &f->alice, 0);
    fake_pair_open(f, &f->bob, 1);
    f->bob.refusals_left = 2;
    f->bob.refusal = TG_ERR_NOMEM;
    assert_int_equal(fake_end_post(&f->alice, 'a', 0), TG_OK);
    tg_mailbox_flush(f->alice.mailbox);
    fake_pair_run_until_mails(f, &f->bob, 1);
    assert_in_range(tg_loop_now_ms(f->loop) - start, 2 * TG_MAILBOX_RETRY_MS - 10, 5000);
}

static void without_memory_for_a_large_mail_it_stays_in_the_kernel(void **state)
{
    struct fake_pair *f = *state;

    fake_pair_open(f, &f->alice, 0);
    fake_pair_open(f, &f->bob, 1);
    assert_int_equal(fake_end_post(&f->alice, 'a', 1 << 20), TG_OK);
    tg_mailbox_flush(f->alice.mailbox);
    fake_memory_fail_after(0);
    for (int i = 0; i < 5; i++) {
        (void)tg_loop_step(f->loop);
    }
    assert_true(fake_memory_heal());
    assert_int_equal(f->bob.mails, 0);
    assert_int_equal(f->bob.ends, 0);
    fake_pair_run_until_mails(f, &f->bob, 1);
}

static void the_room_for_a_large_mail_is_given_back(void **state)
{
    struct fake_pair *f = *state;

    fake_pair_open(f, &f->alice, 0);
    fake_pair_open(f, &f->bob, 1);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(fake_end_post(&f->alice, 'a', i % 2 ? 10 : 300000), TG_OK);
    }
    /* Shrinking may fail: then the room just stays. */
    fake_memory_fail_after(4);
    tg_mailbox_flush(f->alice.mailbox);
    fake_pair_run_until_mails(f, &f->bob, 10);
    (void)fake_memory_heal();
}

static void a_failed_creation_leaves_the_socket_with_the_caller(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mailbox_options options = fake_pair_options(f, &f->bob, f->sockets[1]);
    uint32_t failures = 0;

    for (uint32_t i = 0; i < 100; i++) {
        fake_memory_fail_after(i);
        struct tg_mailbox *mailbox = tg_mailbox_create(&options);
        if (!fake_memory_heal()) {
            assert_non_null(mailbox);
            f->bob.mailbox = mailbox;
            f->sockets[1] = -1;
            break;
        }
        assert_null(mailbox);
        assert_true(fcntl(f->sockets[1], F_GETFD) >= 0);
        failures++;
    }
    assert_int_equal(failures, 3);
    options = fake_pair_options(f, &f->alice, open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    assert_true(options.fd >= 0);
    assert_null(tg_mailbox_create(&options));
    close(options.fd);
    tg_mailbox_destroy(NULL);
}

static void without_memory_nothing_is_reserved(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mail *mail = fake_mail('k', 0);

    fake_pair_open(f, &f->alice, 0);
    fake_memory_fail_after(0);
    assert_int_equal(tg_mailbox_reserve(f->alice.mailbox, mail), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    for (int i = 0; i < 40; i++) {
        assert_int_equal(tg_mailbox_reserve(f->alice.mailbox, mail), TG_OK);
        tg_mailbox_put(f->alice.mailbox, mail);
    }
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, false), 40 * 9);
    tg_mail_unref(mail);
}

static void what_was_reserved_and_never_put_is_freed(void **state)
{
    struct fake_pair *f = *state;
    struct tg_mail *mail = fake_mail('k', 0);

    fake_pair_open(f, &f->alice, 0);
    assert_int_equal(tg_mailbox_reserve(f->alice.mailbox, mail), TG_OK);
    assert_int_equal(mail->refs, 1);
    tg_mailbox_flush(f->alice.mailbox);
    assert_int_equal(tg_mailbox_waiting(f->alice.mailbox, false), 0);
    tg_mail_unref(mail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_pair_set_up, fake_pair_tear_down)
        TEST(mail_goes_both_ways_and_in_order),
        TEST(nothing_leaves_before_the_flush),
        TEST(data_is_bounded_to_the_octet_and_control_mail_has_its_own_room),
        TEST(small_mails_are_bounded_in_number),
        TEST(random_mails_come_in_order_whatever_the_cuts),
        TEST(a_mail_may_come_octet_by_octet),
        TEST(a_turn_reads_no_more_than_its_share_of_a_flood),
        TEST(a_large_flood_takes_several_turns),
        TEST(a_refused_mail_is_offered_again_in_the_next_turn),
        TEST(without_memory_a_mail_waits_and_reading_rests),
        TEST(without_memory_for_a_large_mail_it_stays_in_the_kernel),
        TEST(the_room_for_a_large_mail_is_given_back),
        TEST(a_failed_creation_leaves_the_socket_with_the_caller),
        TEST(without_memory_nothing_is_reserved),
        TEST(what_was_reserved_and_never_put_is_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
