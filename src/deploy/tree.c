/* SPDX-License-Identifier: MIT */
/* The tree is walked depth first, in octet order of the paths, each entry
 * opened below the descriptor of its directory with O_NOFOLLOW, so that no link that is swapped in
 * between check and open leads anywhere else. Links that stay beneath the folder are followed, by
 * the kernel in one step (beneath.h). What is no regular file is told by its kind before anything
 * is opened: opening a FIFO or a device would already act.
 *
 * A fault ends the reading of its entry, not of the folder: all of them are told at once. */
#include "deploy/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/edits.h"
#include "deploy/beneath.h"
#include "deploy/entry_list.h"

enum { DEPTH_MAX = 8, NEAR_EDITS = 2 };

static const char entry_octets[] =
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_.-";
static const char gateway_file[] = "gateway.lua";

/* A directory by what it is, however it is reached. */
struct identity {
    dev_t device;
    ino_t number;
};

/* One reading of one folder. */
struct reading {
    struct tg_bundle *bundle;
    struct tg_fault_list *faults;
    int err;      /* of the first fault */
    bool is_over; /* nothing more can be read */
    int top;
    uint32_t entries_left;
    uint32_t files; /* .lua files met, whether they could be read or not */
    uint64_t bytes; /* of them */
    struct identity above[DEPTH_MAX + 1];
    size_t path_length;
    char path[TG_BUNDLE_PATH_MAX + 1]; /* of the entry in hand, below the folder */
};

/* Says "FOLDER/PATH: what", with the hint when there is one. */
__attribute__((format(printf, 4, 5))) static void fail(struct reading *reading, int err,
                                                       const char *hint, const char *format, ...)
{
    char what[256];
    char file[TG_FAULT_FILE_BYTES];
    struct tg_fault fault;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    (void)snprintf(file, sizeof(file), "%s%s%s", reading->bundle->origin,
                   reading->path_length > 0 ? "/" : "", reading->path);
    tg_fault_set(&fault, TG_FAULT_SCAN, tg_str_of(file), 0, "%s", what);
    tg_fault_hint(&fault, "%s", hint ? hint : "");
    tg_fault_list_add(reading->faults, &fault);
    reading->err = reading->err ? reading->err : err;
    reading->is_over = reading->is_over || err == TG_ERR_NOMEM;
}

static void fail_system(struct reading *reading)
{
    fail(reading, TG_ERR_IO, NULL, "%s", strerror(errno));
}

static bool is_made_of(const char *text, const char *octets)
{
    return text[0] != '\0' && text[strspn(text, octets)] == '\0';
}

bool tg_tree_is_lua(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".lua") == 0;
}

static bool has_good_name(struct reading *reading, const char *name)
{
    if (is_made_of(name, entry_octets)) {
        return true;
    }
    fail(reading, TG_ERR_INVALID, NULL, "names here are made of A-Z a-z 0-9 _ . -");
    return false;
}

/* --- a file --- */

static void keep_content(struct reading *reading, const char *content, size_t length)
{
    int err = tg_bundle_add(reading->bundle, tg_str(reading->path, reading->path_length),
                            tg_str(content, length));

    /* What is too much as a whole is told at the end, with how much it is. */
    if (err && err != TG_ERR_FULL && err != TG_ERR_TOO_LARGE) {
        fail(reading, err, NULL, "%s", tg_err_text(err));
    }
}

/* The size is known: a file that grows or shrinks meanwhile is being written, and what was read of
 * it may be half of it. */
static void read_content(struct reading *reading, int file, size_t size)
{
    char *content = malloc(size + 1);
    size_t length = 0;
    ssize_t got = 0;

    if (!content) {
        fail(reading, TG_ERR_NOMEM, NULL, "%s", tg_err_text(TG_ERR_NOMEM));
        return;
    }
    do {
        got = read(file, content + length, size + 1 - length);
        length += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && length <= size) || (got < 0 && errno == EINTR));

    if (got < 0) {
        fail_system(reading);
    } else if (length != size) {
        fail(reading, TG_ERR_IO, NULL, "it changed while it was read");
    } else {
        keep_content(reading, content, length);
    }
    free(content);
}

