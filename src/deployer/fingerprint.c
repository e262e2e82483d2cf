/* SPDX-License-Identifier: MIT */
#include "deployer/fingerprint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "deploy/beneath.h"
#include "deploy/entry_list.h"
#include "deploy/tree.h"

/* A folder past these is one that can't be read (deploy/tree.c), however it changes. */
enum { DEPTH_MAX = 10 };

struct walk {
    tg_fingerprint_fn on_folder;
    void *self;
    int top;
    uint32_t entries_left;
    uint64_t sum;
    size_t top_length; /* of path: what stands before is the gateway's folder */
    size_t length;
    char path[PATH_MAX];
};

/* What counts of an entry, without padding that could differ. */
struct mark {
    uint64_t kind;
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    uint64_t times[4];
};

static void mix(struct walk *walk, const void *octets, size_t length)
{
    uint64_t both[2] = {walk->sum, tg_hash(octets, length)};

    walk->sum = tg_hash(both, sizeof(both));
}

static void mix_number(struct walk *walk, uint64_t number)
{
    mix(walk, &number, sizeof(number));
}

static void mix_status(struct walk *walk, const struct stat *status)
{
    const struct mark mark = {
        .kind = status->st_mode,
        .device = status->st_dev,
        .inode = status->st_ino,
        .size = (uint64_t)status->st_size,
        .times = {(uint64_t)status->st_mtim.tv_sec, (uint64_t)status->st_mtim.tv_nsec,
                  (uint64_t)status->st_ctim.tv_sec, (uint64_t)status->st_ctim.tv_nsec},
    };

    mix(walk, &mark, sizeof(mark));
}

/* The entry itself and, through links, what it stands for. Whether that is a folder. */
static bool mix_entry(struct walk *walk, int folder, const struct tg_entry *entry)
{
    struct stat own;
    struct stat target;
    bool is_link = entry->kind == TG_ENTRY_LINK;

    bool has_target = fstatat(folder, entry->name, &target, 0) == 0;
    bool is_folder = has_target && S_ISDIR(target.st_mode);
    if (!is_folder && !tg_tree_is_lua(entry->name)) {
        return false;
    }
    mix(walk, walk->path, walk->length);
    mix_number(walk, entry->kind);
    if (is_link && fstatat(folder, entry->name, &own, AT_SYMLINK_NOFOLLOW) == 0) {
        mix_status(walk, &own);
    }
    if (!has_target) {
        mix_number(walk, (uint64_t)errno);
    } else if (is_folder) {
        /* Its times change with every entry, hidden ones and others that don't count too. */
        mix_number(walk, target.st_ino);
    } else {
        mix_status(walk, &target);
    }
    return is_folder;
}

static void go_through(struct walk *walk, int folder, int depth);

static void go_below(struct walk *walk, int depth)
{
    const char *below = walk->path + walk->top_length + 1;

    if (depth > DEPTH_MAX || (depth == 1 && strcmp(below, "spec") == 0)) {
        return;
    }
    int folder = tg_beneath_open(walk->top, below, O_RDONLY | O_DIRECTORY);
    if (folder < 0 && errno == ENOSYS) {
        folder = openat(walk->top, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (folder < 0) {
        mix_number(walk, (uint64_t)errno);
        return;
    }
    go_through(walk, folder, depth);
    (void)close(folder);
}

static void go_through(struct walk *walk, int folder, int depth)
{
    struct tg_entry_list entries;
    size_t length = walk->length;

    if (walk->on_folder) {
        walk->on_folder(walk->self, walk->path);
    }
    int err = tg_entry_list_read(&entries, folder, walk->entries_left);
    if (err) {
        mix_number(walk, (uint64_t)(err == TG_ERR_IO ? errno : -err));
        return;
    }
    walk->entries_left -= entries.count;
    for (uint32_t i = 0; i < entries.count; i++) {
        int added = snprintf(walk->path + length, sizeof(walk->path) - length, "/%s",
                             entries.items[i].name);
        if (added < 0 || length + (size_t)added >= sizeof(walk->path)) {
            mix_number(walk, ENAMETOOLONG);
            break;
        }
        walk->length = length + (size_t)added;
        if (mix_entry(walk, folder, &entries.items[i])) {
            go_below(walk, depth + 1);
        }
    }
    walk->length = length;
    walk->path[length] = '\0';
    tg_entry_list_fini(&entries);
}

uint64_t tg_fingerprint_take(const char *path, tg_fingerprint_fn on_folder, void *self)
{
    struct walk walk = {.on_folder = on_folder, .self = self, .entries_left = TG_TREE_ENTRIES_MAX};
    int length = snprintf(walk.path, sizeof(walk.path), "%s", path);

    if (length < 0 || (size_t)length >= sizeof(walk.path)) {
        return ENAMETOOLONG;
    }
    walk.top_length = walk.length = (size_t)length;
    walk.top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (walk.top < 0) {
        return (uint64_t)errno;
    }
    go_through(&walk, walk.top, 0);
    (void)close(walk.top);
    return walk.sum ? walk.sum : 1;
}
