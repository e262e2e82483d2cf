/* SPDX-License-Identifier: MIT */
#include "worker/orphan.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What the signal handler touches; written before it is installed. */
static struct {
    volatile sig_atomic_t patience_s;
} state;

/* The parent has died. SIGALRM is never handled: it ends the process whatever the script does. */
static void on_orphaned(int number)
{
    (void)number;
    (void)alarm((unsigned)state.patience_s);
    (void)raise(SIGTERM);
}

void tg_orphan_watch(uint64_t patience_ms)
{
    struct sigaction action = {.sa_handler = on_orphaned, .sa_flags = SA_RESTART};

    state.patience_s = (sig_atomic_t)((patience_ms + 999) / 1000);
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGUSR1, &action, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGUSR1);
}
