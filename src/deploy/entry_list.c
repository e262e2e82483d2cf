/* SPDX-License-Identifier: MIT */
#include "deploy/entry_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 16 };

static int add(struct tg_entry_list *list, const char *name, enum tg_entry_kind kind)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : FIRST_CAPACITY;
        struct tg_entry *grown = realloc(list->items, capacity * sizeof(*grown));
        if (!grown) {
            return TG_ERR_NOMEM;
        }
        list->items = grown;
        list->capacity = capacity;
    }
    char *copy = strdup(name);
    if (!copy) {
        return TG_ERR_NOMEM;
    }
    list->items[list->count++] =
        (struct tg_entry){.name = copy, .kind = kind, .is_folder = kind == TG_ENTRY_FOLDER};
    return TG_OK;
}

static int read_kind(int folder, const char *name, enum tg_entry_kind *kind)
{
    struct stat status;

    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return TG_ERR_IO;
    }
    if (S_ISREG(status.st_mode)) {
        *kind = TG_ENTRY_FILE;
    } else if (S_ISDIR(status.st_mode)) {
        *kind = TG_ENTRY_FOLDER;
    } else {
        *kind = S_ISLNK(status.st_mode) ? TG_ENTRY_LINK : TG_ENTRY_OTHER;
    }
    return TG_OK;
}

static int read_entries(struct tg_entry_list *list, DIR *stream, uint32_t limit)
{
    for (;;) {
        enum tg_entry_kind kind;

        errno = 0;
        struct dirent *entry = readdir(stream);
        if (!entry) {
            return errno ? TG_ERR_IO : TG_OK;
        }
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (list->count == limit) {
            return TG_ERR_FULL;
        }
        int err = read_kind(dirfd(stream), entry->d_name, &kind);
        if (err && errno == ENOENT) {
            continue; /* gone since it was listed: the same as never seen */
        }
        if (!err) {
            err = add(list, entry->d_name, kind);
        }
        if (err) {
            return err;
        }
    }
}

/* The octet that follows the name in the paths of its entries decides: "a-b.lua" comes before
 * "a/c.lua", which comes before "a0.lua". */
static unsigned char octet_at(const struct tg_entry *entry, size_t at, size_t length)
{
    if (at < length) {
        return (unsigned char)entry->name[at];
    }
    return at == length && entry->is_folder ? '/' : '\0';
}

static int compare(const void *left, const void *right)
{
    const struct tg_entry *a = left;
    const struct tg_entry *b = right;
    size_t a_length = strlen(a->name);
    size_t b_length = strlen(b->name);

    for (size_t at = 0; at <= a_length && at <= b_length; at++) {
        int difference = octet_at(a, at, a_length) - octet_at(b, at, b_length);
        if (difference != 0) {
            return difference;
        }
    }
    return (a_length > b_length) - (a_length < b_length);
}

void tg_entry_list_sort(struct tg_entry_list *list)
{
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), compare);
    }
}

int tg_entry_list_read(struct tg_entry_list *list, int folder, uint32_t limit)
{
    *list = (struct tg_entry_list){0};
    /* A descriptor of its own: closedir takes it along, and the caller's keeps its position. */
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) {
        return TG_ERR_IO;
    }
    DIR *stream = fdopendir(own);
    if (!stream) {
        int cause = errno;
        (void)close(own);
        errno = cause;
        return cause == ENOMEM ? TG_ERR_NOMEM : TG_ERR_IO;
    }
    int err = read_entries(list, stream, limit);
    int cause = errno;
    (void)closedir(stream);
    if (err) {
        tg_entry_list_fini(list);
        errno = cause;
        return err;
    }
    tg_entry_list_sort(list);
    return TG_OK;
}

void tg_entry_list_fini(struct tg_entry_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
    }
    free(list->items);
    *list = (struct tg_entry_list){0};
}
