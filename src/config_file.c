/* SPDX-License-Identifier: MIT */
#include "config_file.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/errand.h"
#include "script/config_reader.h"

enum { CPU_SECONDS = 2, DEADLINE_MS = 5000, MEMORY_BYTES = 512 << 20, KEY_MAX = 255 };

enum record_kind { RECORD_PAIR, RECORD_FAILURE };

/* How a record begins: a pair goes on with key and value, a failure with its message. */
struct record_head {
    uint32_t kind;
    int32_t number; /* PAIR: the line; FAILURE: the error */
    uint32_t key_length;
};

struct reading {
    const char *path;
    struct tg_config *config; /* the parent's */
    int home;                 /* the child's */
    bool has_failed;
};

static int send_record(int home, const struct record_head *head, struct tg_str first,
                       struct tg_str second)
{
    char record[sizeof(*head) + KEY_MAX + TG_CONFIG_TEXT_MAX];
    size_t length = sizeof(*head) + first.length + second.length;

    if (first.length > KEY_MAX || second.length > TG_CONFIG_TEXT_MAX) {
        return TG_ERR_TOO_LARGE;
    }
    memcpy(record, head, sizeof(*head));
    if (first.length > 0) {
        memcpy(record + sizeof(*head), first.at, first.length);
    }
    if (second.length > 0) {
        memcpy(record + sizeof(*head) + first.length, second.at, second.length);
    }
    return tg_errand_send(home, tg_str(record, length));
}

/* In the child: the reader found a key. */
static int on_pair(void *self, const char *key, struct tg_str value, int line,
                   struct tg_errmsg *msg)
{
    struct reading *reading = self;
    struct tg_str name = tg_str_of(key);
    struct record_head head = {
        .kind = RECORD_PAIR, .number = line, .key_length = (uint32_t)name.length};
    int err = send_record(reading->home, &head, name, value);

    if (err == TG_ERR_TOO_LARGE) {
        return tg_errmsg_set(msg, err, "%s:%d: %.*s: a value of more than %d octets", reading->path,
                             line, KEY_MAX, key, TG_CONFIG_TEXT_MAX);
    }
    return err ? tg_errmsg_set(msg, err, "%s: %s", reading->path, tg_err_text(err)) : TG_OK;
}

static int run(void *self, int home)
{
    struct reading *reading = self;
    struct tg_errmsg msg = {0};

    reading->home = home;
    int err = tg_config_reader_run(reading->path, on_pair, reading, &msg);
    if (err) {
        struct record_head head = {.kind = RECORD_FAILURE, .number = err};
        return send_record(home, &head, tg_str(NULL, 0), tg_str_of(msg.text)) ? 1 : 0;
    }
    return 0;
}

static int set_key(struct reading *reading, const char *key, struct tg_str value, int line,
                   struct tg_errmsg *msg)
{
    int err = tg_config_set(reading->config, key, value, msg);

    if (err && line > 0) {
        return tg_errmsg_wrap(msg, err, "%s:%d", reading->path, line);
    }
    return err ? tg_errmsg_wrap(msg, err, "%s", reading->path) : TG_OK;
}

/* In the parent: the child sent a key, or why it gave up. */
static int on_record(void *self, struct tg_str record, struct tg_errmsg *msg)
{
    struct reading *reading = self;
    struct record_head head;
    char key[KEY_MAX + 1];

    if (record.length < sizeof(head)) {
        return tg_errmsg_set(msg, TG_ERR_SYNTAX, "%s: a record is cut", reading->path);
    }
    memcpy(&head, record.at, sizeof(head));
    struct tg_str rest = tg_str(record.at + sizeof(head), record.length - sizeof(head));
    if (head.kind == RECORD_FAILURE) {
        reading->has_failed = true;
        return tg_errmsg_set(msg, head.number < 0 ? head.number : TG_ERR_SCRIPT, "%.*s",
                             TG_STR_ARGS(rest));
    }
    if (head.kind != RECORD_PAIR || head.key_length > KEY_MAX || head.key_length > rest.length) {
        return tg_errmsg_set(msg, TG_ERR_SYNTAX, "%s: a record makes no sense", reading->path);
    }
    memcpy(key, rest.at, head.key_length);
    key[head.key_length] = '\0';
    struct tg_str value = tg_str(rest.at + head.key_length, rest.length - head.key_length);
    reading->has_failed = set_key(reading, key, value, head.number, msg) != TG_OK;
    return reading->has_failed ? TG_ERR_INVALID : TG_OK;
}

int tg_config_file_read(const char *path, struct tg_config *config, struct tg_errmsg *msg)
{
    struct reading reading = {.path = path, .config = config, .home = -1};
    struct tg_errand_options errand = {
        .cpu_seconds = CPU_SECONDS,
        .memory_bytes = MEMORY_BYTES,
        .deadline_ms = DEADLINE_MS,
        .run = run,
        .on_record = on_record,
        .self = &reading,
    };
    int err = tg_errand_run(&errand, msg);

    /* What the reader and the keys say names the file already; what became of the child doesn't. */
    return err && !reading.has_failed ? tg_errmsg_wrap(msg, err, "%s", path) : err;
}
