/* SPDX-License-Identifier: MIT */
/* One wait (poll over a signalfd, the supervisor, the kernel's watches and the child that judges),
 * then a look at what is due:
 *
 *   something was heard    a pass over all folders, not before GAP_MS after the last
 *   a folder moves         a pass when it may have come to rest
 *   a folder is missing    a pass when it will have been away for long enough
 *   nothing                a pass now and then: network file systems, links outside of the root and
 *                          mounts of other machines change without the kernel's telling
 *   every LOOK_MS          whether the root is still the same folder, which a link may change */
#include "deployer/deployer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "deployer/deployer_state.h"
#include "deployer/judging.h"
#include "deployer/pass.h"
#include "deployer/telling.h"

static const char LOG_MODULE[] = "deployer";

enum {
    LOOK_MS = 1000,
    GAP_MS = 50,          /* between two passes, however much is heard */
    POLL_MS = 2000,       /* where the kernel doesn't tell all */
    PERIOD_MS = 10000,    /* where it should */
    PERIOD_PER_PASS = 50, /* a pass that takes long comes less often */
    NICE = 10             /* those who serve come first */
};

uint64_t tg_deployer_now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

bool tg_deployer_path(const struct tg_deployer *deployer, const char *name, char *out, size_t size)
{
    int length = snprintf(out, size, "%s/%s", deployer->options->config->gateways, name);

    return length >= 0 && (size_t)length < size;
}

/* --- when the next pass is due --- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t rows_due_ms(const struct tg_deployer *deployer)
{
    uint64_t due_ms = UINT64_MAX;

    for (uint32_t i = 0; i < deployer->roster.count; i++) {
        const struct tg_roster_row *row = deployer->roster.rows[i];
        due_ms = earlier(due_ms, tg_settle_due_ms(&row->settle));
        due_ms =
            earlier(due_ms, tg_absence_due_ms(&row->absence,
                                              deployer->options->config->deploy_remove_after_ms));
    }
    return due_ms;
}

static uint64_t pass_due_ms(const struct tg_deployer *deployer)
{
    bool is_watching = deployer->options->config->deploy_watch;
    uint64_t period_ms = deployer->is_polling ? POLL_MS : PERIOD_MS;
    uint64_t due_ms = rows_due_ms(deployer);

    if (deployer->is_asked && !deployer->is_answered_next) {
        return 0;
    }
    if (period_ms < deployer->pass_took_ms * PERIOD_PER_PASS) {
        period_ms = deployer->pass_took_ms * PERIOD_PER_PASS;
    }
    if (is_watching) {
        due_ms = earlier(due_ms, deployer->passed_ms ? deployer->passed_ms + period_ms : 0);
    }
    if (deployer->is_dirty) {
        due_ms = 0;
    }
    uint64_t soonest_ms = deployer->passed_ms ? deployer->passed_ms + GAP_MS : 0;
    return due_ms > soonest_ms ? due_ms : soonest_ms;
}

/* --- what was heard --- */

/* Something has changed in a folder; 0: in the root. */
static void on_change(void *self, uint64_t owner)
{
    struct tg_deployer *deployer = self;

    deployer->is_dirty = true;
    for (uint32_t i = 0; owner != 0 && i < deployer->roster.count; i++) {
        if (deployer->roster.rows[i]->owner == owner) {
            tg_settle_stir(&deployer->roster.rows[i]->settle);
        }
    }
}

/* What isn't live is judged anew, and told again. */
static void ask(struct tg_deployer *deployer)
{
    deployer->is_asked = true;
    deployer->is_answered_next = false;
    for (uint32_t i = 0; i < deployer->roster.count; i++) {
        struct tg_roster_row *row = deployer->roster.rows[i];
        row->judged = 0;
        row->told[0] = '\0';
        row->again_ms = 0;
        row->fault = row->fault ? 1 : 0; /* no fault's: it is told again, or cleared */
    }
}

static void read_control(struct tg_deployer *deployer)
{
    struct tg_deploy_note note;
    int fd = -1;
    int err;

    while ((err = tg_deploy_link_take(deployer->options->control, &note, &fd)) !=
           TG_ERR_INCOMPLETE) {
        if (err == TG_OK && fd >= 0) {
            (void)close(fd); /* nobody gives us any */
        }
        if (err == TG_OK && note.kind == TG_DEPLOY_SCAN) {
            deployer->sequence = note.sequence;
            ask(deployer);
        } else if (err == TG_ERR_CLOSED || err == TG_ERR_IO) {
            TG_LOG_ERROR("the supervisor is not there any more", "error=\"%s\"", tg_err_text(err));
            deployer->is_done = true;
            deployer->status = 1;
            return;
        }
    }
}

