/* SPDX-License-Identifier: MIT */
/* An open-addressed index of offsets into the text, at most half full: a lookup is one hash and,
 * nearly always, one comparison. */
#include "hub/line_table.h"

#include <stdlib.h>

#include "base/hash.h"

struct row {
    uint32_t at; /* of the line in the text */
    uint32_t length;
    uint32_t key_length;
};

struct tg_line_table {
    char *text;
    struct row *rows;
    uint32_t *slots; /* 1 + the row's number; 0: free */
    uint32_t mask;   /* slots less one, which is a power of two */
    uint32_t count;
};

enum { SLOTS_MIN = 16 };

static struct tg_str key_of(const struct tg_line_table *table, const struct row *row)
{
    return tg_str(table->text + row->at, row->key_length);
}

/* The slot that holds the key, or the free one where it would stand. */
static uint32_t find_slot(const struct tg_line_table *table, struct tg_str key)
{
    uint32_t slot = (uint32_t)tg_hash(key.at, key.length) & table->mask;

    while (table->slots[slot] &&
           !tg_str_is(key_of(table, &table->rows[table->slots[slot] - 1]), key)) {
        slot = (slot + 1) & table->mask;
    }
    return slot;
}

static uint32_t count_lines(struct tg_str text)
{
    struct tg_str rest = text;
    uint32_t count = 0;

    while (rest.at && rest.length > 0) {
        (void)tg_str_split(&rest, '\n');
        count++;
    }
    return count;
}

static struct tg_line_table *allocate(struct tg_str text, uint32_t count)
{
    struct tg_line_table *table = calloc(1, sizeof(*table));
    uint32_t slots = SLOTS_MIN;

    if (!table) {
        return NULL;
    }
    while (slots / 2 < count) {
        slots *= 2;
    }
    table->mask = slots - 1;
    table->slots = calloc(slots, sizeof(uint32_t));
    table->rows = calloc(count > 0 ? count : 1, sizeof(struct row));
    table->text = tg_str_copy(text);
    if (!table->slots || !table->rows || !table->text) {
        tg_line_table_destroy(table);
        return NULL;
    }
    return table;
}

/* Adds the line, the number-th of the text. */
static int add(struct tg_line_table *table, struct tg_str line, const struct tg_line_form *form,
               uint32_t number, struct tg_errmsg *msg)
{
    const char *end = memchr(line.at, form->key_end, line.length);
    struct row row = {
        .at = (uint32_t)(line.at - table->text),
        .length = (uint32_t)line.length,
        .key_length = (uint32_t)(end ? (size_t)(end - line.at) : line.length),
    };

    if (!form->is_good(line)) {
        return tg_errmsg_set(msg, TG_ERR_SYNTAX, "%s, line %u: expected %s", form->document, number,
                             form->expected);
    }
    uint32_t slot = find_slot(table, key_of(table, &row));
    if (table->slots[slot]) {
        return form->may_repeat
                   ? TG_OK
                   : tg_errmsg_set(msg, TG_ERR_EXISTS, "%s, line %u: it is there twice",
                                   form->document, number);
    }
    table->rows[table->count++] = row;
    table->slots[slot] = table->count;
    return TG_OK;
}

int tg_line_table_create(struct tg_str text, const struct tg_line_form *form,
                         struct tg_line_table **table, struct tg_errmsg *msg)
{
    if (text.length > UINT32_MAX || (text.length > 0 && text.at[text.length - 1] != '\n')) {
        return tg_errmsg_set(msg, TG_ERR_SYNTAX, "%s: expected lines that end with a line feed",
                             form->document);
    }
    uint32_t count = count_lines(text);
    if (count > form->lines_max) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "%s: %u lines, at most %u are possible",
                             form->document, count, form->lines_max);
    }
    struct tg_line_table *made = allocate(text, count);
    if (!made) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s: out of memory", form->document);
    }
    struct tg_str rest = tg_str(made->text, text.length);
    for (uint32_t number = 1; number <= count; number++) {
        int err = add(made, tg_str_split(&rest, '\n'), form, number, msg);
        if (err) {
            tg_line_table_destroy(made);
            return err;
        }
    }
    *table = made;
    return TG_OK;
}

void tg_line_table_destroy(struct tg_line_table *table)
{
    if (table) {
        free(table->slots);
        free(table->rows);
        free(table->text);
        free(table);
    }
}

bool tg_line_table_find(const struct tg_line_table *table, struct tg_str key, struct tg_str *line)
{
    if (!table || table->count == 0) {
        return false;
    }
    uint32_t number = table->slots[find_slot(table, key)];
    if (number == 0) {
        return false;
    }
    const struct row *row = &table->rows[number - 1];
    *line = tg_str(table->text + row->at, row->length);
    return true;
}

uint32_t tg_line_table_count(const struct tg_line_table *table)
{
    return table ? table->count : 0;
}
