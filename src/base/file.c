/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 16384 };

static int read_all(int fd, const char *path, struct tg_buf *out, struct tg_errmsg *msg)
{
    struct stat about;

    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: not a regular file", path);
    }
    for (;;) {
        char piece[PIECE_BYTES];
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return tg_errmsg_set(msg, TG_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
        }
        if (got == 0) {
            return TG_OK;
        }
        tg_buf_add(out, piece, (size_t)got);
        if (out->err == TG_ERR_TOO_LARGE) {
            return tg_errmsg_set(msg, out->err, "%s: expected at most %zu KiB", path,
                                 out->limit >> 10);
        }
        if (out->err) {
            return tg_errmsg_set(msg, out->err, "%s: %s", path, tg_err_text(out->err));
        }
    }
}

int tg_file_read(const char *path, struct tg_buf *out, struct tg_errmsg *msg)
{
    /* Not blocking: opening a FIFO must not wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    }
    int err = read_all(fd, path, out, msg);
    (void)close(fd);
    return err;
}
