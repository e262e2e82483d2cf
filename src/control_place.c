/* SPDX-License-Identifier: MIT */
#include "control_place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"

enum { FOLDER_MODE = 0700, OTHERS_WRITE = 0022, OTHERS = 0077 };

/* The file in that folder. False: the path is too long. */
static bool add(struct tg_control_places *places, struct tg_str folder, const char *name)
{
    struct tg_control_place *place = &places->items[places->count];
    int length = snprintf(place->path, sizeof(place->path), "%.*s%s", TG_STR_ARGS(folder), name);

    if (length < 0 || (size_t)length >= sizeof(place->path)) {
        return false;
    }
    places->count++;
    return true;
}

/* An absolute path out of the environment, up to a colon (systemd lists several); at NULL: none. */
static struct tg_str folder_of(const char *variable)
{
    const char *value = getenv(variable);

    if (!value || value[0] != '/') {
        return tg_str(NULL, 0);
    }
    size_t length = strcspn(value, ":");
    return length < TG_CONTROL_PLACE_MAX ? tg_str(value, length) : tg_str(NULL, 0);
}

static void add_automatic(struct tg_control_places *places, uid_t uid)
{
    struct tg_str runtime = folder_of("RUNTIME_DIRECTORY");
    struct tg_str session = folder_of("XDG_RUNTIME_DIR");
    char own[48];

    if (runtime.at) {
        (void)add(places, runtime, "/control.sock");
    }
    if (add(places, TG_STR("/run/tidegate"), "/control.sock")) {
        places->items[places->count - 1].makes_folder = true;
    }
    if (session.at) {
        (void)add(places, session, "/tidegate.sock");
    }
    (void)snprintf(own, sizeof(own), "/tmp/tidegate-%" PRIuMAX, (uintmax_t)uid);
    if (add(places, tg_str_of(own), "/control.sock")) {
        places->items[places->count - 1].makes_folder = true;
        places->items[places->count - 1].is_private = true;
    }
}

int tg_control_place_list(struct tg_control_places *places, const char *setting, uid_t uid,
                          struct tg_errmsg *msg)
{
    *places = (struct tg_control_places){0};
    if (strcmp(setting, "off") == 0) {
        places->is_off = true;
        return TG_OK;
    }
    if (strcmp(setting, "auto") == 0) {
        add_automatic(places, uid);
        return TG_OK;
    }
    places->is_chosen = true;
    if (!add(places, tg_str_of(setting), "")) {
        return tg_errmsg_set(msg, TG_ERR_TOO_LARGE,
                             "deploy.socket: expected a path of at most %d octets",
                             (int)TG_CONTROL_PLACE_MAX - 1);
    }
    return TG_OK;
}

/* The directory that the path is in. */
static void cut_folder(const struct tg_control_place *place, char folder[TG_CONTROL_PLACE_MAX])
{
    const char *slash = strrchr(place->path, '/');
    size_t length = slash ? (size_t)(slash - place->path) : 0;

    memcpy(folder, place->path, length);
    folder[length] = '\0';
}

static int judge(const struct tg_control_place *place, bool takes_any_owner, uid_t uid,
                 struct tg_errmsg *msg)
{
    char folder[TG_CONTROL_PLACE_MAX];
    struct stat found;

    cut_folder(place, folder);
    /* Where everybody may write, a link is somebody's trick. */
    int failed = place->is_private ? lstat(folder, &found) : stat(folder, &found);
    if (failed) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", folder, strerror(errno));
    }
    if (!S_ISDIR(found.st_mode)) {
        return tg_errmsg_set(msg, TG_ERR_DENIED, "%s: no directory", folder);
    }
    bool is_ours = found.st_uid == uid || (!place->is_private && found.st_uid == 0);
    if (!is_ours && (!takes_any_owner || place->is_private)) {
        return tg_errmsg_set(msg, TG_ERR_DENIED, "%s: it belongs to somebody else", folder);
    }
    mode_t wrong = place->is_private ? OTHERS : OTHERS_WRITE;
    if (found.st_mode & wrong) {
        return tg_errmsg_set(msg, TG_ERR_DENIED, "%s: it is open to others (mode %04o)", folder,
                             (unsigned)(found.st_mode & 07777));
    }
    return TG_OK;
}

int tg_control_place_judge(const struct tg_control_place *place, uid_t uid, struct tg_errmsg *msg)
{
    /* Root gave the directories of services to those who own them. */
    return judge(place, uid == 0, uid, msg);
}

int tg_control_place_prepare(const struct tg_control_place *place, uid_t uid, struct tg_errmsg *msg)
{
    char folder[TG_CONTROL_PLACE_MAX];

    cut_folder(place, folder);
    if (place->makes_folder && mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", folder, strerror(errno));
    }
    return judge(place, false, uid, msg);
}
