/* SPDX-License-Identifier: MIT */
/* How a folder is read: the tree is walked depth first, in octet order of the paths, each entry
 * opened below the descriptor of its directory with O_NOFOLLOW, so that no link that is swapped in
 * between check and open leads anywhere else. What is no regular file is told by its kind before
 * anything is opened: opening a FIFO or a device would already act. */
#include "deploy/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deploy/entry_list.h"
#include "net/digest.h"

enum {
    DEPTH_MAX = 8,
    ENTRIES_MAX = 16384, /* of one tree, what is no Lua included: bounds the walk */
    FOLDERS_MAX = 1024,  /* of a root */
    FOLDER_NAME_MAX = 63
};

#define LOWER_AND_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"
static const char entry_octets[] = LOWER_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.-";
static const char folder_octets[] = LOWER_AND_DIGITS "_-";
static const char gateway_file[] = "gateway.lua";

/* One reading of one folder. */
struct reading {
    struct tg_bundle *bundle;
    struct tg_errmsg *msg;
    uint32_t entries_left;
    size_t path_length;
    char path[TG_BUNDLE_PATH_MAX + 1]; /* of the entry in hand, below the folder */
};

/* Says "FOLDER/PATH: what". */
__attribute__((format(printf, 3, 4))) static int fail(struct reading *reading, int err,
                                                      const char *format, ...)
{
    char what[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return tg_errmsg_set(reading->msg, err, "%s%s%s: %s", reading->bundle->origin,
                         reading->path_length > 0 ? "/" : "", reading->path, what);
}

static bool is_made_of(const char *text, const char *octets)
{
    return text[0] != '\0' && text[strspn(text, octets)] == '\0';
}

static bool is_lua(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".lua") == 0;
}

/* The size is known: a file that grows or shrinks meanwhile is being written, and what was read of
 * it may be half of it. */
static int read_content(struct reading *reading, int file, size_t size)
{
    char *content = malloc(size + 1);
    size_t length = 0;
    ssize_t got = 0;

    if (!content) {
        return fail(reading, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
    }
    do {
        got = read(file, content + length, size + 1 - length);
        length += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && length <= size) || (got < 0 && errno == EINTR));

    int err = TG_OK;
    if (got < 0) {
        err = fail(reading, TG_ERR_IO, "%s", strerror(errno));
    } else if (length != size) {
        err = fail(reading, TG_ERR_IO, "it changed while it was read");
    } else {
        err = tg_bundle_add(reading->bundle, tg_str(reading->path, reading->path_length),
                            tg_str(content, length));
        if (err == TG_ERR_FULL) {
            err = fail(reading, err, "more than %d Lua files", TG_BUNDLE_FILES_MAX);
        } else if (err == TG_ERR_TOO_LARGE) {
            err =
                fail(reading, err, "the folder holds more than %d MiB", TG_BUNDLE_BYTES_MAX >> 20);
        } else if (err) {
            err = fail(reading, err, "%s", tg_err_text(err));
        }
    }
    free(content);
    return err;
}

static int read_file(struct reading *reading, int folder, const char *name)
{
    struct stat status;
    int err = TG_OK;
    /* O_NONBLOCK: should a FIFO have taken the file's place, the open does not wait. */
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (file < 0) {
        return fail(reading, TG_ERR_IO, "%s", strerror(errno));
    }
    if (fstat(file, &status) != 0) {
        err = fail(reading, TG_ERR_IO, "%s", strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        err = fail(reading, TG_ERR_INVALID, "it is no regular file");
    } else if (status.st_size > TG_BUNDLE_FILE_BYTES_MAX) {
        err = fail(reading, TG_ERR_TOO_LARGE, "more than %d MiB", TG_BUNDLE_FILE_BYTES_MAX >> 20);
    } else {
        err = read_content(reading, file, (size_t)status.st_size);
    }
    (void)close(file);
    return err;
}

/* A link that could have brought Lua in is an error, so that nobody wonders why it is missing; one
 * to anything else (a README) is none of ours. */
static int judge_link(struct reading *reading, int folder, const char *name)
{
    struct stat target;

    if (is_lua(name) || (fstatat(folder, name, &target, 0) == 0 && S_ISDIR(target.st_mode))) {
        return fail(reading, TG_ERR_INVALID, "it is a symbolic link, none is followed here");
    }
    return TG_OK;
}

static int walk(struct reading *reading, int folder, int depth);

static int walk_below(struct reading *reading, int folder, const char *name, int depth)
{
    if (depth > DEPTH_MAX) {
        return fail(reading, TG_ERR_TOO_LARGE, "folders nest deeper than %d", DEPTH_MAX);
    }
    int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0) {
        return fail(reading, TG_ERR_IO, "%s", strerror(errno));
    }
    int err = walk(reading, below, depth);
    (void)close(below);
    return err;
}

