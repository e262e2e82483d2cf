/* SPDX-License-Identifier: MIT */
/* What stands in one directory: names and kinds, sorted so that a depth-first walk meets the paths
 * in octet order. Hidden entries, "." and ".." included, are left out.
 * Lives in: every process that reads gateway folders. Owns: the names. */
#ifndef TG_DEPLOY_ENTRY_LIST_H
#define TG_DEPLOY_ENTRY_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum tg_entry_kind { TG_ENTRY_FILE, TG_ENTRY_FOLDER, TG_ENTRY_LINK, TG_ENTRY_OTHER };

struct tg_entry {
    char *name;
    enum tg_entry_kind kind; /* of the entry itself: a link is not followed */
    bool is_folder; /* its place in the order is a folder's; the reader may set it for links */
};

struct tg_entry_list {
    struct tg_entry *items;
    uint32_t count;
    uint32_t capacity;
};

/* Reads the directory behind the descriptor, which stays open. TG_ERR_FULL when there are more
 * than limit entries, TG_ERR_IO with errno set, TG_ERR_NOMEM. *list holds nothing then. */
int tg_entry_list_read(struct tg_entry_list *list, int folder, uint32_t limit);

/* Sorts again, after is_folder was changed. */
void tg_entry_list_sort(struct tg_entry_list *list);

/* Accepts zeroes. */
void tg_entry_list_fini(struct tg_entry_list *list);

#endif
