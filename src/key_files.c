/* SPDX-License-Identifier: MIT */
#include "key_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 16 << 10 };

static int read_all(int fd, struct tg_buf *out, struct tg_errmsg *msg)
{
    struct stat about;

    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        return tg_errmsg_set(msg, TG_ERR_IO, "not a regular file");
    }
    for (;;) {
        char piece[4096];
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return tg_errmsg_set(msg, TG_ERR_IO, "cannot be read: %s", strerror(errno));
        }
        if (got == 0) {
            return TG_OK;
        }
        tg_buf_add(out, piece, (size_t)got);
        if (out->err) {
            return tg_errmsg_set(msg, out->err, "expected at most %zu KiB", out->limit >> 10);
        }
    }
}

int tg_key_files_text(const char *path, struct tg_buf *out, struct tg_errmsg *msg)
{
    /* Not blocking: opening a FIFO must not wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "cannot be opened: %s", strerror(errno));
    }
    int err = read_all(fd, out, msg);
    (void)close(fd);
    if (!err && (out->length == 0 || memchr(out->at, '\0', out->length))) {
        err = tg_errmsg_set(msg, TG_ERR_INVALID, "expected a text");
    }
    return err;
}

static int read_key(struct tg_config_auth_key *key, struct tg_errmsg *msg)
{
    struct tg_buf text;

    tg_buf_init(&text, FILE_BYTES_MAX);
    int err = tg_key_files_text(key->public_key_file, &text, msg);
    if (!err) {
        key->public_key = tg_str_copy(tg_buf_str(&text));
        err = key->public_key ? TG_OK : tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    tg_buf_fini(&text);
    return err;
}

int tg_key_files_read(struct tg_config *config, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < config->auth_keys.count; i++) {
        struct tg_config_auth_key *key = &config->auth_keys.items[i];
        if (!key->public_key_file || key->public_key) {
            continue;
        }
        int err = read_key(key, msg);
        if (err) {
            return tg_errmsg_wrap(msg, err, "auth.keys[%u].public_key_file: %s", i + 1,
                                  key->public_key_file);
        }
    }
    return TG_OK;
}