static int visit(struct reading *reading, int folder, const struct tg_entry *entry, int depth)
{
    if (entry->kind == TG_ENTRY_LINK) {
        return judge_link(reading, folder, entry->name);
    }
    if (entry->kind != TG_ENTRY_FOLDER && !is_lua(entry->name)) {
        return TG_OK;
    }
    if (!is_made_of(entry->name, entry_octets)) {
        return fail(reading, TG_ERR_INVALID, "names here are made of A-Z a-z 0-9 _ . -");
    }
    if (entry->kind == TG_ENTRY_OTHER) {
        return fail(reading, TG_ERR_INVALID, "it is no regular file");
    }
    if (entry->kind == TG_ENTRY_FILE) {
        return read_file(reading, folder, entry->name);
    }
    if (depth == 0 && strcmp(entry->name, "spec") == 0) {
        return TG_OK; /* tests are not deployed, and a change to them is no new generation */
    }
    return walk_below(reading, folder, entry->name, depth + 1);
}

static int walk(struct reading *reading, int folder, int depth)
{
    struct tg_entry_list entries;
    size_t length = reading->path_length;
    int err = tg_entry_list_read(&entries, folder, reading->entries_left);

    if (err == TG_ERR_FULL) {
        return fail(reading, err, "the folder has more than %d entries", ENTRIES_MAX);
    }
    if (err) {
        return fail(reading, err, "%s", err == TG_ERR_IO ? strerror(errno) : tg_err_text(err));
    }
    reading->entries_left -= entries.count;
    for (uint32_t i = 0; i < entries.count && !err; i++) {
        int added = snprintf(reading->path + length, sizeof(reading->path) - length, "%s%s",
                             length > 0 ? "/" : "", entries.items[i].name);
        if (added < 0 || length + (size_t)added >= sizeof(reading->path)) {
            err = fail(reading, TG_ERR_TOO_LARGE, "a path longer than %d", TG_BUNDLE_PATH_MAX);
            break;
        }
        reading->path_length = length + (size_t)added;
        err = visit(reading, folder, &entries.items[i], depth);
    }
    reading->path_length = length;
    reading->path[length] = '\0';
    tg_entry_list_fini(&entries);
    return err;
}

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
static int set_names(struct tg_bundle *bundle, const char *path, struct tg_errmsg *msg)
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
        if (!realpath(path, real)) {
            return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", path, strerror(errno));
        }
        last = tg_str_of(strrchr(real, '/') + 1);
    }
    bundle->name = tg_str_copy(last);
    if (!bundle->origin || !bundle->name) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s: %s", path, tg_err_text(TG_ERR_NOMEM));
    }
    if (last.length > FOLDER_NAME_MAX || !is_made_of(bundle->name, folder_octets)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: a gateway's name is 1 to %d of a-z 0-9 _ -",
                             path, FOLDER_NAME_MAX);
    }
    return TG_OK;
}

static int read_tree(struct tg_bundle *bundle, const char *path, struct tg_errmsg *msg)
{
    struct reading reading = {.bundle = bundle, .msg = msg, .entries_left = ENTRIES_MAX};
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0) {
        return fail(&reading, TG_ERR_IO, "%s", strerror(errno));
    }
    int err = walk(&reading, folder, 0);
    (void)close(folder);
    if (err) {
        return err;
    }
    if (!tg_bundle_find(bundle, tg_str_of(gateway_file))) {
        return fail(&reading, TG_ERR_NOT_FOUND, "there is no %s in it", gateway_file);
    }
    err = name_generation(bundle);
    return err ? fail(&reading, err, "%s", tg_err_text(err)) : TG_OK;
}

int tg_folder_read(const char *path, struct tg_bundle *bundle, struct tg_errmsg *msg)
{
    *bundle = (struct tg_bundle){0};
    int err = set_names(bundle, path, msg);

    if (!err) {
        err = read_tree(bundle, path, msg);
    }
    if (err) {
        tg_bundle_fini(bundle);
        *bundle = (struct tg_bundle){0};
    }
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

/* 1, 0, or TG_ERR_IO when the kernel doesn't tell. A folder is one also through a link (what it
 * points to may be swapped); its gateway.lua is judged when it is read. */
static int holds_gateway(struct listing *listing, const char *name)
{
    char file[NAME_MAX + sizeof(gateway_file) + 2];
    struct stat status;

    (void)snprintf(file, sizeof(file), "%s/%s", name, gateway_file);
    if (fstatat(listing->folder, file, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        return 1;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
        return 0;
    }
    return tg_errmsg_set(listing->msg, TG_ERR_IO, "%s/%s: %s", listing->root, file,
                         strerror(errno));
}

static int keep_names(struct listing *listing, struct tg_entry_list *entries)
{
    listing->names = calloc(entries->count + 1, sizeof(*listing->names));
    if (!listing->names) {
        return tg_errmsg_set(listing->msg, TG_ERR_NOMEM, "%s: %s", listing->root,
                             tg_err_text(TG_ERR_NOMEM));
    }
    for (uint32_t i = 0; i < entries->count; i++) {
        int holds = holds_gateway(listing, entries->items[i].name);
        if (holds < 0) {
            tg_folder_free_names(listing->names, listing->count);
            return holds;
        }
        if (holds) {
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
