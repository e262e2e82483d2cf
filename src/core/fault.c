/* SPDX-License-Identifier: MIT */
#include "core/fault.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ESCAPE_BYTES = 4, RAW_BYTES = 2048 };

static const char *const labels[] = {
#define TG_FAULT_STEP(name, label, text) label,
#include "core/fault.def"
#undef TG_FAULT_STEP
};

const char *tg_fault_step_label(uint32_t step)
{
    return step < TG_FAULT_STEP_COUNT ? labels[step] : "unknown";
}

/* --- clean text --- */

static bool is_within(unsigned char octet, unsigned char first, unsigned char last)
{
    return octet >= first && octet <= last;
}

/* How many octets the character at the start has; 0 when there is none that may be shown: control
 * characters (the C1 ones, U+0080 to U+009F, too) or no UTF-8 (RFC 3629 section 4). */
static size_t character_length(const unsigned char *at, size_t left)
{
    size_t length = 1;
    unsigned char first = 0x80; /* of the second octet */
    unsigned char last = 0xbf;

    if (at[0] < 0x80) {
        return at[0] >= ' ' && at[0] != 0x7f ? 1 : 0;
    }
    if (is_within(at[0], 0xc2, 0xdf)) {
        length = 2;
        first = at[0] == 0xc2 ? 0xa0 : 0x80;
    } else if (is_within(at[0], 0xe0, 0xef)) {
        length = 3;
        first = at[0] == 0xe0 ? 0xa0 : 0x80;
        last = at[0] == 0xed ? 0x9f : 0xbf;
    } else if (is_within(at[0], 0xf0, 0xf4)) {
        length = 4;
        first = at[0] == 0xf0 ? 0x90 : 0x80;
        last = at[0] == 0xf4 ? 0x8f : 0xbf;
    }
    if (length == 1 || left < length || !is_within(at[1], first, last)) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!is_within(at[i], 0x80, 0xbf)) {
            return 0;
        }
    }
    return length;
}

/* Copies the text, cut between characters. A newline in prose becomes a blank: what follows it is
 * the same sentence more often than not. */
static void copy_clean(char *out, size_t size, struct tg_str text, bool is_prose)
{
    size_t written = 0;

    for (size_t at = 0; at < text.length;) {
        const unsigned char *octets = (const unsigned char *)text.at + at;
        size_t length = character_length(octets, text.length - at);
        char escaped[ESCAPE_BYTES + 1];
        const char *from = (const char *)octets;
        size_t add = length;

        if (length == 0 && *octets == '\n' && is_prose) {
            from = " ";
            add = 1;
        } else if (length == 0) {
            (void)snprintf(escaped, sizeof(escaped), "\\x%02x", *octets);
            from = escaped;
            add = ESCAPE_BYTES;
        }
        if (written + add >= size) {
            break;
        }
        memcpy(out + written, from, add);
        written += add;
        at += length > 0 ? length : 1;
    }
    out[written] = '\0';
}

/* --- one fault --- */

void tg_fault_set(struct tg_fault *fault, enum tg_fault_step step, struct tg_str file, int line,
                  const char *format, ...)
{
    char raw[RAW_BYTES];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    *fault = (struct tg_fault){.step = step, .line = line > 0 ? line : 0};
    copy_clean(fault->file, sizeof(fault->file), file, false);
    copy_clean(fault->text, sizeof(fault->text), tg_str_of(raw), true);
}

void tg_fault_hint(struct tg_fault *fault, const char *format, ...)
{
    char raw[RAW_BYTES];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    copy_clean(fault->hint, sizeof(fault->hint), tg_str_of(raw), true);
}

void tg_fault_place(struct tg_fault *fault, struct tg_str file, int line)
{
    fault->line = line > 0 ? line : 0;
    copy_clean(fault->file, sizeof(fault->file), file, false);
}

/* Takes ":LINE" and ": " off the text's start; false, with nothing taken, when they are not there.
 */
