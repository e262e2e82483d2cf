/* SPDX-License-Identifier: MIT */
/* What workers write to each other, as bodies of mails (core/mail.h). Numbers are little-endian;
 * a text is its length in one octet and its octets.
 *   audience     flags (1: tenant, 2: room), gateway, tenant and room where flagged
 *   publication  opcode, audience; the rest is the payload
 *   question     id (8 octets), kind, audience with a room
 *   answer       id (8 octets), flags (1: partial, 2: ids), count (8 octets); with ids the rest is
 *                count ids, each ended by a NUL
 * Lives in: a worker. The readers are pure; what they give are views into the body. */
#ifndef TG_CLUSTER_WIRE_H
#define TG_CLUSTER_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mail.h"
#include "hub/bus.h"

enum tg_wire_kind {
    TG_WIRE_PUBLICATION = 1,
    TG_WIRE_ROLL = 2, /* an answer with ids: data, since it may be long */
    TG_WIRE_QUESTION = TG_MAIL_KIND_CONTROL | 1,
    TG_WIRE_ANSWER = TG_MAIL_KIND_CONTROL | 2 /* an answer without ids */
};

struct tg_wire_publication {
    enum tg_opcode opcode; /* TEXT or BINARY */
    struct tg_audience audience;
    struct tg_str payload;
};

struct tg_wire_question {
    uint64_t id; /* the asker's */
    enum tg_question_kind kind;
    struct tg_audience audience;
};

struct tg_wire_answer {
    uint64_t id;
    struct tg_answers answers;
    bool has_ids;
};

/* All make a mail of which the caller holds the one reference. TG_ERR_NOT_FOUND: nobody can be in
 * such an audience (a name is empty or too long, a tenant no tenant's id); TG_ERR_INVALID: neither
 * TEXT nor BINARY, or a question without a room; TG_ERR_TOO_LARGE, TG_ERR_NOMEM. */
int tg_wire_write_publication(const struct tg_publication *publication, struct tg_mail **mail);
int tg_wire_write_question(const struct tg_wire_question *question, struct tg_mail **mail);
int tg_wire_write_answer(const struct tg_wire_answer *answer, struct tg_mail **mail);

/* All read a whole body: 0, or TG_ERR_SYNTAX, which no peer of ours deserves. */
int tg_wire_read_publication(struct tg_str body, struct tg_wire_publication *publication);
int tg_wire_read_question(struct tg_str body, struct tg_wire_question *question);
int tg_wire_read_answer(struct tg_str body, bool has_ids, struct tg_wire_answer *answer);

#endif
