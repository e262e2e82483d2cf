/* SPDX-License-Identifier: MIT */
#include "process_list.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool tg_process_list_parse(struct tg_process_list *list, const char *text)
{
    list->count = 0;
    for (;;) {
        char *end = NULL;
        errno = 0;
        long pid = strtol(text, &end, 10);
        if (end == text || errno != 0 || pid <= 0 || pid > INT_MAX) {
            return false;
        }
        if (list->count == TG_PROCESS_LIST_MAX) {
            return false;
        }
        list->pids[list->count++] = (pid_t)pid;
        if (*end == '\0') {
            return true;
        }
        if (*end != ',') {
            return false;
        }
        text = end + 1;
    }
}

/* A number at the start of text, followed by a blank. */
static bool read_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return end != text && *end == ' ' && errno == 0;
}

static bool read_run_time(const char *path, uint64_t *run_ns)
{
    char line[128];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    bool is_read = fgets(line, sizeof line, file) != NULL && read_number(line, run_ns);
    fclose(file);
    return is_read;
}

static bool add_process(pid_t pid, uint64_t *cpu_ns)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL) {
        return false;
    }
    const struct dirent *task;
    while ((task = readdir(tasks)) != NULL) {
        char stat_path[384];
        uint64_t run_ns = 0;
        if (task->d_name[0] == '.') {
            continue;
        }
        snprintf(stat_path, sizeof stat_path, "%s/%s/schedstat", path, task->d_name);
        /* A thread may end between the two reads; its process may not. */
        if (read_run_time(stat_path, &run_ns)) {
            *cpu_ns += run_ns;
        }
    }
    closedir(tasks);
    return true;
}

bool tg_process_list_cpu(const struct tg_process_list *list, uint64_t *cpu_ns)
{
    *cpu_ns = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!add_process(list->pids[i], cpu_ns)) {
            return false;
        }
    }
    return true;
}

bool tg_process_list_rss(pid_t pid, uint64_t *rss_bytes)
{
    char path[64];
    char line[256];
    static const char rss_key[] = "Rss:";
    bool is_found = false;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    while (!is_found && fgets(line, sizeof line, file) != NULL) {
        uint64_t kib = 0;
        if (strncmp(line, rss_key, sizeof rss_key - 1) == 0 &&
            read_number(line + sizeof rss_key - 1, &kib)) {
            *rss_bytes = kib * 1024;
            is_found = true;
        }
    }
    fclose(file);
    return is_found;
}
