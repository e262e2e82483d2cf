/* SPDX-License-Identifier: MIT */
/* Every folder's fingerprint is taken, and with it the folder is watched before it is looked into,
 * so that nothing changes unheard. Where it is another one than what was acted on last, the content
 * is read until it has come to rest. */
#include "deployer/pass.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "deploy/entry_list.h"
#include "deploy/folder.h"
#include "deployer/fingerprint.h"
#include "deployer/telling.h"

static const char LOG_MODULE[] = "deployer";

enum { ROOT_ENTRIES_MAX = 1024 /* a root of more is at fault (deploy/folder.c) */ };

/* --- a folder --- */

struct watching {
    struct tg_watches *watches;
    uint64_t owner;
};

/* The fingerprint is about to go through this folder. */
static void on_folder(void *self, const char *path)
{
    const struct watching *watching = self;

    if (watching->watches) {
        tg_watches_add(watching->watches, path, watching->owner);
    }
}

static void read_content(const char *path, struct tg_sight *sight, struct tg_fault_list *faults)
{
    struct tg_bundle bundle;

    if (tg_folder_scan(path, &bundle, faults) == TG_OK) {
        memcpy(sight->generation, bundle.generation, sizeof(sight->generation));
    } else {
        sight->fault = tg_telling_hash(faults);
    }
    tg_bundle_fini(&bundle);
}

static void on_rest(struct tg_deployer *deployer, struct tg_roster_row *row,
                    const struct tg_sight *sight, const struct tg_fault_list *faults)
{
    const struct tg_live_gateway *live = tg_live_find(&deployer->live, row->name);

    row->judged = sight->fingerprint;
    row->is_due = false;
    row->is_path_taken = false;
    row->again_ms = 0;
    memcpy(row->content, sight->generation, sizeof(row->content));
    if (sight->fault) {
        if (faults->count > 0) {
            tg_telling_fault(deployer, row, faults, "");
        }
        return;
    }
    bool is_live = live && strcmp(live->generation, row->content) == 0;
    bool is_told = strcmp(row->told, row->content) == 0;
    if (is_live && (is_told || row->told[0] == '\0')) {
        tg_telling_cleared(deployer, row);
        memcpy(row->told, row->content, sizeof(row->told));
    } else {
        /* Live content too, where another was told since: it takes that one's place. */
        row->is_due = !is_told;
    }
}

static void warn_of_unrest(const struct tg_roster_row *row)
{
    char quoted[PATH_MAX];

    TG_LOG_WARN("a gateway's folder does not come to rest", "gateway=%s waited_ms=%d",
                tg_log_quote(quoted, sizeof(quoted), tg_str_of(row->name)), TG_SETTLE_PATIENCE_MS);
}

static bool is_to_be_read(const struct tg_roster_row *row, uint64_t fingerprint, uint64_t now_ms)
{
    const struct tg_settle *settle = &row->settle;

    if (!settle->is_moving) {
        return fingerprint != row->judged;
    }
    return settle->is_stirred || fingerprint != settle->last.fingerprint ||
           now_ms >= tg_settle_due_ms(settle);
}

static void look_at(struct tg_deployer *deployer, struct tg_roster_row *row)
{
    char path[PATH_MAX];
    struct tg_fault_list faults = {.count = 0};
    struct watching watching = {deployer->watches, row->owner};

    row->is_there = true;
    tg_absence_forget(&row->absence);
    if (!tg_deployer_path(deployer, row->name, path, sizeof(path))) {
        return; /* the root's own path is as long as a path may be: tg_folder_list has failed */
    }
    struct tg_sight sight = {.fingerprint = tg_fingerprint_take(path, on_folder, &watching)};
    if (!is_to_be_read(row, sight.fingerprint, tg_deployer_now_ms())) {
        return;
    }
    read_content(path, &sight, &faults);
    switch (tg_settle_look(&row->settle, &sight, tg_deployer_now_ms())) {
    case TG_SETTLE_WAIT:
        break;
    case TG_SETTLE_LATE:
        warn_of_unrest(row);
        break;
    case TG_SETTLE_REST:
        on_rest(deployer, row, &sight, &faults);
        row->has_rested = true;
        break;
    }
}

/* --- folders that are missing --- */

/* It was away for long enough. */
static void on_gone(struct tg_deployer *deployer, struct tg_roster_row *row)
{
    bool is_live = tg_live_find(&deployer->live, row->name) != NULL;

    row->content[0] = '\0';
    if (is_live || row->told[0] != '\0' || tg_live_is_removed(deployer->options->page, row->name)) {
        tg_telling_gone(deployer, row);
    }
    if (row->fault) {
        tg_telling_cleared(deployer, row);
    }
    if (deployer->judging == row) {
        deployer->judging = NULL;
    }
}

static void look_for_missing(struct tg_deployer *deployer)
{
    uint64_t after_ms = deployer->options->config->deploy_remove_after_ms;

    for (uint32_t i = 0; i < deployer->live.count; i++) {
        (void)tg_roster_need(&deployer->roster, deployer->live.gateways[i].name);
    }
    for (uint32_t i = deployer->roster.count; i > 0; i--) {
        struct tg_roster_row *row = deployer->roster.rows[i - 1];
        if (row->is_there) {
            continue;
        }
        row->settle = (struct tg_settle){.is_moving = false};
        row->judged = 0;
        row->is_due = false;
        if (tg_absence_miss(&row->absence, tg_deployer_now_ms(), after_ms)) {
            on_gone(deployer, row);
            tg_roster_forget(&deployer->roster, i - 1);
        }
    }
}

