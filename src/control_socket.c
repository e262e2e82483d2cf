/* SPDX-License-Identifier: MIT */
/* Whether a file that is there belongs to somebody who lives is asked by connecting to it. From
 * that question to our own file being there, the directory is locked: two servers that start at
 * once would each take the other's new file for a dead one's. */
#include "control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    BACKLOG = 16,
    SOCKET_MODE = 0600,
    NOT_OURS_UMASK = 0177,
    LOCK_TRIES = 100,
    LOCK_PAUSE_MS = 10
};

static int fail(const char *path, int err, const char *what, struct tg_errmsg *msg)
{
    return tg_errmsg_set(msg, err, "%s: %s", path, what);
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    return address;
}

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A descriptor of the directory, locked; -1 with a message. */
static int lock_folder(const char *path, struct tg_errmsg *msg)
{
    char folder[TG_CONTROL_PLACE_MAX];
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
    size_t length = (size_t)(strrchr(path, '/') - path); /* the path is absolute */

    (void)snprintf(folder, sizeof(folder), "%.*s", (int)length, path);
    int fd = open(length == 0 ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        (void)fail(path, TG_ERR_IO, strerror(errno), msg);
        return -1;
    }
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return fd;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            (void)fail(path, TG_ERR_IO, strerror(errno), msg); /* a file system without locks */
            (void)close(fd);
            return -1;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)close(fd);
    (void)fail(path, TG_ERR_IO, "somebody else holds the directory's lock", msg);
    return -1;
}

/* Makes room at the path: 0 when nothing is there any more. */
static int clear_path(const char *path, struct tg_errmsg *msg)
{
    struct sockaddr_un address = address_of(path);
    struct stat found;

    if (lstat(path, &found) != 0) {
        return errno == ENOENT ? TG_OK : fail(path, TG_ERR_IO, strerror(errno), msg);
    }
    if (!S_ISSOCK(found.st_mode)) {
        return fail(path, TG_ERR_EXISTS, "it is there, and no socket", msg);
    }
    int fd = new_socket();
    if (fd < 0) {
        return fail(path, TG_ERR_IO, strerror(errno), msg);
    }
    int refused = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
    (void)close(fd);
    if (refused == 0 || refused == EAGAIN) {
        return fail(path, TG_ERR_EXISTS, "another server is running there", msg);
    }
    if (refused != ECONNREFUSED) {
        return fail(path, TG_ERR_IO, strerror(refused), msg);
    }
    return unlink(path) == 0 ? TG_OK : fail(path, TG_ERR_IO, strerror(errno), msg);
}

/* The umask is the process's: there is one thread. */
static int bind_private(int fd, const char *path)
{
    struct sockaddr_un address = address_of(path);
    mode_t before = umask(NOT_OURS_UMASK);
    int failed = bind(fd, (const struct sockaddr *)&address, sizeof(address));
    int cause = errno;

    (void)umask(before);
    errno = cause;
    return failed;
}

static int check_file(struct tg_control_socket *sock, uid_t uid, struct tg_errmsg *msg)
{
    struct stat made;

    if (lstat(sock->path, &made) != 0) {
        return fail(sock->path, TG_ERR_IO, strerror(errno), msg);
    }
    sock->device = made.st_dev;
    sock->inode = made.st_ino;
    if (!S_ISSOCK(made.st_mode) || (made.st_mode & 07777) != SOCKET_MODE || made.st_uid != uid) {
        return fail(sock->path, TG_ERR_DENIED, "its file system gives it to others", msg);
    }
    return TG_OK;
}

static int open_locked(struct tg_control_socket *sock, uid_t uid, struct tg_errmsg *msg)
{
    int err = clear_path(sock->path, msg);

    if (err) {
        return err;
    }
    sock->fd = new_socket();
    if (sock->fd < 0) {
        return fail(sock->path, TG_ERR_IO, strerror(errno), msg);
    }
    if (bind_private(sock->fd, sock->path) != 0) {
        err = fail(sock->path, TG_ERR_IO, strerror(errno), msg);
        tg_control_socket_forget(sock);
        return err;
    }
    err = check_file(sock, uid, msg);
    if (!err && listen(sock->fd, BACKLOG) != 0) {
        err = fail(sock->path, TG_ERR_IO, strerror(errno), msg);
    }
    if (err) {
        tg_control_socket_fini(sock);
    }
    return err;
}

/* The file is found again when it is removed, wherever the process is by then. */
static int make_absolute(char path[TG_CONTROL_PLACE_MAX], const char *given, struct tg_errmsg *msg)
{
    char here[PATH_MAX] = "";

    if (given[0] != '/' && !getcwd(here, sizeof(here))) {
        return fail(given, TG_ERR_IO, strerror(errno), msg);
    }
    int length = snprintf(path, TG_CONTROL_PLACE_MAX, "%s%s%s", here, here[0] ? "/" : "", given);
    return length < TG_CONTROL_PLACE_MAX
               ? TG_OK
               : tg_errmsg_set(msg, TG_ERR_TOO_LARGE, "%s/%s: expected at most %d octets", here,
                               given, (int)TG_CONTROL_PLACE_MAX - 1);
}

static int open_at(struct tg_control_socket *sock, const char *path, uid_t uid,
                   struct tg_errmsg *msg)
{
    int err = make_absolute(sock->path, path, msg);

    if (err) {
        return err;
    }
    int lock = lock_folder(sock->path, msg);
    if (lock < 0) {
        return TG_ERR_IO;
    }
    err = open_locked(sock, uid, msg);
    (void)close(lock);
    return err;
}

int tg_control_socket_open(struct tg_control_socket *sock, const struct tg_control_places *places,
                           uid_t uid, struct tg_errmsg *msg)
{
    int err = TG_ERR_NOT_FOUND;

    *sock = (struct tg_control_socket){.fd = -1};
    for (uint32_t i = 0; i < places->count; i++) {
        const struct tg_control_place *place = &places->items[i];
        err = places->is_chosen ? TG_OK : tg_control_place_prepare(place, uid, msg);
        err = err ? err : open_at(sock, place->path, uid, msg);
        /* Another server at the first place that can be had: a second one beside it would be
         * found by nobody who looks in the same order. */
        if (err == TG_OK || err == TG_ERR_EXISTS) {
            return err;
        }
    }
    return err;
}

void tg_control_socket_forget(struct tg_control_socket *sock)
{
    if (sock->fd >= 0) {
        (void)close(sock->fd);
        sock->fd = -1;
    }
}

void tg_control_socket_fini(struct tg_control_socket *sock)
{
    struct stat found;

    if (sock->fd < 0) {
        return;
    }
    if (lstat(sock->path, &found) == 0 && found.st_dev == sock->device &&
        found.st_ino == sock->inode) {
        (void)unlink(sock->path);
    }
    tg_control_socket_forget(sock);
}
