/* SPDX-License-Identifier: MIT */
/* What one worker tells another: a kind and octets. On the wire, a stream socket between two
 * processes of one machine:
 *   length (4 octets, little-endian: what follows them), kind (1 octet), body
 * A mail on its way out is made once, counted, and shared by all mailboxes that carry it; a frame's
 * payload, when it ends the body, is referenced and not copied until the kernel takes it.
 * Lives in: a worker. The reader is pure. */
#ifndef TG_CORE_MAIL_H
#define TG_CORE_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "core/frame.h"

enum {
    TG_MAIL_HEAD = 5,            /* octets in front of the body */
    TG_MAIL_MAX = 8 << 20,       /* octets of a mail, head included: what a mailbox may hold */
    TG_MAIL_KIND_CONTROL = 0x80, /* kinds with this bit are control mail, with room of its own */
};

/* On its way out. Immutable. */
struct tg_mail {
    uint32_t refs;
    uint32_t length;        /* octets on the wire */
    uint32_t head_length;   /* of them those in head; the rest is the frame's payload */
    struct tg_frame *frame; /* NULL: none */
    uint8_t head[];         /* length, kind, and the body up to the frame's payload */
};

/* Makes a mail whose body is the text and, behind it, the payload of the frame (NULL: none), of
 * which it takes a reference. The caller holds the one reference of the mail. TG_ERR_TOO_LARGE
 * (past TG_MAIL_MAX), TG_ERR_NOMEM. */
int tg_mail_create(struct tg_mail **mail, uint8_t kind, struct tg_str body, struct tg_frame *frame);

struct tg_mail *tg_mail_ref(struct tg_mail *mail);

/* Accepts NULL. */
void tg_mail_unref(struct tg_mail *mail);

bool tg_mail_is_control(const struct tg_mail *mail);

/* A mail that came in. */
struct tg_mail_view {
    uint8_t kind;
    struct tg_str body; /* in the octets that were read */
    size_t length;      /* on the wire */
};

/* Reads the mail at the start of the octets. TG_ERR_INCOMPLETE: view->length says how many octets
 * it takes to know more. TG_ERR_SYNTAX (no kind), TG_ERR_TOO_LARGE: no peer of ours wrote this. */
int tg_mail_read(struct tg_str octets, struct tg_mail_view *view);

#endif
