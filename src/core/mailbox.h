/* SPDX-License-Identifier: MIT */
/* One worker's end of the stream socket to one other worker: mail out, mail in.
 * What waits to go out is bounded, in octets and in mails; control mail has room of its own, so
 * that a flood of data can't keep it out. Mail leaves in the order it was put.
 * Lives in: a worker. Owns: the socket, references to mails, the octets of a mail that has come in
 * part. */
#ifndef TG_CORE_MAILBOX_H
#define TG_CORE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/loop.h"
#include "core/mail.h"

enum {
    TG_MAILBOX_DATA_BYTES = 8 << 20,    /* waiting, heads included */
    TG_MAILBOX_CONTROL_BYTES = 1 << 20, /* besides */
    TG_MAILBOX_MAILS = 1 << 17,         /* waiting, of each class */
    TG_MAILBOX_TURN_BYTES = 256 << 10, /* read in one turn, so that one peer can't starve clients */
    TG_MAILBOX_RETRY_MS = 100          /* reading rests when memory is short */
};

struct tg_mailbox; /* opaque */

struct tg_mailbox_options {
    struct tg_loop *loop;
    int fd; /* a connected stream socket */

    /* A whole mail has come. 0; TG_ERR_FULL: not taken, it is offered again in the next turn;
     * TG_ERR_NOMEM: not taken, again after TG_MAILBOX_RETRY_MS; any other error ends the mailbox.
     * Must not destroy it. */
    int (*on_mail)(void *self, const struct tg_mail_view *mail);

    /* The last call, from the loop: nothing more comes or goes. TG_ERR_CLOSED: the peer has ended;
     * all whole mails it wrote have been handed over, one that came in part is dropped. Any other
     * error: it wrote what it must not (on_mail's answer, or tg_mail_read's), or TG_ERR_IO. May
     * destroy the mailbox. */
    void (*on_end)(void *self, int err);

    void *self;
};

/* Takes the socket over on success. NULL when memory is short or the socket can't be watched. */
struct tg_mailbox *tg_mailbox_create(const struct tg_mailbox_options *options);

/* Closes the socket; what was not written is lost. on_end is not called. Accepts NULL. */
void tg_mailbox_destroy(struct tg_mailbox *mailbox);

/* Whether a mail would be taken now: 0 makes room for it, so that tg_mailbox_put right after can't
 * fail. TG_ERR_FULL, TG_ERR_NOMEM; TG_ERR_CLOSED when the peer is known to have ended. */
int tg_mailbox_reserve(struct tg_mailbox *mailbox, const struct tg_mail *mail);

/* Queues a mail for which room was reserved, with a reference of its own. It leaves with
 * tg_mailbox_flush. */
void tg_mailbox_put(struct tg_mailbox *mailbox, struct tg_mail *mail);

/* To be called at the end of every loop turn. Writes what the kernel takes; the rest follows when
 * it takes more. What reading left for the next turn is taken up then. */
void tg_mailbox_flush(struct tg_mailbox *mailbox);

/* Octets of data mail, or of control mail, that wait. */
size_t tg_mailbox_waiting(const struct tg_mailbox *mailbox, bool is_control);

#endif
