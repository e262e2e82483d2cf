/* SPDX-License-Identifier: MIT */
#include "core/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static void fini_file(struct tg_bundle_file *file)
{
    free(file->path);
    free(file->content);
}

void tg_bundle_fini(struct tg_bundle *bundle)
{
    for (uint32_t i = 0; i < bundle->count; i++) {
        fini_file(&bundle->files[i]);
    }
    free(bundle->files);
    free(bundle->name);
    free(bundle->origin);
    *bundle = (struct tg_bundle){0};
}

static size_t total_bytes(const struct tg_bundle *bundle)
{
    size_t total = 0;

    for (uint32_t i = 0; i < bundle->count; i++) {
        total += bundle->files[i].length;
    }
    return total;
}

/* By octets, the shorter first: the order of strcmp for paths, which hold no NUL. */
static int compare(const char *path, struct tg_str other)
{
    size_t length = strlen(path);
    int order = memcmp(path, other.at, length < other.length ? length : other.length);

    return order ? order : (length > other.length) - (length < other.length);
}

int tg_bundle_add(struct tg_bundle *bundle, struct tg_str path, struct tg_str content)
{
    if (path.length > TG_BUNDLE_PATH_MAX || content.length > TG_BUNDLE_FILE_BYTES_MAX ||
        content.length > TG_BUNDLE_BYTES_MAX - total_bytes(bundle)) {
        return TG_ERR_TOO_LARGE;
    }
    if (bundle->count == TG_BUNDLE_FILES_MAX) {
        return TG_ERR_FULL;
    }
    /* tg_bundle_find rests on the order. */
    if (path.length == 0 || (bundle->count > 0 &&
                             !tg_check(compare(bundle->files[bundle->count - 1].path, path) < 0))) {
        return TG_ERR_INVALID;
    }
    struct tg_bundle_file *files =
        realloc(bundle->files, (bundle->count + 1) * sizeof(*bundle->files));
    if (!files) {
        return TG_ERR_NOMEM;
    }
    bundle->files = files;
    struct tg_bundle_file file = {tg_str_copy(path), tg_str_copy(content), content.length};
    if (!file.path || !file.content) {
        fini_file(&file);
        return TG_ERR_NOMEM;
    }
    files[bundle->count++] = file;
    return TG_OK;
}

const struct tg_bundle_file *tg_bundle_find(const struct tg_bundle *bundle, struct tg_str path)
{
    uint32_t low = 0;
    uint32_t high = bundle->count;

    if (path.length == 0) {
        return NULL;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare(bundle->files[middle].path, path);
        if (order == 0) {
            return &bundle->files[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
