/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <stdlib.h>
#include <strings.h>

bool tg_str_is_caseless(struct tg_str a, struct tg_str b)
{
    return a.length == b.length && (a.length == 0 || strncasecmp(a.at, b.at, a.length) == 0);
}

bool tg_str_starts(struct tg_str text, struct tg_str start)
{
    return text.length >= start.length &&
           (start.length == 0 || memcmp(text.at, start.at, start.length) == 0);
}

static bool is_blank(char octet)
{
    return octet == ' ' || octet == '\t';
}

struct tg_str tg_str_trim(struct tg_str text)
{
    while (text.length > 0 && is_blank(text.at[0])) {
        text.at++;
        text.length--;
    }
    while (text.length > 0 && is_blank(text.at[text.length - 1])) {
        text.length--;
    }
    return text;
}

struct tg_str tg_str_split(struct tg_str *rest, char separator)
{
    struct tg_str part = *rest;
    const char *found = rest->length > 0 ? memchr(rest->at, separator, rest->length) : NULL;

    if (!found) {
        *rest = (struct tg_str){NULL, 0};
        return part;
    }
    part.length = (size_t)(found - rest->at);
    rest->at = found + 1;
    rest->length -= part.length + 1;
    return part;
}

char *tg_str_copy(struct tg_str text)
{
    char *copy = malloc(text.length + 1);

    if (!copy) {
        return NULL;
    }
    if (text.length > 0) {
        memcpy(copy, text.at, text.length);
    }
    copy[text.length] = '\0';
    return copy;
}
