/* SPDX-License-Identifier: MIT */
/* The questions of this worker that wait for answers of others. One ends when everybody who was
 * asked has answered or is gone, or when its time is over, with what is there.
 * Lives in: a worker. Owns: the questions and what was answered. */
#ifndef TG_CLUSTER_INQUIRY_H
#define TG_CLUSTER_INQUIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "core/wheel.h"
#include "hub/bus.h"

struct tg_inquiry; /* opaque */

enum { TG_INQUIRY_IDS_BYTES = 8 << 20 }; /* gathered for one question; past it the rest is left */

struct tg_inquiry_table {
    struct tg_inquiry *by_id;
    struct tg_link open; /* oldest first */
    uint32_t count;
    uint64_t next_id; /* of the question that is opened next; never 0 */
    struct tg_wheel *wheel;
};

void tg_inquiry_init(struct tg_inquiry_table *table, struct tg_wheel *wheel);

/* Ends all without a call. */
void tg_inquiry_fini(struct tg_inquiry_table *table);

struct tg_inquiry_options {
    const struct tg_question *question;
    uint64_t asked;  /* a bit per slot; not 0 */
    bool is_partial; /* somebody could not be asked */
    uint64_t due_ms; /* of the wheel */
};

/* Opens the question table->next_id. TG_ERR_FULL, TG_ERR_NOMEM. */
int tg_inquiry_open(struct tg_inquiry_table *table, const struct tg_inquiry_options *options);

/* The slot has answered the question; a late answer, or a second one, changes nothing. Calls
 * on_answers when it was the last. */
void tg_inquiry_answer(struct tg_inquiry_table *table, uint64_t id, uint32_t slot,
                       const struct tg_answers *answers);

/* The worker at the slot is gone, and so are its clients: it answers nothing to all. */
void tg_inquiry_lose(struct tg_inquiry_table *table, uint32_t slot);

/* Forgets the question, if it is there. */
void tg_inquiry_cancel(struct tg_inquiry_table *table, uint64_t id);

#endif
