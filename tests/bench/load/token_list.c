/* SPDX-License-Identifier: MIT */
#include "token_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail(struct tg_token_list *list, const char *path, const char *why)
{
    fprintf(stderr, "wsload: %s: %s\n", path, why);
    tg_token_list_fini(list);
    return false;
}

/* Puts a '\0' in the place of each line's end. */
static bool split(struct tg_token_list *list)
{
    size_t start = 0;

    for (size_t i = 0; i < list->length; i++) {
        if (list->octets[i] != '\n') {
            continue;
        }
        if (i == start || i - start > TG_TOKEN_OCTETS_MAX) {
            return false;
        }
        list->octets[i] = '\0';
        start = i + 1;
    }
    return start == list->length && start > 0;
}

bool tg_token_list_read(struct tg_token_list *list, const char *path)
{
    long size = -1;

    *list = (struct tg_token_list){0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return fail(list, path, strerror(errno));
    }
    if (fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
        rewind(file);
    }
    if (size > 0 && size <= TG_TOKEN_LIST_OCTETS_MAX) {
        list->octets = malloc((size_t)size);
    }
    if (list->octets != NULL) {
        list->length = fread(list->octets, 1, (size_t)size, file);
    }
    fclose(file);
    if (list->octets == NULL || list->length != (size_t)size) {
        return fail(list, path, "empty, too large, or not to be read");
    }
    return split(list) || fail(list, path, "one token per line is expected, each line ended");
}

const char *tg_token_list_take(struct tg_token_list *list)
{
    if (list->length == 0) {
        return NULL;
    }
    const char *token = list->octets + list->next;
    list->next += strlen(token) + 1;
    if (list->next == list->length) {
        list->next = 0;
    }
    return token;
}

void tg_token_list_fini(struct tg_token_list *list)
{
    free(list->octets);
    *list = (struct tg_token_list){0};
}
