/* SPDX-License-Identifier: MIT */
#include "deployer/telling.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "deploy/bundle_file.h"

static const char LOG_MODULE[] = "deployer";

enum { PATIENCE_MS = 2000, ROUND_MS = 100 };

/* Nothing can be told any more: whoever comes next begins with a look at everything. */
static void give_up(struct tg_deployer *deployer, int err)
{
    TG_LOG_ERROR("the supervisor takes nothing more", "error=\"%s\"", tg_err_text(err));
    deployer->is_done = true;
    deployer->status = 1;
}

static void send(struct tg_deployer *deployer, const struct tg_deploy_note *note, int fd)
{
    uint64_t due_ms = tg_deployer_now_ms() + PATIENCE_MS;
    int err = TG_ERR_FULL;

    if (deployer->is_done) {
        return; /* nobody is told any more, which is no fault when all leave */
    }
    while (err == TG_ERR_FULL) {
        err = tg_deploy_link_send(deployer->options->control, note, fd);
        if (err == TG_ERR_FULL) {
            struct pollfd room = {.fd = deployer->options->control, .events = POLLOUT};
            (void)poll(&room, 1, ROUND_MS);
            if (tg_deployer_now_ms() >= due_ms) {
                break;
            }
        }
    }
    if (err) {
        give_up(deployer, err);
    }
}

/* The folder's name as it may be shown, cut between characters. */
static void put_name(struct tg_deploy_note *note, const char *name)
{
    struct tg_fault clean;

    tg_fault_set(&clean, TG_FAULT_SCAN, tg_str_of(name), 0, "%s", "");
    size_t length = strlen(clean.file);
    if (length >= sizeof(note->name)) {
        length = sizeof(note->name) - 1;
        while (length > 0 && ((unsigned char)clean.file[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    memcpy(note->name, clean.file, length);
    note->name[length] = '\0';
}

uint64_t tg_telling_hash(const struct tg_fault_list *faults)
{
    uint64_t hash = 0;

    for (uint32_t i = 0; i < faults->count; i++) {
        char line[TG_FAULT_LINE_BYTES];
        (void)tg_fault_line(&faults->items[i], line, sizeof(line));
        uint64_t both[2] = {hash, tg_hash(line, strlen(line))};
        hash = tg_hash(both, sizeof(both));
    }
    return hash | 1;
}

void tg_telling_fault(struct tg_deployer *deployer, struct tg_roster_row *row,
                      const struct tg_fault_list *faults, const char *generation)
{
    struct tg_deploy_note note = {.kind = TG_DEPLOY_FAULT, .fault = faults->items[0]};
    uint64_t hash = tg_telling_hash(faults);
    uint32_t more = faults->count + faults->left_out - 1;

    row->told[0] = '\0';
    if (row->fault == hash) {
        return;
    }
    row->fault = hash;
    put_name(&note, row->name);
    (void)snprintf(note.generation, sizeof(note.generation), "%s", generation);
    if (more > 0 && note.fault.hint[0] == '\0') {
        tg_fault_hint(&note.fault, "and %u more: tidegate check tells all", more);
    }
    send(deployer, &note, -1);
}

void tg_telling_cleared(struct tg_deployer *deployer, struct tg_roster_row *row)
{
    struct tg_deploy_note note = {.kind = TG_DEPLOY_FAULT};
    const struct tg_live_gateway *live = tg_live_find(&deployer->live, row->name);

    /* What the deployer before told may be under way still. */
    if (row->fault == 0 && row->has_rested && !(live && live->has_fault)) {
        return;
    }
    row->fault = 0;
    put_name(&note, row->name);
    (void)snprintf(note.generation, sizeof(note.generation), "%s", row->content);
    send(deployer, &note, -1);
}

int tg_telling_candidate(struct tg_deployer *deployer, struct tg_roster_row *row,
                         const struct tg_bundle *bundle)
{
    struct tg_deploy_note note = {.kind = TG_DEPLOY_CANDIDATE};
    struct tg_errmsg msg = {0};
    char quoted[TG_ERRMSG_BYTES * 2];
    int fd = -1;
    int err = tg_bundle_file_seal(bundle, &fd, &msg);

    if (err) {
        TG_LOG_ERROR("a gateway can't be given on", "gateway=%s reason=%s", bundle->name,
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg.text)));
        return err;
    }
    const struct tg_live_gateway *live = tg_live_find(&deployer->live, row->name);
    if (row->fault != 0 || (live && strcmp(live->generation, bundle->generation) == 0)) {
        tg_telling_cleared(deployer, row);
    }
    put_name(&note, bundle->name);
    (void)snprintf(note.generation, sizeof(note.generation), "%s", bundle->generation);
    (void)snprintf(row->told, sizeof(row->told), "%s", bundle->generation);
    send(deployer, &note, fd);
    (void)close(fd);
    return TG_OK;
}

void tg_telling_gone(struct tg_deployer *deployer, const struct tg_roster_row *row)
{
    struct tg_deploy_note note = {.kind = TG_DEPLOY_GONE};

    put_name(&note, row->name);
    send(deployer, &note, -1);
}

void tg_telling_root(struct tg_deployer *deployer, const char *text)
{
    struct tg_deploy_note note = {.kind = TG_DEPLOY_ROOT};
    struct tg_fault clean;

    tg_fault_set(&clean, TG_FAULT_SCAN, tg_str("", 0), 0, "%s", text);
    if (deployer->has_told_root && strcmp(clean.text, deployer->root_fault) == 0) {
        return;
    }
    deployer->has_told_root = true;
    memcpy(deployer->root_fault, clean.text, sizeof(deployer->root_fault));
    memcpy(note.text, clean.text, sizeof(note.text));
    send(deployer, &note, -1);
}

void tg_telling_scanned(struct tg_deployer *deployer)
{
    const struct tg_deploy_note note = {.kind = TG_DEPLOY_SCANNED, .sequence = deployer->sequence};

    send(deployer, &note, -1);
}