static bool take_line(struct tg_str *text, int *line)
{
    size_t at = 1;
    long number = 0;

    *line = 0;
    while (at < text->length && text->at[at] >= '0' && text->at[at] <= '9' && number < INT_MAX) {
        number = number * 10 + (text->at[at++] - '0');
    }
    if (at > 1 && at < text->length && text->at[at] == ':' && number <= INT_MAX) {
        *line = (int)number;
    } else {
        at = 0;
    }
    if (text->length < at + 2 || text->at[at] != ':' || text->at[at + 1] != ' ') {
        *line = 0;
        return false;
    }
    *text = tg_str(text->at + at + 2, text->length - at - 2);
    return true;
}

void tg_fault_from_text(struct tg_fault *fault, enum tg_fault_step step, struct tg_str origin,
                        struct tg_str message)
{
    struct tg_str file = origin;
    struct tg_str text = message;
    int line = 0;

    if (origin.length > 0 && tg_str_starts(message, origin) && message.length > origin.length) {
        size_t end = origin.length;
        /* A path below the folder holds no ':': its octets are A-Z a-z 0-9 _ . - and '/'. */
        if (message.at[end] == '/') {
            const char *colon = memchr(message.at + end, ':', message.length - end);
            end = colon ? (size_t)(colon - message.at) : message.length;
        }
        struct tg_str rest = tg_str(message.at + end, message.length - end);
        if (rest.length > 0 && rest.at[0] == ':' && take_line(&rest, &line)) {
            file = tg_str(message.at, end);
            text = rest;
        }
    }
    tg_fault_set(fault, step, file, line, "%.*s", TG_STR_ARGS(text));
}

const char *tg_fault_line(const struct tg_fault *fault, char *out, size_t size)
{
    char line[16] = "";

    if (fault->line > 0) {
        (void)snprintf(line, sizeof(line), ":%d", (int)fault->line);
    }
    (void)snprintf(out, size, "%s%s%s%s%s%s%s", fault->file, line, fault->file[0] ? ": " : "",
                   fault->text, fault->hint[0] ? " (" : "", fault->hint, fault->hint[0] ? ")" : "");
    return out;
}

static bool is_ended(const char *field, size_t size)
{
    return memchr(field, '\0', size) != NULL;
}

int tg_fault_take(struct tg_fault *fault, struct tg_str octets)
{
    struct tg_fault sent;

    if (octets.length != sizeof(sent)) {
        return TG_ERR_SYNTAX;
    }
    memcpy(&sent, octets.at, sizeof(sent));
    if (sent.step >= TG_FAULT_STEP_COUNT || sent.line < 0 ||
        !is_ended(sent.file, sizeof(sent.file)) || !is_ended(sent.text, sizeof(sent.text)) ||
        !is_ended(sent.hint, sizeof(sent.hint))) {
        return TG_ERR_SYNTAX;
    }
    *fault = (struct tg_fault){.step = sent.step, .line = sent.line};
    copy_clean(fault->file, sizeof(fault->file), tg_str_of(sent.file), false);
    copy_clean(fault->text, sizeof(fault->text), tg_str_of(sent.text), true);
    copy_clean(fault->hint, sizeof(fault->hint), tg_str_of(sent.hint), true);
    return TG_OK;
}

/* --- several --- */

static bool is_same(const struct tg_fault *a, const struct tg_fault *b)
{
    return a->step == b->step && a->line == b->line && strcmp(a->file, b->file) == 0 &&
           strcmp(a->text, b->text) == 0;
}

void tg_fault_list_add(struct tg_fault_list *list, const struct tg_fault *fault)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (is_same(&list->items[i], fault)) {
            return;
        }
    }
    if (list->count == TG_FAULTS_MAX) {
        list->left_out++;
        return;
    }
    list->items[list->count++] = *fault;
}

static int compare(const void *left, const void *right)
{
    const struct tg_fault *a = left;
    const struct tg_fault *b = right;
    int by_file = strcmp(a->file, b->file);

    if (a->step != b->step) {
        return a->step < b->step ? -1 : 1;
    }
    if (by_file != 0) {
        return by_file;
    }
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return strcmp(a->text, b->text);
}

void tg_fault_list_sort(struct tg_fault_list *list)
{
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), compare);
    }
}
