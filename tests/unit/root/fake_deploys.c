/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: those of deploys come from
 * here into every test of this folder. */
#include "fake_deploys.h"

/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "deploy_door.c"
#define LOG_MODULE report_module
#include "deploy_report.c"
#undef LOG_MODULE
#include "deploy_round.c"
#include "deploy_slots.c"
#include "trial.c"
#define LOG_MODULE deploys_module
#include "deploys.c"
#undef LOG_MODULE
/* NOLINTEND(bugprone-suspicious-include) */

#include <fcntl.h>

static void on_log(void *self, enum tg_log_level level, struct tg_str line)
{
    struct fake_deploys *f = self;

    (void)line;
    f->errors += level == TG_LOG_LEVEL_ERROR;
}

/* A file as candidates have one; that it is closed, the last test sees. */
int fake_deploys_make_file(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

int fake_deploys_set_up(void **state)
{
    struct fake_deploys *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    tg_log_set_sink(on_log, f);
    assert_int_equal(tg_config_init(&f->config), TG_OK);
    fake_workers_init(&f->workers);
    struct tg_deploys_options options = {.config = &f->config,
                                         .page = f->workers.page,
                                         .clock = &f->workers.clock,
                                         .door = {.page = f->workers.page,
                                                  .is_alive = fake_workers_is_alive,
                                                  .send = fake_workers_send,
                                                  .self = &f->workers}};
    assert_int_equal(tg_deploys_init(&f->deploys, &options), TG_OK);
    assert_int_equal(tg_deploys_add(&f->deploys, "chat", HASH_A, fake_deploys_make_file()), TG_OK);
    *state = f;
    return 0;
}

int fake_deploys_tear_down(void **state)
{
    struct fake_deploys *f = *state;

    tg_deploys_fini(&f->deploys);
    fake_workers_fini(&f->workers);
    tg_config_fini(&f->config);
    tg_log_set_sink(NULL, NULL);
    free(f);
    return 0;
}

struct tg_deploy_view fake_deploys_view(struct fake_deploys *f, uint32_t slot)
{
    struct tg_deploy_view view;

    (void)tg_deploy_table_read(&f->workers.page->deploys, slot, &view);
    return view;
}

const struct tg_deploy_row *fake_deploys_row(struct fake_deploys *f)
{
    return &f->workers.page->deploys.rows[0];
}

void fake_deploys_assert_live(struct fake_deploys *f, const char *hash, uint64_t counter,
                              uint64_t proven)
{
    struct tg_deploy_view view = fake_deploys_view(f, 0);

    assert_string_equal(view.name, "chat");
    assert_string_equal(view.generation, hash);
    assert_int_equal(view.committed, counter);
    assert_int_equal(view.proven, proven);
}

void fake_deploys_step_after(struct fake_deploys *f, uint64_t ms)
{
    f->workers.now_ms += ms;
    tg_deploys_step(&f->deploys);
}

void fake_deploys_bring(struct fake_deploys *f, const char *hash)
{
    tg_deploys_on_candidate(&f->deploys, "chat", hash, fake_deploys_make_file());
    tg_deploys_step(&f->deploys);
}

/* All vote for it. */
void fake_deploys_go(struct fake_deploys *f, const char *hash)
{
    fake_deploys_bring(f, hash);
    fake_workers_vote_all(&f->workers);
    tg_deploys_step(&f->deploys);
    assert_string_equal(fake_deploys_view(f, 0).generation, hash);
}

struct tg_tally *fake_deploys_tally(struct fake_deploys *f, uint32_t worker)
{
    return &f->workers.page->rows[worker].tallies[0];
}

/* Every worker has switched, and handed over. */
void fake_deploys_switch_all(struct fake_deploys *f)
{
    for (uint32_t i = 0; i < FAKE_WORKERS; i++) {
        tg_tally_begin(fake_deploys_tally(f, i), fake_deploys_view(f, 0).committed, 64 << 20);
        atomic_store(&fake_deploys_tally(f, i)->is_settled, 1);
    }
}

/* So many clients, each of an address of its own, have called a hundred times. */
void fake_deploys_call(struct fake_deploys *f, uint32_t clients, uint32_t failures)
{
    for (uint32_t i = 0; i < clients; i++) {
        struct tg_tally_seat *seat = &fake_deploys_tally(f, i % FAKE_WORKERS)->seats[i];
        atomic_store(&seat->address, i + 1);
        atomic_store(&seat->harmed, i + 1);
        atomic_store(&seat->calls, 100);
        atomic_store(&seat->failures, failures);
    }
}
