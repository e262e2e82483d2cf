/* SPDX-License-Identifier: MIT */
/* One folder's busted writes to our own standard output. Of several, each writes into a memory file
 * that is copied out when it has ended, in the order of the folders, so that nothing mixes. */
#include "spec_run.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "install_paths.h"
#include "spec_watch.h"

enum { ARGUMENTS_MAX = TG_SPEC_PASSED_MAX + 16, LIST_BYTES = 4 * PATH_MAX, NOT_FOUND = 127 };

struct spec_runner {
    const struct tg_spec_options *options;
    struct tg_install_paths paths;
    char busted[PATH_MAX];
    char *folders[TG_SPEC_FOLDERS_MAX]; /* owned */
    uint32_t folder_count;
    pid_t pids[TG_SPEC_FOLDERS_MAX]; /* 0: not running */
    int outputs[TG_SPEC_FOLDERS_MAX];
};

/* --- which folders --- */

static bool has_file(const char *folder, const char *file)
{
    char path[PATH_MAX];
    struct stat about;
    int length = snprintf(path, sizeof(path), "%s/%s", folder, file);

    return length > 0 && (size_t)length < sizeof(path) && stat(path, &about) == 0;
}

static int add_folder(struct spec_runner *runner, const char *folder, struct tg_errmsg *msg)
{
    if (runner->folder_count == TG_SPEC_FOLDERS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "more than %d folders", TG_SPEC_FOLDERS_MAX);
    }
    char *copy = strdup(folder);
    if (!copy) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--) {
        copy[length - 1] = '\0';
    }
    runner->folders[runner->folder_count++] = copy;
    return TG_OK;
}

/* A folder that was named must be one to test. */
static int add_named(struct spec_runner *runner, const char *folder, struct tg_errmsg *msg)
{
    if (!has_file(folder, "gateway.lua")) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "%s: no gateway folder, it has no gateway.lua",
                             folder);
    }
    if (!has_file(folder, "spec")) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "%s: no specs, it has no folder spec", folder);
    }
    return add_folder(runner, folder, msg);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Every folder of the gateways directory that has specs. */
static int add_all(struct spec_runner *runner, const char *gateways, struct tg_errmsg *msg)
{
    struct dirent **entries = NULL;
    int count = scandir(gateways, &entries, is_visible, alphasort);
    int err = TG_OK;

    if (count < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", gateways, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof(path), "%s/%s", gateways, entries[i]->d_name);
        if (!err && length > 0 && (size_t)length < sizeof(path) && has_file(path, "gateway.lua") &&
            has_file(path, "spec")) {
            err = add_folder(runner, path, msg);
        }
        free(entries[i]);
    }
    free(entries);
    if (!err && runner->folder_count == 0) {
        err = tg_errmsg_set(msg, TG_ERR_NOT_FOUND,
                            "%s: no folder in it has a gateway.lua and specs", gateways);
    }
    return err;
}

static int find_folders(struct spec_runner *runner, const char *gateways, struct tg_errmsg *msg)
{
    int err = TG_OK;

    for (uint32_t i = 0; !err && i < runner->options->folder_count; i++) {
        err = add_named(runner, runner->options->folders[i], msg);
    }
    if (err || runner->folder_count > 0) {
        return err;
    }
    return has_file(".", "gateway.lua") ? add_named(runner, ".", msg)
                                        : add_all(runner, gateways, msg);
}

/* --- busted --- */

/* LuaJIT is given the script itself: its first line names whatever lua there is. */
static int find_busted(struct spec_runner *runner, struct tg_errmsg *msg)
{
    const char *path = getenv("PATH");
    struct tg_str rest = tg_str_of(path ? path : "/usr/bin:/bin");

    while (rest.at) {
        struct tg_str directory = tg_str_split(&rest, ':');
        int length =
            snprintf(runner->busted, sizeof(runner->busted), "%.*s/busted", TG_STR_ARGS(directory));
        if (directory.length > 0 && length > 0 && (size_t)length < sizeof(runner->busted) &&
            access(runner->busted, X_OK) == 0) {
            return TG_OK;
        }
    }
    return tg_errmsg_set(msg, TG_ERR_NOT_FOUND,
                         "busted is not installed (Debian's packages: lua-busted luajit)");
}

/* What "." and links are really called. */
static const char *name_of(const char *folder, char whole[PATH_MAX])
{
    return realpath(folder, whole) ? strrchr(whole, '/') + 1 : folder;
}

/* Makes the directory, and sees that no folder's file takes another one's place. */
static int prepare_coverage(const struct spec_runner *runner, struct tg_errmsg *msg)
{
    const char *directory = runner->options->coverage;
    char wholes[2][PATH_MAX];

    if (directory && mkdir(directory, 0777) != 0 && errno != EEXIST) {
        return tg_errmsg_set(msg, TG_ERR_IO, "--coverage: %s: %s", directory, strerror(errno));
    }
    for (uint32_t i = 0; directory && i < runner->folder_count; i++) {
        const char *name = name_of(runner->folders[i], wholes[0]);
        for (uint32_t j = i + 1; j < runner->folder_count; j++) {
            if (strcmp(name, name_of(runner->folders[j], wholes[1])) == 0) {
                return tg_errmsg_set(msg, TG_ERR_EXISTS,
                                     "--coverage: %s and %s would both be written to %s/%s.lcov",
                                     runner->folders[i], runner->folders[j], directory, name);
            }
        }
    }
    return TG_OK;
}

