/* SPDX-License-Identifier: MIT */
#include "deploy/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/entry_list.h"
#include "deploy/tree.h"
#include "net/digest.h"

enum { FOLDER_NAME_MAX = 63, FOLDERS_MAX = 1024 /* of a root */ };

static const char folder_octets[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
static const char gateway_file[] = "gateway.lua";

static int add_sized(struct tg_digest *digest, struct tg_str octets)
{
    uint8_t length[8];

    for (int i = 0; i < 8; i++) {
        length[i] = (uint8_t)((uint64_t)octets.length >> (56 - 8 * i));
    }
    int err = tg_digest_add(digest, tg_str((const char *)length, sizeof(length)));
    return err ? err : tg_digest_add(digest, octets);
}

/* The lengths keep apart what would else run together: "a" + "bc" is not "ab" + "c". */
static int name_generation(struct tg_bundle *bundle)
{
    uint8_t sha256[TG_SHA256_BYTES];
    struct tg_digest *digest = tg_digest_start();
    int err = TG_OK;

    if (!digest) {
        return TG_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < bundle->count && !err; i++) {
        const struct tg_bundle_file *file = &bundle->files[i];
        err = add_sized(digest, tg_str_of(file->path));
        err = err ? err : add_sized(digest, tg_str(file->content, file->length));
    }
    int finished = tg_digest_finish(digest, sha256);
    if (err || finished) {
        return err ? err : finished;
    }
    for (size_t i = 0; i + 2 < sizeof(bundle->generation); i += 2) {
        (void)snprintf(bundle->generation + i, 3, "%02x", sha256[i / 2]);
    }
    return TG_OK;
}

/* The name is the last part of the path as given, so that a link names its gateway; "." and the
 * like are looked up first. */
static int set_names(struct tg_bundle *bundle, const char *path)
{
    char real[PATH_MAX];
    struct tg_str text = tg_str_of(path);

    while (text.length > 1 && text.at[text.length - 1] == '/') {
        text.length--;
    }
    bundle->origin = tg_str_copy(text);
    const char *slash = memrchr(text.at, '/', text.length);
    struct tg_str last =
        slash ? tg_str(slash + 1, text.length - (size_t)(slash + 1 - text.at)) : text;
    if (last.length == 0 || tg_str_is(last, TG_STR(".")) || tg_str_is(last, TG_STR(".."))) {
        /* What can't be looked up can't be opened either, and that is what will be told. */
        const char *found = realpath(path, real);
        last = found ? tg_str_of(strrchr(found, '/') + 1) : TG_STR("");
    }
    bundle->name = tg_str_copy(last);
    return bundle->origin && bundle->name ? TG_OK : TG_ERR_NOMEM;
}

static int add_fault(const struct tg_bundle *bundle, struct tg_fault_list *faults, int err,
                     const char *text)
{
    struct tg_fault fault;

    tg_fault_set(&fault, TG_FAULT_SCAN, tg_str_of(bundle->origin), 0, "%s", text);
    tg_fault_list_add(faults, &fault);
    return err;
}

static int judge_name(const struct tg_bundle *bundle, struct tg_fault_list *faults)
{
    char text[64];
    size_t length = strlen(bundle->name);

    if (length > 0 && length <= FOLDER_NAME_MAX &&
        bundle->name[strspn(bundle->name, folder_octets)] == '\0') {
        return TG_OK;
    }
    (void)snprintf(text, sizeof(text), "a gateway's name is 1 to %d of a-z 0-9 _ -",
                   FOLDER_NAME_MAX);
    return add_fault(bundle, faults, TG_ERR_INVALID, text);
}

int tg_folder_scan(const char *path, struct tg_bundle *bundle, struct tg_fault_list *faults)
{
    *bundle = (struct tg_bundle){0};
    if (set_names(bundle, path) != TG_OK) {
        return add_fault(bundle, faults, TG_ERR_NOMEM, tg_err_text(TG_ERR_NOMEM));
    }
    int err = tg_tree_read(path, bundle, faults);
    /* The name of what is no folder is of no interest. */
    if (bundle->count > 0 || err == TG_OK || err == TG_ERR_NOT_FOUND) {
        int named = judge_name(bundle, faults);
        err = err ? err : named;
    }
    int hashed = name_generation(bundle);
    if (hashed) {
        err = err ? err : add_fault(bundle, faults, hashed, tg_err_text(hashed));
    }
    return err;
}

int tg_folder_read(const char *path, struct tg_bundle *bundle, struct tg_errmsg *msg)
{
    char line[TG_FAULT_LINE_BYTES];
    struct tg_fault_list *faults = calloc(1, sizeof(*faults));

    *bundle = (struct tg_bundle){0};
    if (!faults) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s: %s", path, tg_err_text(TG_ERR_NOMEM));
    }
    int err = tg_folder_scan(path, bundle, faults);
    if (err) {
        (void)tg_errmsg_set(msg, err, "%s", tg_fault_line(&faults->items[0], line, sizeof(line)));
        tg_bundle_fini(bundle);
    }
    free(faults);
    return err;
}