static void read_signals(struct tg_deployer *deployer)
{
    struct signalfd_siginfo info;

    while (read(deployer->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        /* Otherwise it came from who signals the whole group. */
        deployer->is_done = deployer->is_done || atomic_load(&deployer->options->page->is_leaving);
    }
}

/* --- what is due --- */

static bool is_settled(const struct tg_deployer *deployer)
{
    uint64_t now_ms = tg_deployer_now_ms();

    for (uint32_t i = 0; i < deployer->roster.count; i++) {
        const struct tg_roster_row *row = deployer->roster.rows[i];
        bool is_moving = row->settle.is_moving && !row->settle.has_warned;
        if (row->is_there && (is_moving || (row->is_due && now_ms >= row->again_ms))) {
            return false;
        }
    }
    return !deployer->validate;
}

/* A live gateway has changed, or the trial of one has ended: the path that it had may be free. */
static void look_at_changes(struct tg_deployer *deployer)
{
    const struct tg_page *page = deployer->options->page;
    uint64_t changes = atomic_load(&page->deploys.changes);

    if (changes == deployer->changes) {
        return;
    }
    deployer->changes = changes;
    for (uint32_t i = 0; i < deployer->roster.count; i++) {
        struct tg_roster_row *row = deployer->roster.rows[i];
        bool is_refused = row->is_path_taken || tg_live_is_refused(page, row->name);
        row->is_due = row->is_due || (is_refused && row->content[0] != '\0');
        row->is_path_taken = false;
    }
}

static void look_at_root(struct tg_deployer *deployer)
{
    uint64_t now_ms = tg_deployer_now_ms();

    if (now_ms < deployer->root_looked_ms + LOOK_MS) {
        return;
    }
    deployer->root_looked_ms = now_ms;
    if (deployer->options->config->deploy_watch && tg_pass_has_root_changed(deployer)) {
        deployer->is_dirty = true;
    }
}

static void step(struct tg_deployer *deployer)
{
    look_at_root(deployer);
    if (tg_deployer_now_ms() >= pass_due_ms(deployer)) {
        tg_pass_run(deployer);
        deployer->is_answered_next = deployer->is_asked;
    }
    look_at_changes(deployer);
    tg_judging_start(deployer);
    if (deployer->is_asked && deployer->is_answered_next && is_settled(deployer)) {
        deployer->is_asked = false;
        tg_telling_scanned(deployer);
    }
}

static bool is_draining(const struct tg_deployer *deployer)
{
    return atomic_load(&deployer->options->page->is_draining) != 0;
}

static int wait_ms(const struct tg_deployer *deployer)
{
    uint64_t now_ms = tg_deployer_now_ms();
    uint64_t due_ms = now_ms + LOOK_MS;

    if (!is_draining(deployer)) { /* else no pass is run, however long it has been due */
        due_ms = earlier(due_ms, pass_due_ms(deployer));
    }
    if (deployer->validate) {
        due_ms = earlier(due_ms, tg_validate_due_ms(deployer->validate));
    }
    return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}

static void wait_for_news(struct tg_deployer *deployer)
{
    struct pollfd fds[] = {
        {.fd = deployer->signals, .events = POLLIN},
        {.fd = deployer->options->control, .events = POLLIN},
        {.fd = deployer->watches ? tg_watches_fd(deployer->watches) : -1, .events = POLLIN},
        {.fd = deployer->validate ? tg_validate_fd(deployer->validate) : -1, .events = POLLIN},
    };

    (void)poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(deployer));
    if (fds[0].revents) {
        read_signals(deployer);
    }
    if (fds[1].revents) {
        read_control(deployer);
    }
    if (fds[2].revents && !tg_watches_read(deployer->watches, on_change, deployer)) {
        TG_LOG_WARN("the kernel lost what it had to tell of changes, all is looked at", "root=%s",
                    deployer->options->config->gateways);
        deployer->is_dirty = true;
    }
    if (deployer->validate &&
        (fds[3].revents || tg_deployer_now_ms() >= tg_validate_due_ms(deployer->validate))) {
        tg_judging_step(deployer);
    }
}

static void run(struct tg_deployer *deployer)
{
    while (!deployer->is_done) {
        if (!is_draining(deployer)) {
            step(deployer);
        }
        if (!deployer->is_done) {
            wait_for_news(deployer);
        }
    }
}

/* --- life --- */

static int watch_signals(struct tg_deployer *deployer)
{
    sigset_t watched;

    (void)sigemptyset(&watched);
    (void)sigaddset(&watched, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &watched, NULL) == 0) {
        deployer->signals = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
    }
    return deployer->signals >= 0 ? TG_OK : TG_ERR_IO;
}

int tg_deployer_run(const struct tg_deployer_options *options)
{
    struct tg_deployer deployer = {.options = options, .signals = -1};

    (void)prctl(PR_SET_NAME, "tidegate-deploy");
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    if (watch_signals(&deployer) != TG_OK) {
        TG_LOG_ERROR("deployer can't start", "reason=\"signalfd: %s\"", strerror(errno));
        return 1;
    }
    if (options->config->deploy_watch) {
        deployer.watches = tg_watches_create();
        if (!deployer.watches) {
            TG_LOG_WARN("the kernel watches no folders, they are looked at now and then",
                        "reason=\"%s\"", strerror(errno));
        }
    }
    deployer.is_polling = !deployer.watches;
    deployer.changes = atomic_load(&options->page->deploys.changes);
    run(&deployer);
    tg_judging_end(&deployer);
    tg_watches_destroy(deployer.watches);
    tg_roster_fini(&deployer.roster);
    (void)close(deployer.signals);
    return deployer.status;
}