static void set_coverage(const struct spec_runner *runner, const char *folder)
{
    char file[PATH_MAX];
    char whole[PATH_MAX];

    (void)unsetenv("TIDEGATE_COVERAGE");
    if (runner->options->coverage) {
        (void)snprintf(file, sizeof(file), "%s/%s.lcov", runner->options->coverage,
                       name_of(folder, whole));
        (void)setenv("TIDEGATE_COVERAGE", file, 1);
    }
}

/* In the child. */
__attribute__((noreturn)) static void run_busted(const struct spec_runner *runner,
                                                 const char *folder)
{
    char lua_list[LIST_BYTES];
    char module_list[LIST_BYTES];
    char specs[PATH_MAX + 8];
    char *arguments[ARGUMENTS_MAX];
    char busted[PATH_MAX];
    uint32_t count = 0;

    (void)snprintf(lua_list, sizeof(lua_list), "--lpath=%s/?.lua;%s/?/init.lua;%s/?.lua", folder,
                   folder, runner->paths.lua);
    (void)snprintf(module_list, sizeof(module_list), "--cpath=%s/?.so", runner->paths.modules);
    (void)snprintf(specs, sizeof(specs), "%s/spec", folder);
    (void)snprintf(busted, sizeof(busted), "%s", runner->busted);
    char luajit[] = "luajit";
    char ignore[] = "--ignore-lua";
    char *const own[] = {luajit, busted, ignore, lua_list, module_list};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        arguments[count++] = own[i];
    }
    for (uint32_t i = 0; i < runner->options->passed_count; i++) {
        arguments[count++] = strdup(runner->options->passed[i]);
    }
    arguments[count++] = specs;
    arguments[count] = NULL;
    set_coverage(runner, folder);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execvp(luajit, arguments);
    (void)fprintf(stderr, "tidegate: luajit can't be run: %s (Debian's package: luajit)\n",
                  strerror(errno));
    _exit(NOT_FOUND);
}

static int start(struct spec_runner *runner, uint32_t index, struct tg_errmsg *msg)
{
    bool is_alone = runner->folder_count == 1;
    int output = is_alone ? -1 : memfd_create("busted", MFD_CLOEXEC);
    pid_t parent = getpid();

    if (!is_alone && output < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "memfd_create: %s", strerror(errno));
    }
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        int cause = errno;
        (void)close(output);
        return tg_errmsg_set(msg, TG_ERR_IO, "fork: %s", strerror(cause));
    }
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) {
            _exit(1);
        }
        if (output >= 0) {
            (void)dup2(output, STDOUT_FILENO);
            (void)dup2(output, STDERR_FILENO);
        }
        run_busted(runner, runner->folders[index]);
    }
    runner->pids[index] = pid;
    runner->outputs[index] = output;
    return TG_OK;
}

static void copy_out(int output)
{
    char piece[4096];
    ssize_t got;

    (void)lseek(output, 0, SEEK_SET);
    while ((got = read(output, piece, sizeof(piece))) > 0) {
        (void)fwrite(piece, 1, (size_t)got, stdout);
    }
    (void)close(output);
}

/* busted's exit status is how many failed; a signal counts as the shell would have it. */
static int wait_for(struct spec_runner *runner, uint32_t index)
{
    int status = 0;

    while (waitpid(runner->pids[index], &status, 0) < 0 && errno == EINTR) {
    }
    runner->pids[index] = 0;
    if (runner->outputs[index] >= 0) {
        (void)printf("%s\n", runner->folders[index]);
        copy_out(runner->outputs[index]);
        (void)fflush(stdout);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* As many side by side as there are processors. */
static int run_all(struct spec_runner *runner, struct tg_errmsg *msg)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t width = processors > 1 ? (uint32_t)processors : 1;
    uint32_t started = 0;
    int highest = 0;
    int err = TG_OK;

    for (uint32_t done = 0; done < runner->folder_count; done++) {
        while (!err && started < runner->folder_count && started < done + width) {
            err = start(runner, started++, msg);
        }
        if (runner->pids[done] > 0) {
            int status = wait_for(runner, done);
            highest = status > highest ? status : highest;
        }
    }
    return err ? -1 : highest;
}

static int watch(struct spec_runner *runner, struct tg_errmsg *msg)
{
    uint64_t seen = tg_spec_watch_sum(runner->folders, runner->folder_count);
    int status = run_all(runner, msg);

    while (status >= 0) {
        (void)printf("waiting for a change ...\n");
        (void)fflush(stdout);
        seen = tg_spec_watch_wait(runner->folders, runner->folder_count, seen);
        status = run_all(runner, msg);
    }
    return status;
}

int tg_spec_run(const struct tg_spec_options *options, const char *gateways, struct tg_errmsg *msg)
{
    struct spec_runner runner = {.options = options};
    int status = -1;

    if (tg_install_paths_find(&runner.paths, msg) == TG_OK && find_busted(&runner, msg) == TG_OK &&
        find_folders(&runner, gateways, msg) == TG_OK && prepare_coverage(&runner, msg) == TG_OK) {
        status = options->is_watching ? watch(&runner, msg) : run_all(&runner, msg);
    }
    for (uint32_t i = 0; i < runner.folder_count; i++) {
        free(runner.folders[i]);
    }
    return status;
}
