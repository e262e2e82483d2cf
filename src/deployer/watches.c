/* SPDX-License-Identifier: MIT */
#include "deployer/watches.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Reading changes nothing that is asked for here. */
#define EVENTS                                                                        \
    (IN_CREATE | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | \
     IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)

enum { READS_MAX = 64, READ_BYTES = 16384 };

struct watch {
    int number; /* the kernel's; -1: free */
    uint32_t round;
    uint64_t owner;
};

struct tg_watches {
    int fd;
    uint32_t round;
    uint32_t count; /* rows in use, from the first */
    bool is_short;
    struct watch rows[TG_WATCHES_MAX];
};

struct tg_watches *tg_watches_create(void)
{
    struct tg_watches *watches = calloc(1, sizeof(*watches));

    if (!watches) {
        return NULL;
    }
    watches->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watches->fd < 0) {
        free(watches);
        return NULL;
    }
    return watches;
}

void tg_watches_destroy(struct tg_watches *watches)
{
    if (watches) {
        (void)close(watches->fd);
        free(watches);
    }
}

int tg_watches_fd(const struct tg_watches *watches)
{
    return watches->fd;
}

bool tg_watches_is_short(const struct tg_watches *watches)
{
    return watches->is_short;
}

void tg_watches_begin(struct tg_watches *watches)
{
    watches->round++;
    watches->is_short = false;
}

static struct watch *find(struct tg_watches *watches, int number)
{
    for (uint32_t i = 0; i < watches->count; i++) {
        if (watches->rows[i].number == number) {
            return &watches->rows[i];
        }
    }
    return NULL;
}

void tg_watches_add(struct tg_watches *watches, const char *folder, uint64_t owner)
{
    int number = inotify_add_watch(watches->fd, folder, EVENTS | IN_ONLYDIR | IN_EXCL_UNLINK);

    if (number < 0) {
        /* One that has just gone is told of by the folder it was in. */
        watches->is_short = watches->is_short || (errno != ENOENT && errno != ENOTDIR);
        return;
    }
    struct watch *row = find(watches, number);
    if (!row && watches->count == TG_WATCHES_MAX) {
        (void)inotify_rm_watch(watches->fd, number);
        watches->is_short = true;
        return;
    }
    if (!row) {
        row = &watches->rows[watches->count++];
    }
    *row = (struct watch){.number = number, .round = watches->round, .owner = owner};
}

static void forget(struct tg_watches *watches, struct watch *row)
{
    *row = watches->rows[--watches->count];
}

void tg_watches_end(struct tg_watches *watches)
{
    for (uint32_t i = watches->count; i > 0; i--) {
        struct watch *row = &watches->rows[i - 1];
        if (row->round != watches->round) {
            (void)inotify_rm_watch(watches->fd, row->number);
            forget(watches, row);
        }
    }
}

/* Whether it was a change; the kernel also tells that a watch has ended. */
static bool take_event(struct tg_watches *watches, const struct inotify_event *event,
                       uint64_t *owner)
{
    struct watch *row = find(watches, event->wd);

    if (!row) {
        return false; /* of a watch that was let go */
    }
    *owner = row->owner;
    if (event->mask & IN_IGNORED) {
        forget(watches, row);
    }
    return true;
}

bool tg_watches_read(struct tg_watches *watches, void (*on_change)(void *self, uint64_t owner),
                     void *self)
{
    alignas(struct inotify_event) char octets[READ_BYTES];
    bool is_whole = true;

    /* A storm may bring more than can be read: the rest is there at the next turn. */
    for (int i = 0; i < READS_MAX; i++) {
        ssize_t got = read(watches->fd, octets, sizeof(octets));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        for (size_t at = 0; at + sizeof(struct inotify_event) <= (size_t)got;) {
            struct inotify_event event;
            uint64_t owner = 0;
            memcpy(&event, octets + at, sizeof(event));
            at += sizeof(event) + event.len;
            if (event.mask & IN_Q_OVERFLOW) {
                is_whole = false;
            } else if (take_event(watches, &event, &owner)) {
                on_change(self, owner);
            }
        }
    }
    return is_whole;
}
