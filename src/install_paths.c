/* SPDX-License-Identifier: MIT */
#include "install_paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const above[] = {"", "/.."};

/* Whether root/below/file is there; then path is root/below, without links or "..". */
static bool find(char path[PATH_MAX], const char *root, const char *below, const char *file)
{
    char folder[PATH_MAX];
    char whole[PATH_MAX];

    int length = snprintf(folder, sizeof(folder), "%s%s", root, below);
    if (length < 0 || (size_t)length >= sizeof(folder)) {
        return false;
    }
    length = snprintf(whole, sizeof(whole), "%s/%s", folder, file);
    return length > 0 && (size_t)length < sizeof(whole) && access(whole, R_OK) == 0 &&
           realpath(folder, path);
}

int tg_install_paths_find(struct tg_install_paths *paths, struct tg_errmsg *msg)
{
    char program[PATH_MAX];
    char root[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

    if (length <= 0) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "/proc/self/exe can't be read");
    }
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    *(slash ? slash : program) = '\0';
    for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++) {
        int written = snprintf(root, sizeof(root), "%s%s", program, above[i]);
        if (written > 0 && (size_t)written < sizeof(root) &&
            find(paths->lua, root, "/" TG_KIT_LUA, "tidegate/kit.lua") &&
            find(paths->modules, root, "/" TG_KIT_MODULES, "tidegate/kit/core.so")) {
            return TG_OK;
        }
    }
    return tg_errmsg_set(
        msg, TG_ERR_NOT_FOUND,
        "the test kit isn't installed: neither %s nor the directory above it has " TG_KIT_LUA
        "/tidegate/kit.lua and " TG_KIT_MODULES "/tidegate/kit/core.so",
        program);
}
