/* SPDX-License-Identifier: MIT */
/* A ring of links inside structs: add, remove and splice in O(1), without memory of its own.
 * Lives in: every process. A link that is in no list points to itself. */
#ifndef TG_BASE_LIST_H
#define TG_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct tg_link {
    struct tg_link *next;
    struct tg_link *previous;
};

/* The struct of this type that holds the link as this member. */
#define TG_CONTAINER(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void tg_link_init(struct tg_link *link)
{
    link->next = link;
    link->previous = link;
}

static inline bool tg_link_is_alone(const struct tg_link *link)
{
    return link->next == link;
}

/* Takes the link out of whatever list it is in; alone stays alone. */
static inline void tg_link_remove(struct tg_link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    tg_link_init(link);
}

/* Appends to the list. The link must be alone. */
static inline void tg_list_append(struct tg_link *list, struct tg_link *link)
{
    link->previous = list->previous;
    link->next = list;
    list->previous->next = link;
    list->previous = link;
}

/* Takes off the first link; NULL when the list is empty. */
static inline struct tg_link *tg_list_take_first(struct tg_link *list)
{
    struct tg_link *first = list->next;

    if (first == list) {
        return NULL;
    }
    tg_link_remove(first);
    return first;
}

/* Moves every link of from, in order, into the empty list to. from is empty then. */
static inline void tg_list_move(struct tg_link *from, struct tg_link *to)
{
    if (tg_link_is_alone(from)) {
        return;
    }
    *to = *from;
    to->next->previous = to;
    to->previous->next = to;
    tg_link_init(from);
}

#endif
