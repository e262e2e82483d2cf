/* SPDX-License-Identifier: MIT */
/* on_answers is called when its question is in no table any more, so it may ask, and cancel, what
 * it likes. */
#include "cluster/inquiry.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

struct tg_inquiry {
    UT_hash_handle hh;
    struct tg_link link; /* in the table's open, or on its way to the end */
    struct tg_inquiry_table *table;
    struct tg_timer deadline;
    uint64_t id;
    enum tg_question_kind kind;
    tg_answers_fn on_answers;
    void *self;
    uint64_t waiting; /* a bit per slot */
    uint64_t members;
    struct tg_buf ids;
    bool is_partial;
};

void tg_inquiry_init(struct tg_inquiry_table *table, struct tg_wheel *wheel)
{
    *table = (struct tg_inquiry_table){.next_id = 1, .wheel = wheel};
    tg_link_init(&table->open);
}

static void take_out(struct tg_inquiry *inquiry)
{
    struct tg_inquiry_table *table = inquiry->table;

    HASH_DEL(table->by_id, inquiry);
    tg_link_remove(&inquiry->link);
    tg_timer_cancel(table->wheel, &inquiry->deadline);
    table->count--;
}

static void destroy(struct tg_inquiry *inquiry)
{
    tg_buf_fini(&inquiry->ids);
    free(inquiry);
}

static void finish(struct tg_inquiry *inquiry)
{
    struct tg_answers answers = {
        .count = inquiry->members,
        .ids = tg_buf_str(&inquiry->ids),
        .is_partial = inquiry->is_partial || inquiry->waiting != 0,
    };

    take_out(inquiry);
    inquiry->on_answers(inquiry->self, &answers);
    destroy(inquiry);
}

void tg_inquiry_fini(struct tg_inquiry_table *table)
{
    while (!tg_link_is_alone(&table->open)) {
        struct tg_inquiry *inquiry = TG_CONTAINER(table->open.next, struct tg_inquiry, link);
        take_out(inquiry);
        destroy(inquiry);
    }
}

/* Somebody did not answer in time. */
static void on_deadline(struct tg_timer *timer)
{
    finish(TG_CONTAINER(timer, struct tg_inquiry, deadline));
}

int tg_inquiry_open(struct tg_inquiry_table *table, const struct tg_inquiry_options *options)
{
    if (table->count >= TG_BUS_QUESTIONS_MAX) {
        return TG_ERR_FULL;
    }
    struct tg_inquiry *inquiry = calloc(1, sizeof(*inquiry));
    if (!inquiry) {
        return TG_ERR_NOMEM;
    }
    inquiry->id = table->next_id;
    HASH_ADD(hh, table->by_id, id, sizeof(inquiry->id), inquiry);
    if (!inquiry->hh.tbl) {
        free(inquiry);
        return TG_ERR_NOMEM;
    }
    inquiry->table = table;
    inquiry->kind = options->question->kind;
    inquiry->on_answers = options->question->on_answers;
    inquiry->self = options->question->self;
    inquiry->waiting = options->asked;
    inquiry->is_partial = options->is_partial;
    tg_buf_init(&inquiry->ids, TG_INQUIRY_IDS_BYTES);
    tg_link_init(&inquiry->link);
    tg_list_append(&table->open, &inquiry->link);
    tg_timer_init(&inquiry->deadline, on_deadline);
    tg_timer_set(table->wheel, &inquiry->deadline, options->due_ms);
    table->count++;
    table->next_id++;
    return TG_OK;
}

static struct tg_inquiry *find(struct tg_inquiry_table *table, uint64_t id)
{
    struct tg_inquiry *inquiry = NULL;

    HASH_FIND(hh, table->by_id, &id, sizeof(id), inquiry);
    return inquiry;
}

/* Members whose ids did not come, or have no room, are not counted either. */
static void add_answers(struct tg_inquiry *inquiry, const struct tg_answers *answers)
{
    bool is_kept = true;

    if (inquiry->kind == TG_QUESTION_MEMBERS && answers->count > 0) {
        tg_buf_add_str(&inquiry->ids, answers->ids);
        is_kept = answers->ids.length > 0 && inquiry->ids.err == TG_OK;
        inquiry->ids.err = TG_OK;
    }
    inquiry->members += is_kept ? answers->count : 0;
    inquiry->is_partial = inquiry->is_partial || answers->is_partial || !is_kept;
}

void tg_inquiry_answer(struct tg_inquiry_table *table, uint64_t id, uint32_t slot,
                       const struct tg_answers *answers)
{
    struct tg_inquiry *inquiry = find(table, id);
    uint64_t bit = UINT64_C(1) << slot;

    if (!inquiry || !(inquiry->waiting & bit)) {
        return;
    }
    inquiry->waiting &= ~bit;
    add_answers(inquiry, answers);
    if (!inquiry->waiting) {
        finish(inquiry);
    }
}

void tg_inquiry_lose(struct tg_inquiry_table *table, uint32_t slot)
{
    uint64_t bit = UINT64_C(1) << slot;
    struct tg_link all;
    struct tg_link done;
    struct tg_link *link;

    tg_link_init(&all);
    tg_link_init(&done);
    tg_list_move(&table->open, &all);
    while ((link = tg_list_take_first(&all))) {
        struct tg_inquiry *inquiry = TG_CONTAINER(link, struct tg_inquiry, link);
        bool was_last = inquiry->waiting == bit;
        inquiry->waiting &= ~bit;
        tg_list_append(was_last ? &done : &table->open, link);
    }
    while (!tg_link_is_alone(&done)) {
        finish(TG_CONTAINER(done.next, struct tg_inquiry, link));
    }
}

void tg_inquiry_cancel(struct tg_inquiry_table *table, uint64_t id)
{
    struct tg_inquiry *inquiry = find(table, id);

    if (inquiry) {
        take_out(inquiry);
        destroy(inquiry);
    }
}
