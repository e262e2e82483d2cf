/* SPDX-License-Identifier: MIT */
#include "keeper/file_watch.h"

#include <sys/stat.h>

static struct tg_file_look look_at(const char *path)
{
    struct stat about;

    if (stat(path, &about) != 0) {
        return (struct tg_file_look){.is_there = false};
    }
    return (struct tg_file_look){
        .is_there = true,
        .device = about.st_dev,
        .inode = about.st_ino,
        .size = about.st_size,
        .modified = about.st_mtim,
        .changed = about.st_ctim,
    };
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same(const struct tg_file_look *a, const struct tg_file_look *b)
{
    return a->is_there == b->is_there && a->device == b->device && a->inode == b->inode &&
           a->size == b->size && is_same_time(a->modified, b->modified) &&
           is_same_time(a->changed, b->changed);
}

bool tg_file_watch_look(struct tg_file_watch *watch)
{
    struct tg_file_look now = look_at(watch->path);
    bool is_stable = watch->has_looked && is_same(&now, &watch->last);

    watch->last = now;
    watch->has_looked = true;
    return is_stable && (!watch->has_read || !is_same(&now, &watch->read));
}

bool tg_file_watch_settle(struct tg_file_watch *watch)
{
    struct tg_file_look now = look_at(watch->path);

    if (!watch->has_looked || !is_same(&now, &watch->last)) {
        watch->last = now;
        watch->has_looked = true;
        return false;
    }
    watch->read = now;
    watch->has_read = true;
    return true;
}

void tg_file_watch_forget(struct tg_file_watch *watch)
{
    watch->has_read = false;
}
