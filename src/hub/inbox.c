/* SPDX-License-Identifier: MIT */
#include "hub/inbox.h"

#include <stdlib.h>

#include "base/err.h"

struct tg_inbox {
    struct tg_inbox_message *first;
    struct tg_inbox_message *last; /* valid while there is a first */
    uint32_t count;
    uint64_t bytes;
};

struct tg_inbox *tg_inbox_create(void)
{
    return calloc(1, sizeof(struct tg_inbox));
}

void tg_inbox_destroy(struct tg_inbox *inbox)
{
    struct tg_inbox_message *message;

    if (!inbox) {
        return;
    }
    while ((message = tg_inbox_take(inbox))) {
        free(message);
    }
    free(inbox);
}

int tg_inbox_put(struct tg_inbox *inbox, enum tg_opcode opcode, struct tg_str message)
{
    struct tg_inbox_message *kept = malloc(sizeof(*kept) + message.length);

    if (!kept) {
        return TG_ERR_NOMEM;
    }
    kept->opcode = opcode;
    kept->length = message.length;
    if (message.length > 0) {
        memcpy(kept->octets, message.at, message.length);
    }
    kept->next = NULL;
    if (inbox->first) {
        inbox->last->next = kept;
    } else {
        inbox->first = kept;
    }
    inbox->last = kept;
    inbox->count++;
    inbox->bytes += message.length;
    return TG_OK;
}

struct tg_inbox_message *tg_inbox_take(struct tg_inbox *inbox)
{
    struct tg_inbox_message *message = inbox->first;

    if (!message) {
        return NULL;
    }
    inbox->first = message->next;
    inbox->count--;
    inbox->bytes -= message->length;
    return message;
}

bool tg_inbox_is_full(const struct tg_inbox *inbox, uint64_t bytes_max)
{
    return inbox->count >= TG_INBOX_MESSAGES_MAX || inbox->bytes >= bytes_max;
}
