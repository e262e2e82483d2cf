/* SPDX-License-Identifier: MIT */
/* The tests' program tidegate_halts is the product, but for this: the process named in HALT_PROCESS
 * (as in /proc/PID/comm) stops at the point named in HALT_POINT, once: by making the file
 * HALT_MARK it says that it did, and where the file is, nobody stops any more. */
#include "core/test_point.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

void tg_test_point(const char *name)
{
    const char *process = getenv("HALT_PROCESS");
    const char *point = getenv("HALT_POINT");
    const char *mark = getenv("HALT_MARK");
    char own[16] = "";

    (void)prctl(PR_GET_NAME, own);
    if (!process || !point || !mark || strcmp(own, process) != 0 || strcmp(name, point) != 0) {
        return;
    }
    int fd = open(mark, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)close(fd);
        (void)raise(SIGSTOP);
    }
}