static const char *kind_name(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    case S_IFDIR:
        return "a folder";
    default:
        return "a device";
    }
}

static void fail_kind(struct reading *reading, mode_t mode)
{
    fail(reading, TG_ERR_INVALID, NULL, "it is %s, no regular file", kind_name(mode));
}

/* Takes the descriptor, or -1 with errno. */
static void read_open(struct reading *reading, int file)
{
    struct stat status;

    if (file < 0) {
        fail_system(reading);
        return;
    }
    if (fstat(file, &status) != 0) {
        fail_system(reading);
    } else if (!S_ISREG(status.st_mode)) {
        fail_kind(reading, status.st_mode);
    } else if (status.st_size > TG_BUNDLE_FILE_BYTES_MAX) {
        fail(reading, TG_ERR_TOO_LARGE, NULL, "it holds more than %d MiB",
             TG_BUNDLE_FILE_BYTES_MAX >> 20);
    } else {
        reading->bytes += (uint64_t)status.st_size;
        if (reading->bytes <= TG_BUNDLE_BYTES_MAX) {
            read_content(reading, file, (size_t)status.st_size);
        }
    }
    (void)close(file);
}

/* O_NONBLOCK: should a FIFO have taken the file's place, the open does not wait. */
enum { OPEN_FILE = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

static void read_file(struct reading *reading, int folder, const char *name, bool is_link)
{
    /* Past the bound they are counted alone. */
    if (++reading->files <= TG_BUNDLE_FILES_MAX) {
        read_open(reading, is_link ? tg_beneath_open(reading->top, reading->path, OPEN_FILE)
                                   : openat(folder, name, OPEN_FILE | O_NOFOLLOW));
    }
}

/* --- a folder --- */

static void walk(struct reading *reading, int folder, int depth);

/* Whether the folder is one that it stands in itself: a link has led back. */
static bool leads_back(struct reading *reading, int folder, int depth)
{
    struct stat status;

    if (fstat(folder, &status) != 0) {
        fail_system(reading);
        return true;
    }
    for (int i = 0; i < depth; i++) {
        if (reading->above[i].device == status.st_dev &&
            reading->above[i].number == status.st_ino) {
            fail(reading, TG_ERR_INVALID, NULL, "the link leads back to a folder that it is in");
            return true;
        }
    }
    reading->above[depth] = (struct identity){status.st_dev, status.st_ino};
    return false;
}

static void walk_below(struct reading *reading, int folder, const char *name, bool is_link,
                       int depth)
{
    static const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

    if (depth > DEPTH_MAX) {
        fail(reading, TG_ERR_TOO_LARGE, NULL, "folders nest deeper than %d", DEPTH_MAX);
        return;
    }
    int below = is_link ? tg_beneath_open(reading->top, reading->path, flags)
                        : openat(folder, name, flags | O_NOFOLLOW);
    if (below < 0) {
        fail_system(reading);
        return;
    }
    if (!leads_back(reading, below, depth)) {
        walk(reading, below, depth);
    }
    (void)close(below);
}

/* --- a link --- */

/* Lua, or a folder, where a link leads to one too. What is anything else is none of ours. */
static bool may_bring_lua(int folder, const char *name)
{
    struct stat target;

    return tg_tree_is_lua(name) ||
           (fstatat(folder, name, &target, 0) == 0 && S_ISDIR(target.st_mode));
}

/* One that could have brought Lua in is a fault, so that nobody wonders why it is missing; one to
 * anything else (a README) is not. */
static void fail_link(struct reading *reading, int folder, const char *name, int cause)
{
    if (!may_bring_lua(folder, name)) {
        return;
    }
    if (cause == EXDEV) {
        fail(reading, TG_ERR_INVALID, "a relative link to what is in the folder is followed",
             "it is a symbolic link that leads out of the gateway's folder");
    } else if (cause == ENOSYS) {
        fail(reading, TG_ERR_INVALID, "links need openat2: Linux 5.6, and no filter against it",
             "it is a symbolic link, and this system can't follow one safely");
    } else if (cause == ENOENT) {
        fail(reading, TG_ERR_INVALID, NULL, "it is a symbolic link that leads to nothing");
    } else if (cause == ELOOP) {
        fail(reading, TG_ERR_INVALID, NULL, "it is a symbolic link that leads to itself");
    } else {
        fail(reading, TG_ERR_IO, NULL, "it is a symbolic link: %s", strerror(cause));
    }
}

/* What stands at the end of the link at path, without opening it: 0, or -1 with errno. */
static int find_target(const struct reading *reading, struct stat *target)
{
    int end = tg_beneath_open(reading->top, reading->path, O_PATH | O_CLOEXEC);

    if (end < 0) {
        return -1;
    }
    int result = fstat(end, target);
    int cause = errno;
    (void)close(end);
    errno = cause;
    return result;
}

static void visit_link(struct reading *reading, int folder, const struct tg_entry *entry, int depth)
{
    struct stat target;

    if (find_target(reading, &target) != 0) {
        fail_link(reading, folder, entry->name, errno);
    } else if (S_ISDIR(target.st_mode) != entry->is_folder) {
        fail(reading, TG_ERR_IO, NULL, "it changed while it was read");
    } else if ((!entry->is_folder && !tg_tree_is_lua(entry->name)) ||
               !has_good_name(reading, entry->name)) {
        return;
    } else if (entry->is_folder) {
        walk_below(reading, folder, entry->name, true, depth + 1);
    } else if (S_ISREG(target.st_mode)) {
        read_file(reading, folder, entry->name, true);
    } else {
        fail_kind(reading, target.st_mode);
    }
}

/* --- the walk --- */

static void visit_other(struct reading *reading, int folder, const char *name)
{
    struct stat status;

    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        fail_system(reading);
    } else {
        fail_kind(reading, status.st_mode);
    }
}

