/* SPDX-License-Identifier: MIT */
/* Whether a file is another one than before, told by a look at its name now and then: that sees a
 * rename over it, a write in place and the swap of a link in its path alike, on any file system.
 * Lives in: the keeper. The path is borrowed. */
#ifndef TG_KEEPER_FILE_WATCH_H
#define TG_KEEPER_FILE_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* What tells versions apart. A write that lands in the same tick of the clock as the one before is
 * not seen by it: hence the two looks. */
struct tg_file_look {
    bool is_there;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
    struct timespec changed;
};

/* Zero-initialised but for the path: nothing was read yet. */
struct tg_file_watch {
    const char *path;
    struct tg_file_look last; /* what the last look saw */
    struct tg_file_look read; /* what was there when it was last read */
    bool has_looked;
    bool has_read;
};

/* True when the file is to be read: it differs from what was read last (missing counts too), and
 * has not changed since the look before, so that a file in the making is left alone. */
bool tg_file_watch_look(struct tg_file_watch *watch);

/* It has been read since the last look; false when it changed meanwhile: what was read is not to
 * be used, and a later look says when to read again. */
bool tg_file_watch_settle(struct tg_file_watch *watch);

/* What was read was no good: the file is to be read again though it stays as it is. */
void tg_file_watch_forget(struct tg_file_watch *watch);

#endif
