/* SPDX-License-Identifier: MIT */
/* A configuration value that is a list of texts: separated by commas in one text, or item by item
 * as the file has it.
 * Lives in: every process. Owns: its strings. */
#ifndef TG_CORE_CONFIG_LIST_H
#define TG_CORE_CONFIG_LIST_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { TG_CONFIG_LIST_MAX = 32 };

/* Zeroes: an empty list. */
struct tg_config_list {
    char *items[TG_CONFIG_LIST_MAX]; /* not empty, without blanks around or control characters */
    uint32_t count;
};

/* Takes the place of all items; "none" is the empty list. TG_ERR_INVALID with a message that begins
 * with key, TG_ERR_NOMEM; nothing is changed then. */
int tg_config_list_set(struct tg_config_list *list, const char *key, struct tg_str value,
                       struct tg_errmsg *msg);

/* Sets item number (from 1 on): the first takes the place of all items, the others come behind the
 * last. Errors as above. */
int tg_config_list_set_item(struct tg_config_list *list, const char *key, uint64_t number,
                            struct tg_str value, struct tg_errmsg *msg);

bool tg_config_list_has(const struct tg_config_list *list, struct tg_str item);

/* Accepts zeroes; leaves an empty list. */
void tg_config_list_fini(struct tg_config_list *list);

#endif