static void visit(struct reading *reading, int folder, const struct tg_entry *entry, int depth)
{
    if (depth == 0 && strcmp(entry->name, "spec") == 0) {
        return; /* tests are not deployed, and a change to them is no new generation */
    }
    if (entry->kind == TG_ENTRY_LINK) {
        visit_link(reading, folder, entry, depth);
        return;
    }
    if ((entry->kind != TG_ENTRY_FOLDER && !tg_tree_is_lua(entry->name)) ||
        !has_good_name(reading, entry->name)) {
        return;
    }
    if (entry->kind == TG_ENTRY_OTHER) {
        visit_other(reading, folder, entry->name);
    } else if (entry->kind == TG_ENTRY_FILE) {
        read_file(reading, folder, entry->name, false);
    } else {
        walk_below(reading, folder, entry->name, false, depth + 1);
    }
}

/* Appends the entry's name to the path; false when it is too long. Back: leave. */
static bool enter(struct reading *reading, size_t length, const char *name)
{
    size_t room = sizeof(reading->path) - length;
    int added = snprintf(reading->path + length, room, "%s%s", length > 0 ? "/" : "", name);

    if (added < 0 || (size_t)added >= room) {
        reading->path[length] = '\0';
        return false;
    }
    reading->path_length = length + (size_t)added;
    return true;
}

static void leave(struct reading *reading, size_t length)
{
    reading->path_length = length;
    reading->path[length] = '\0';
}

