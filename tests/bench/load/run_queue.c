/* SPDX-License-Identifier: MIT */
#include "run_queue.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOOK_NS = 1000000 };

/* "ran waited times": the second one. */
static bool read_waited(int fd, uint64_t *waited_ns)
{
    char text[96];
    ssize_t length = pread(fd, text, sizeof text - 1, 0);

    if (length <= 0) {
        return false;
    }
    text[length] = '\0';
    char *ran_end = NULL;
    char *waited_end = NULL;
    (void)strtoull(text, &ran_end, 10);
    *waited_ns = strtoull(ran_end, &waited_end, 10);
    return ran_end != text && waited_end != ran_end;
}

static bool add(struct tg_run_queue *queue, const char *path)
{
    uint64_t waited_ns = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && read_waited(fd, &waited_ns)) {
        queue->fds[queue->count++] = fd;
        return true;
    }
    fprintf(stderr, "wsload: %s can't be read\n", path);
    if (fd >= 0) {
        close(fd);
    }
    return false;
}

bool tg_run_queue_init(struct tg_run_queue *queue, const struct tg_process_list *servers)
{
    char path[64];

    queue->count = 0;
    queue->taken = 0;
    if (servers->count > TG_RUN_QUEUE_PROCESSES) {
        fprintf(stderr, "wsload: more than %d servers\n", (int)TG_RUN_QUEUE_PROCESSES);
        return false;
    }
    bool is_good = add(queue, "/proc/self/schedstat");
    for (size_t i = 0; is_good && i < servers->count; i++) {
        snprintf(path, sizeof path, "/proc/%ld/schedstat", (long)servers->pids[i]);
        is_good = add(queue, path);
    }
    if (!is_good) {
        tg_run_queue_fini(queue);
    }
    return is_good;
}

void tg_run_queue_fini(struct tg_run_queue *queue)
{
    while (queue->count > 0) {
        close(queue->fds[--queue->count]);
    }
}

static const struct tg_run_queue_sample *sample_of(const struct tg_run_queue *queue, uint64_t index)
{
    return &queue->samples[index % TG_RUN_QUEUE_SAMPLES];
}

void tg_run_queue_look(struct tg_run_queue *queue, uint64_t now_ns, bool is_needed)
{
    const struct tg_run_queue_sample *last = sample_of(queue, queue->taken - 1);

    if (queue->taken > 0 &&
        (last->at_ns >= now_ns || (!is_needed && now_ns - last->at_ns < LOOK_NS))) {
        return;
    }
    struct tg_run_queue_sample *sample = &queue->samples[queue->taken % TG_RUN_QUEUE_SAMPLES];
    for (size_t i = 0; i < queue->count; i++) {
        uint64_t waited_ns = 0;
        /* One that has ended waits no more; the load notices that it is gone. */
        bool is_read = read_waited(queue->fds[i], &waited_ns);
        sample->waited_ns[i] = is_read ? waited_ns : queue->taken > 0 ? last->waited_ns[i] : 0;
    }
    sample->at_ns = now_ns;
    queue->taken++;
}

uint64_t tg_run_queue_waited(const struct tg_run_queue *queue, uint64_t from_ns, uint64_t to_ns)
{
    uint64_t oldest = queue->taken > TG_RUN_QUEUE_SAMPLES ? queue->taken - TG_RUN_QUEUE_SAMPLES : 0;
    uint64_t last = queue->taken;
    uint64_t most_ns = 0;

    while (last > oldest && sample_of(queue, last - 1)->at_ns > to_ns) {
        last--;
    }
    uint64_t first = last;
    while (first > oldest && sample_of(queue, first - 1)->at_ns >= from_ns) {
        first--;
    }
    if (last - first < 2) {
        return 0;
    }
    const struct tg_run_queue_sample *from = sample_of(queue, first);
    const struct tg_run_queue_sample *to = sample_of(queue, last - 1);
    for (size_t i = 1; i < queue->count; i++) {
        uint64_t waited_ns = to->waited_ns[i] - from->waited_ns[i];
        most_ns = waited_ns > most_ns ? waited_ns : most_ns;
    }
    return most_ns + (to->waited_ns[0] - from->waited_ns[0]);
}
