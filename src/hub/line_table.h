/* SPDX-License-Identifier: MIT */
/* A text of lines, found by the key that each begins with. Made whole from a document that another
 * process has checked, replaced whole by the next one. The keys are what operators and token
 * issuers write, the hash is keyed (base/hash.h).
 * Lives in: a worker. Owns: a copy of the text and the index: three blocks, however many lines. */
#ifndef TG_HUB_LINE_TABLE_H
#define TG_HUB_LINE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct tg_line_table; /* opaque */

/* What the lines of a table look like. */
struct tg_line_form {
    const char *document; /* what messages call it: "tenants" */
    const char *expected; /* "an id, a state and a name with tabs between" */
    uint32_t lines_max;
    char key_end;    /* the octet behind a line's key; '\n': the whole line is the key */
    bool may_repeat; /* an equal key is no error; the first one stands */
    bool (*is_good)(struct tg_str line); /* without its LF */
};

/* Every line ends with LF; an empty text is a table without lines. TG_ERR_SYNTAX (the message names
 * the line), TG_ERR_EXISTS (a key for the second time), TG_ERR_FULL (more than lines_max),
 * TG_ERR_NOMEM; *table is left alone then. */
int tg_line_table_create(struct tg_str text, const struct tg_line_form *form,
                         struct tg_line_table **table, struct tg_errmsg *msg);

/* Accepts NULL. */
void tg_line_table_destroy(struct tg_line_table *table);

/* The line with this key, without its LF: a view that lasts as long as the table. Accepts NULL. */
bool tg_line_table_find(const struct tg_line_table *table, struct tg_str key, struct tg_str *line);

/* How many lines there are; 0 for NULL. */
uint32_t tg_line_table_count(const struct tg_line_table *table);

#endif
