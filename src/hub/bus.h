/* SPDX-License-Identifier: MIT */
/* What the hub asks of whatever reaches the other workers: mailboxes in a worker (cluster), nobody
 * where there is no other worker (tg_bus_alone: the kit, tests, a lone worker).
 * Lives in: a worker. */
#ifndef TG_HUB_BUS_H
#define TG_HUB_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "core/frame.h"

enum {
    TG_BUS_PAYLOAD_MAX = (8 << 20) - 1024, /* octets of a publication: it must fit a mailbox */
    TG_BUS_QUESTIONS_MAX = 10000,          /* of a worker that wait for answers */
    TG_BUS_ANSWER_MS = 1000                /* how long they wait */
};

/* The clients of one gateway and one tenant, or those of them that are in a room. */
struct tg_audience {
    struct tg_str gateway; /* its name */
    struct tg_str tenant;  /* at NULL: clients without tenant */
    struct tg_str room;    /* at NULL: everybody */
};

struct tg_publication {
    struct tg_audience audience;
    struct tg_frame *frame; /* TEXT or BINARY */
};

enum tg_question_kind { TG_QUESTION_COUNT, TG_QUESTION_MEMBERS };

/* What the other workers said, together. */
struct tg_answers {
    uint64_t count;    /* members there */
    struct tg_str ids; /* MEMBERS: count ids, each ended by a NUL; valid during the call */
    bool is_partial;   /* somebody did not answer in time, or not with all */
};

typedef void (*tg_answers_fn)(void *self, const struct tg_answers *answers);

struct tg_question {
    enum tg_question_kind kind;
    struct tg_audience audience; /* with a room */
    tg_answers_fn on_answers;
    void *self;
};

struct tg_bus {
    /* Sends to every other worker or to none; each delivers to its own clients. What one worker
     * publishes arrives everywhere in that order. Adds references of its own to the frame. TG_OK;
     * TG_ERR_UNAVAILABLE (a worker has no room for it now), TG_ERR_TOO_LARGE, TG_ERR_NOMEM: nobody
     * gets it. */
    int (*publish)(void *self, const struct tg_publication *publication);

    /* Asks the other workers. Returns how many were asked and sets *id, for cancel. When that is
     * not 0, on_answers is called exactly once, later, from the loop: when all have answered, or
     * TG_BUS_ANSWER_MS from now with what is there. 0: there is nobody else, on_answers isn't
     * called. TG_ERR_UNAVAILABLE (nobody could be asked), TG_ERR_FULL, TG_ERR_NOMEM. The views are
     * needed during the call only. */
    int (*ask)(void *self, const struct tg_question *question, uint64_t *id);

    /* The asker has gone: on_answers isn't called any more. A question that has ended, or never
     * was, is accepted. */
    void (*cancel)(void *self, uint64_t id);

    /* Whether there is nobody to ask now. */
    bool (*is_alone)(void *self);

    void *self;
};

/* Nobody else is there. Static. */
const struct tg_bus *tg_bus_alone(void);

#endif