/* --- the root --- */

bool tg_pass_has_root_changed(const struct tg_deployer *deployer)
{
    struct stat status;
    bool is_there = stat(deployer->options->config->gateways, &status) == 0;
    bool was_there = deployer->root_inode != 0;

    return is_there != was_there || (is_there && (status.st_dev != deployer->root_device ||
                                                  status.st_ino != deployer->root_inode));
}

static void note_root(struct tg_deployer *deployer)
{
    struct stat status;
    bool is_there = stat(deployer->options->config->gateways, &status) == 0;

    deployer->root_device = is_there ? status.st_dev : 0;
    deployer->root_inode = is_there ? status.st_ino : 0;
}

/* Of folders that are not seen nothing is known. */
static void on_root_fault(struct tg_deployer *deployer, const char *text)
{
    char quoted[TG_ERRMSG_BYTES * 2];

    if (!deployer->has_told_root || strcmp(deployer->root_fault, text) != 0) {
        TG_LOG_ERROR("the gateways' root is in no order, nothing is removed", "reason=%s",
                     tg_log_quote(quoted, sizeof(quoted), tg_str_of(text)));
    }
    tg_telling_root(deployer, text);
    for (uint32_t i = 0; i < deployer->roster.count; i++) {
        struct tg_roster_row *row = deployer->roster.rows[i];
        /* One that was moving isn't awaited; it moves again when it is seen and is another. */
        row->settle = (struct tg_settle){.is_moving = false};
        tg_absence_forget(&row->absence);
    }
}

static void on_root(struct tg_deployer *deployer)
{
    char quoted[TG_ERRMSG_BYTES * 2];

    if (deployer->root_fault[0] != '\0') {
        TG_LOG_INFO(
            "the gateways' root is in order again", "root=%s",
            tg_log_quote(quoted, sizeof(quoted), tg_str_of(deployer->options->config->gateways)));
    }
    tg_telling_root(deployer, "");
}

static int list_root(struct tg_deployer *deployer, char ***names, uint32_t *count,
                     struct tg_errmsg *msg)
{
    const char *root = deployer->options->config->gateways;
    int err = tg_folder_list(root, names, count, msg);

    if (err || !tg_absence_is_loss(*count, deployer->live.count)) {
        return err;
    }
    tg_folder_free_names(*names, *count);
    return tg_errmsg_set(msg, TG_ERR_NOT_FOUND,
                         "%s: no gateway is in it any more, and %u live from it", root,
                         deployer->live.count);
}

/* All folders, also those without a gateway.lua: it may come later, and one that is put in the
 * place of another (git removes the old one first) must not go unheard in between. */
static void watch_folders(struct tg_deployer *deployer)
{
    const char *root = deployer->options->config->gateways;
    struct tg_entry_list entries;
    char path[PATH_MAX];
    int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0) {
        return; /* list_root says why */
    }
    if (tg_entry_list_read(&entries, folder, ROOT_ENTRIES_MAX) == TG_OK) {
        for (uint32_t i = 0; i < entries.count; i++) {
            bool may_be_folder =
                entries.items[i].kind == TG_ENTRY_FOLDER || entries.items[i].kind == TG_ENTRY_LINK;
            if (may_be_folder &&
                tg_deployer_path(deployer, entries.items[i].name, path, sizeof(path))) {
                tg_watches_add(deployer->watches, path, 0);
            }
        }
        tg_entry_list_fini(&entries);
    }
    (void)close(folder);
}

static void look_at_all(struct tg_deployer *deployer, char **names, uint32_t count)
{
    for (uint32_t i = 0; i < deployer->roster.count; i++) {
        deployer->roster.rows[i]->is_there = false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct tg_roster_row *row = tg_roster_need(&deployer->roster, names[i]);
        if (row) {
            look_at(deployer, row);
        }
    }
    look_for_missing(deployer);
}

static void say_if_short(struct tg_deployer *deployer)
{
    bool is_short = deployer->watches && tg_watches_is_short(deployer->watches);

    if (is_short && !deployer->is_polling) {
        TG_LOG_WARN("the kernel watches not all folders, they are looked at now and then",
                    "most=%d", TG_WATCHES_MAX);
    }
    deployer->is_polling = !deployer->watches || is_short;
}

void tg_pass_run(struct tg_deployer *deployer)
{
    uint64_t started_ms = tg_deployer_now_ms();
    struct tg_errmsg msg = {0};
    char **names = NULL;
    uint32_t count = 0;

    deployer->is_dirty = false;
    tg_live_read(deployer->options->page, &deployer->live);
    note_root(deployer);
    if (deployer->watches) {
        tg_watches_begin(deployer->watches);
        tg_watches_add(deployer->watches, deployer->options->config->gateways, 0);
        watch_folders(deployer);
    }
    if (list_root(deployer, &names, &count, &msg) != TG_OK) {
        on_root_fault(deployer, msg.text);
    } else {
        on_root(deployer);
        look_at_all(deployer, names, count);
        tg_folder_free_names(names, count);
    }
    if (deployer->watches) {
        tg_watches_end(deployer->watches);
    }
    say_if_short(deployer);
    deployer->passed_ms = tg_deployer_now_ms();
    deployer->pass_took_ms = deployer->passed_ms - started_ms;
}
