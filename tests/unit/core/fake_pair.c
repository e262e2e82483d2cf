/* SPDX-License-Identifier: MIT */
#include "fake_pair.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GUARD_MS = 20000 };

static int on_mail(void *self, const struct tg_mail_view *mail)
{
    struct fake_end *end = self;
    uint32_t length = (uint32_t)mail->body.length;

    if (end->refusals_left > 0) {
        end->refusals_left--;
        end->refused++;
        return end->refusal;
    }
    end->mails++;
    tg_buf_add_char(&end->received, (char)mail->kind);
    tg_buf_add(&end->received, &length, sizeof(length));
    tg_buf_add_str(&end->received, mail->body);
    return TG_OK;
}

static void on_end(void *self, int err)
{
    struct fake_end *end = self;

    end->ends++;
    end->end_err = err;
    if (end->destroys_itself) {
        tg_mailbox_destroy(end->mailbox);
        end->mailbox = NULL;
    }
}

static void on_guard(struct tg_timer *timer)
{
    (void)timer;
    fail_msg("nothing has come in time");
}

static void on_idle(void *self)
{
    (void)self;
    fail_msg("the idle pipe is readable");
}

static void on_turn(void *self)
{
    struct fake_pair *f = self;
    uint32_t octets = (uint32_t)(f->bob.received.length - f->turn_before);

    if (f->alice.mailbox) {
        tg_mailbox_flush(f->alice.mailbox);
    }
    if (f->bob.mailbox) {
        tg_mailbox_flush(f->bob.mailbox);
    }
    f->turns++;
    f->turn_before = f->bob.received.length;
    f->turn_octets_max = octets > f->turn_octets_max ? octets : f->turn_octets_max;
}

struct tg_mailbox_options fake_pair_options(struct fake_pair *f, struct fake_end *end, int fd)
{
    return (struct tg_mailbox_options){f->loop, fd, on_mail, on_end, end};
}

void fake_pair_open(struct fake_pair *f, struct fake_end *end, int i)
{
    struct tg_mailbox_options options = fake_pair_options(f, end, f->sockets[i]);

    end->mailbox = tg_mailbox_create(&options);
    assert_non_null(end->mailbox);
    f->sockets[i] = -1;
}

int fake_pair_set_up(void **state)
{
    struct fake_pair *f = calloc(1, sizeof(*f));

    f->loop = tg_loop_create();
    assert_non_null(f->loop);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->sockets), 0);
    tg_buf_init(&f->alice.received, 256 << 20);
    tg_buf_init(&f->bob.received, 256 << 20);
    assert_int_equal(pipe2(f->idle, O_CLOEXEC), 0);
    f->idle_watch = tg_watch_start(f->loop, f->idle[0], on_idle, f);
    assert_non_null(f->idle_watch);
    tg_loop_on_turn(f->loop, on_turn, f);
    tg_timer_init(&f->guard, on_guard);
    tg_timer_set(tg_loop_wheel(f->loop), &f->guard, tg_loop_now_ms(f->loop) + GUARD_MS);
    *state = f;
    return 0;
}

int fake_pair_tear_down(void **state)
{
    struct fake_pair *f = *state;

    tg_mailbox_destroy(f->alice.mailbox);
    tg_mailbox_destroy(f->bob.mailbox);
    for (int i = 0; i < 2; i++) {
        if (f->sockets[i] >= 0) {
            close(f->sockets[i]);
        }
    }
    /* Nobody but the guard is left in the wheel. */
    assert_int_equal(tg_loop_wheel(f->loop)->count, 1);
    tg_timer_cancel(tg_loop_wheel(f->loop), &f->guard);
    tg_watch_stop(f->idle_watch);
    tg_loop_destroy(f->loop);
    close(f->idle[0]);
    close(f->idle[1]);
    tg_buf_fini(&f->alice.received);
    tg_buf_fini(&f->bob.received);
    free(f);
    return 0;
}

struct tg_mail *fake_mail(uint8_t kind, size_t payload)
{
    struct tg_frame *frame = tg_frame_create(TG_OPCODE_BINARY, payload);
    struct tg_mail *mail;

    assert_non_null(frame);
    memset(tg_frame_payload(frame), kind, payload);
    assert_int_equal(tg_mail_create(&mail, kind, TG_STR("head"), frame), TG_OK);
    tg_frame_unref(frame);
    return mail;
}

int fake_end_post(struct fake_end *end, uint8_t kind, size_t payload)
{
    struct tg_mail *mail = fake_mail(kind, payload);
    int err = tg_mailbox_reserve(end->mailbox, mail);

    if (err == TG_OK) {
        tg_mailbox_put(end->mailbox, mail);
    }
    tg_mail_unref(mail);
    return err;
}

void fake_pair_run_until_mails(struct fake_pair *f, const struct fake_end *end, uint32_t mails)
{
    for (int i = 0; i < FAKE_STEPS_MAX && end->mails < mails; i++) {
        (void)tg_loop_step(f->loop);
    }
    assert_int_equal(end->mails, mails);
}

void fake_pair_run_until_end(struct fake_pair *f, const struct fake_end *end)
{
    for (int i = 0; i < FAKE_STEPS_MAX && end->ends == 0; i++) {
        (void)tg_loop_step(f->loop);
    }
    assert_int_equal(end->ends, 1);
}
