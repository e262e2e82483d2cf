/* SPDX-License-Identifier: MIT */
/* One child loads all folders and sends a record for each. When it dies of one, that folder is the
 * culprit, and a new child starts over without it: each child settles at least one folder. */
#include "check_folders.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/errand.h"
#include "core/shared_page.h"
#include "core/wheel.h"
#include "deploy/load.h"
#include "net/server.h"

enum { CPU_SECONDS = 5, DEADLINE_MS = 30000 };

enum verdict { VERDICT_OPEN, VERDICT_OK, VERDICT_FAULT };

struct folder {
    const char *path;
    enum verdict verdict;
    struct tg_errmsg fault;
};

struct check {
    const struct tg_config *config;
    struct folder *folders;
    uint32_t count;
};

/* What a child says of one folder; the fault's text follows. */
struct record_head {
    uint32_t index;
    uint32_t is_ok;
};

static int send_verdict(int home, uint32_t index, int err, const struct tg_errmsg *msg)
{
    char record[sizeof(struct record_head) + TG_ERRMSG_BYTES];
    struct record_head head = {.index = index, .is_ok = err == TG_OK};
    size_t length = err ? strlen(msg->text) : 0;

    memcpy(record, &head, sizeof(head));
    memcpy(record + sizeof(head), msg->text, length);
    return tg_errand_send(home, tg_str(record, sizeof(head) + length));
}

/* In the child: loads what is not known to be bad. */
static int load_folders(const struct check *check, struct tg_hub *hub, int home)
{
    for (uint32_t i = 0; i < check->count; i++) {
        const struct tg_gateway *gateway = NULL;
        struct tg_errmsg msg = {0};

        if (check->folders[i].verdict == VERDICT_FAULT) {
            continue;
        }
        int err = tg_load_folder(hub, check->folders[i].path, &gateway, &msg);
        if (send_verdict(home, i, err, &msg) != TG_OK) {
            return 1;
        }
    }
    return 0;
}

/* In the child: a hub as in a worker, only that nobody will ever connect. */
static int run(void *self, int home)
{
    const struct check *check = self;
    const struct tg_clock *clock = tg_clock_system();
    struct tg_wheel wheel;
    struct tg_hub hub;
    struct tg_errmsg msg = {0};
    int status = 1;
    struct tg_page *page = tg_page_create(1);

    if (!page) {
        return 1;
    }
    tg_wheel_init(&wheel, tg_clock_mono_ms(clock));
    struct tg_hub_options options = {
        .config = check->config,
        .page = page,
        .wheel = &wheel,
        .clock = clock,
        .transport = tg_server_transport(),
    };
    if (tg_hub_init(&hub, &options, &msg) == TG_OK) {
        status = load_folders(check, &hub, home);
        tg_hub_fini(&hub);
    } else {
        (void)fprintf(stderr, "tidegate: %s\n", msg.text);
    }
    tg_page_destroy(page);
    return status;
}

/* In the parent: the child has judged a folder. */
static int on_record(void *self, struct tg_str record, struct tg_errmsg *msg)
{
    struct check *check = self;
    struct record_head head;

    if (record.length < sizeof(head)) {
        return tg_errmsg_set(msg, TG_ERR_SYNTAX, "a record is cut");
    }
    memcpy(&head, record.at, sizeof(head));
    if (head.index >= check->count) {
        return tg_errmsg_set(msg, TG_ERR_SYNTAX, "a record makes no sense");
    }
    struct folder *folder = &check->folders[head.index];
    folder->verdict = head.is_ok ? VERDICT_OK : VERDICT_FAULT;
    if (!head.is_ok) {
        (void)tg_errmsg_set(&folder->fault, TG_ERR_SCRIPT, "%.*s",
                            (int)(record.length - sizeof(head)), record.at + sizeof(head));
    }
    return TG_OK;
}

static struct folder *find_open(struct check *check)
{
    for (uint32_t i = 0; i < check->count; i++) {
        if (check->folders[i].verdict == VERDICT_OPEN) {
            return &check->folders[i];
        }
    }
    return NULL;
}

static void settle(struct check *check)
{
    struct tg_errand_options errand = {
        .cpu_seconds = CPU_SECONDS,
        .deadline_ms = DEADLINE_MS,
        .run = run,
        .on_record = on_record,
        .self = check,
    };

    for (struct folder *open = find_open(check); open; open = find_open(check)) {
        struct tg_errmsg msg = {0};
        int err = tg_errand_run(&errand, &msg);
        open = find_open(check);
        if (err && open) {
            open->verdict = VERDICT_FAULT;
            (void)tg_errmsg_set(&open->fault, err, "%s: loading failed: %s", open->path, msg.text);
        } else if (open) {
            open->verdict = VERDICT_FAULT;
            (void)tg_errmsg_set(&open->fault, TG_ERR_SCRIPT, "%s: it was not judged", open->path);
        }
    }
}

/* A fault may quote what stands in a file: it stays on its line and on the terminal's good side. */
static void print_line(FILE *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        unsigned char octet = (unsigned char)*at;
        (void)fputc(octet < ' ' || octet == 0x7f ? ' ' : octet, out);
    }
    (void)fputc('\n', out);
}

int tg_check_folders(const struct tg_config *config, const char *const *folders, uint32_t count,
                     FILE *out)
{
    struct check check = {.config = config, .count = count};
    int status = 0;

    check.folders = calloc(count, sizeof(*check.folders));
    if (!check.folders) {
        (void)fprintf(stderr, "tidegate: %s\n", tg_err_text(TG_ERR_NOMEM));
        return 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        check.folders[i].path = folders[i];
    }
    settle(&check);
    for (uint32_t i = 0; i < count; i++) {
        const struct folder *folder = &check.folders[i];
        if (folder->verdict == VERDICT_OK) {
            (void)fprintf(out, "%s: ok\n", folder->path);
        } else {
            print_line(out, folder->fault.text);
            status = 1;
        }
    }
    free(check.folders);
    return status;
}
