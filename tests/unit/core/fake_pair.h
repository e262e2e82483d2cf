/* SPDX-License-Identifier: MIT */
/* Two mailboxes, Alice's and Bob's, at the ends of one socket pair in one loop. */
#ifndef TG_TEST_FAKE_PAIR_H
#define TG_TEST_FAKE_PAIR_H

/* cmocka.h wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "core/mailbox.h"

enum { FAKE_STEPS_MAX = 100000 };

struct fake_end {
    struct tg_mailbox *mailbox;
    struct tg_buf received; /* kind, length (4 octets) and body of each mail */
    uint32_t mails;
    uint32_t refusals_left; /* what on_mail answers before it takes the next */
    int refusal;
    uint32_t refused;
    uint32_t ends;
    int end_err;
    bool destroys_itself;
};

struct fake_pair {
    struct tg_loop *loop;
    struct fake_end alice;
    struct fake_end bob;
    struct tg_timer guard; /* a test that hangs fails */
    int idle[2];           /* a pipe that keeps the loop going */
    struct tg_watch *idle_watch;
    int sockets[2]; /* Alice's and Bob's; -1: a mailbox has it, or nobody */
    uint32_t turns;
    uint32_t turn_octets_max; /* that Bob was handed in one */
    size_t turn_before;
};

/* A test's set_up and tear_down: the sockets are open, no mailbox is. Turns end with flushes. */
int fake_pair_set_up(void **state);
int fake_pair_tear_down(void **state);

struct tg_mailbox_options fake_pair_options(struct fake_pair *f, struct fake_end *end, int fd);

/* Gives the i-th socket to the end's mailbox. */
void fake_pair_open(struct fake_pair *f, struct fake_end *end, int i);

/* A mail of that kind: "head", and a frame's payload whose octets are all the kind. */
struct tg_mail *fake_mail(uint8_t kind, size_t payload);

/* Returns what tg_mailbox_reserve says. */
int fake_end_post(struct fake_end *end, uint8_t kind, size_t payload);

void fake_pair_run_until_mails(struct fake_pair *f, const struct fake_end *end, uint32_t mails);
void fake_pair_run_until_end(struct fake_pair *f, const struct fake_end *end);

#endif