/* A link to a folder has its place in the order of a folder. */
static void sort(struct reading *reading, struct tg_entry_list *entries)
{
    size_t length = reading->path_length;
    struct stat target;

    for (uint32_t i = 0; i < entries->count; i++) {
        struct tg_entry *entry = &entries->items[i];
        if (entry->kind == TG_ENTRY_LINK && enter(reading, length, entry->name)) {
            entry->is_folder = find_target(reading, &target) == 0 && S_ISDIR(target.st_mode);
            leave(reading, length);
        }
    }
    tg_entry_list_sort(entries);
}

static void walk(struct reading *reading, int folder, int depth)
{
    struct tg_entry_list entries;
    size_t length = reading->path_length;
    int err = tg_entry_list_read(&entries, folder, reading->entries_left);

    if (err == TG_ERR_FULL) {
        fail(reading, err, NULL, "the folder has more than %d entries", TG_TREE_ENTRIES_MAX);
        reading->is_over = true;
    } else if (err) {
        fail(reading, err, NULL, "%s", err == TG_ERR_IO ? strerror(errno) : tg_err_text(err));
    }
    if (err) {
        return;
    }
    reading->entries_left -= entries.count;
    sort(reading, &entries);
    for (uint32_t i = 0; i < entries.count && !reading->is_over; i++) {
        if (!enter(reading, length, entries.items[i].name)) {
            if (may_bring_lua(folder, entries.items[i].name)) {
                fail(reading, TG_ERR_TOO_LARGE, NULL, "a path longer than %d", TG_BUNDLE_PATH_MAX);
            }
            continue;
        }
        visit(reading, folder, &entries.items[i], depth);
        leave(reading, length);
    }
    tg_entry_list_fini(&entries);
}

/* What only the whole tells. */
static void judge_whole(struct reading *reading)
{
    if (reading->files > TG_BUNDLE_FILES_MAX) {
        fail(reading, TG_ERR_FULL, NULL, "it holds %" PRIu32 " Lua files, at most %d are taken",
             reading->files, TG_BUNDLE_FILES_MAX);
    }
    if (reading->bytes > TG_BUNDLE_BYTES_MAX) {
        fail(reading, TG_ERR_TOO_LARGE, NULL, "its Lua files hold more than %d MiB",
             TG_BUNDLE_BYTES_MAX >> 20);
    }
}

/* A gateway.lua that is there and could not be read has a fault of its own. */
static void judge_gateway_file(struct reading *reading)
{
    const struct tg_bundle *bundle = reading->bundle;
    const char *near = NULL;
    char hint[TG_FAULT_HINT_BYTES];
    struct stat status;

    bool is_there = fstatat(reading->top, gateway_file, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (reading->is_over || tg_bundle_find(bundle, tg_str_of(gateway_file)) ||
        (is_there && !S_ISDIR(status.st_mode))) {
        return;
    }
    for (uint32_t i = 0; i < bundle->count && !near; i++) {
        const char *path = bundle->files[i].path;
        if (!strchr(path, '/') &&
            tg_edits(tg_str_of(path), tg_str_of(gateway_file)) <= NEAR_EDITS) {
            near = path;
        }
    }
    if (is_there) {
        (void)snprintf(hint, sizeof(hint), "%s is a folder", gateway_file);
    } else {
        (void)snprintf(hint, sizeof(hint), "is '%s' meant to be it?", near ? near : "");
    }
    fail(reading, TG_ERR_NOT_FOUND, near || is_there ? hint : NULL, "there is no %s in it",
         gateway_file);
}

int tg_tree_read(const char *path, struct tg_bundle *bundle, struct tg_fault_list *faults)
{
    struct reading reading = {
        .bundle = bundle, .faults = faults, .entries_left = TG_TREE_ENTRIES_MAX};

    reading.top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (reading.top < 0) {
        fail_system(&reading);
        return reading.err;
    }
    if (!leads_back(&reading, reading.top, 0)) {
        walk(&reading, reading.top, 0);
        judge_whole(&reading);
        judge_gateway_file(&reading);
    }
    (void)close(reading.top);
    return reading.err;
}
