/* SPDX-License-Identifier: MIT */
/* Messages that arrived while a client's handler was suspended, in order, bounded: past either
 * bound reading from the client pauses.
 * Lives in: a worker, one per client that needs it. Owns: copies of the messages. */
#ifndef TG_HUB_INBOX_H
#define TG_HUB_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "core/frame.h"

enum { TG_INBOX_MESSAGES_MAX = 32 };

struct tg_inbox; /* opaque */

struct tg_inbox_message {
    struct tg_inbox_message *next; /* the inbox's */
    enum tg_opcode opcode;
    size_t length;
    char octets[];
};

/* NULL when memory is short. */
struct tg_inbox *tg_inbox_create(void);

/* Frees what waits. Accepts NULL. */
void tg_inbox_destroy(struct tg_inbox *inbox);

/* Copies the message in. TG_ERR_NOMEM. */
int tg_inbox_put(struct tg_inbox *inbox, enum tg_opcode opcode, struct tg_str message);

/* The oldest message, freed by the caller with free(); NULL when none waits. */
struct tg_inbox_message *tg_inbox_take(struct tg_inbox *inbox);

/* Whether no more should be read: TG_INBOX_MESSAGES_MAX messages, or bytes_max octets. */
bool tg_inbox_is_full(const struct tg_inbox *inbox, uint64_t bytes_max);

#endif
