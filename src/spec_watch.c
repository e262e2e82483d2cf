/* SPDX-License-Identifier: MIT */
#include "spec_watch.h"

#include <fts.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "base/hash.h"

static uint64_t sum_of(const FTSENT *entry)
{
    const struct stat *about = entry->fts_statp;
    const uint64_t facts[] = {
        tg_hash(entry->fts_path, entry->fts_pathlen),
        (uint64_t)about->st_size,
        (uint64_t)about->st_ino,
        (uint64_t)about->st_mtim.tv_sec,
        (uint64_t)about->st_mtim.tv_nsec,
    };

    return tg_hash((const char *)facts, sizeof(facts));
}

static uint64_t sum_below(char *folder)
{
    char *const roots[] = {folder, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    uint64_t sum = 0;
    FTSENT *entry;

    for (uint32_t i = 0; tree && i < TG_SPEC_WATCH_ENTRIES_MAX && (entry = fts_read(tree)); i++) {
        if (entry->fts_info == FTS_F || entry->fts_info == FTS_SL) {
            sum += sum_of(entry); /* whatever the order */
        }
    }
    if (tree) {
        (void)fts_close(tree);
    }
    return sum;
}

uint64_t tg_spec_watch_sum(char *const *folders, uint32_t count)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < count; i++) {
        sum += sum_below(folders[i]);
    }
    return sum;
}

uint64_t tg_spec_watch_wait(char *const *folders, uint32_t count, uint64_t seen)
{
    const struct timespec look = {.tv_nsec = TG_SPEC_WATCH_LOOK_MS * 1000000L};
    uint64_t last = seen;

    for (;;) {
        (void)nanosleep(&look, NULL);
        uint64_t now = tg_spec_watch_sum(folders, count);
        if (now != seen && now == last) {
            return now;
        }
        last = now;
    }
}