/* A root being listed. */
struct listing {
    const char *root;
    int folder;
    struct tg_errmsg *msg;
    char **names;
    uint32_t count;
};

/* A folder is one also through a link (what it points to may be swapped). Where the kernel doesn't
 * tell, it counts as well: its reading says why, and it keeps no other from being listed. */
static bool holds_gateway(const struct listing *listing, const char *name)
{
    char file[NAME_MAX + sizeof(gateway_file) + 2];
    struct stat status;

    (void)snprintf(file, sizeof(file), "%s/%s", name, gateway_file);
    return fstatat(listing->folder, file, &status, AT_SYMLINK_NOFOLLOW) == 0 ||
           (errno != ENOENT && errno != ENOTDIR);
}

static int keep_names(struct listing *listing, struct tg_entry_list *entries)
{
    listing->names = calloc(entries->count + 1, sizeof(*listing->names));
    if (!listing->names) {
        return tg_errmsg_set(listing->msg, TG_ERR_NOMEM, "%s: %s", listing->root,
                             tg_err_text(TG_ERR_NOMEM));
    }
    for (uint32_t i = 0; i < entries->count; i++) {
        if (holds_gateway(listing, entries->items[i].name)) {
            listing->names[listing->count++] = entries->items[i].name;
            entries->items[i].name = NULL; /* taken */
        }
    }
    return TG_OK;
}

static int compare_names(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;
    return strcmp(*a, *b);
}

static int list_entries(struct listing *listing)
{
    struct tg_entry_list entries;
    int err = tg_entry_list_read(&entries, listing->folder, FOLDERS_MAX);

    if (err == TG_ERR_FULL) {
        return tg_errmsg_set(listing->msg, TG_ERR_IO, "%s: more than %d entries", listing->root,
                             FOLDERS_MAX);
    }
    if (err) {
        return tg_errmsg_set(listing->msg, err, "%s: %s", listing->root,
                             err == TG_ERR_IO ? strerror(errno) : tg_err_text(err));
    }
    err = keep_names(listing, &entries);
    tg_entry_list_fini(&entries);
    return err;
}

int tg_folder_list(const char *root, char ***names, uint32_t *count, struct tg_errmsg *msg)
{
    struct listing listing = {.root = root, .msg = msg};

    *names = NULL;
    *count = 0;
    listing.folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (listing.folder < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", root, strerror(errno));
    }
    int err = list_entries(&listing);
    (void)close(listing.folder);
    if (err) {
        return err;
    }
    if (listing.count > 1) {
        qsort(listing.names, listing.count, sizeof(*listing.names), compare_names);
    }
    *names = listing.names;
    *count = listing.count;
    return TG_OK;
}

void tg_folder_free_names(char **names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        free(names[i]);
    }
    free(names);
}
