/* SPDX-License-Identifier: MIT */
/* Deploys over fake workers; of the gateway "chat", whose slot is 0, HASH_A is live. */
#ifndef TG_TEST_FAKE_DEPLOYS_H
#define TG_TEST_FAKE_DEPLOYS_H

#include "fake_workers.h"

#include "deploys.h"

#define HASH_A "aaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbb"
#define HASH_C "cccccccccccc"

struct fake_deploys {
    struct tg_config config;
    struct fake_workers workers;
    struct tg_deploys deploys;
    struct tg_errmsg msg;
    int errors; /* lines of that level in the log */
};

/* A file as candidates have one. */
int fake_deploys_make_file(void);

/* A test's. */
int fake_deploys_set_up(void **state);
int fake_deploys_tear_down(void **state);

/* What the page says of the slot; of "chat". */
struct tg_deploy_view fake_deploys_view(struct fake_deploys *f, uint32_t slot);
const struct tg_deploy_row *fake_deploys_row(struct fake_deploys *f);
void fake_deploys_assert_live(struct fake_deploys *f, const char *hash, uint64_t counter,
                              uint64_t proven);

/* The clock goes on, and the supervisor looks. */
void fake_deploys_step_after(struct fake_deploys *f, uint64_t ms);

/* A candidate of "chat" comes; all workers vote for it. */
void fake_deploys_bring(struct fake_deploys *f, const char *hash);
void fake_deploys_go(struct fake_deploys *f, const char *hash);

/* Every worker has switched "chat", and handed over. */
struct tg_tally *fake_deploys_tally(struct fake_deploys *f, uint32_t worker);
void fake_deploys_switch_all(struct fake_deploys *f);

/* So many clients, each of an address of its own, have called a hundred times. */
void fake_deploys_call(struct fake_deploys *f, uint32_t clients, uint32_t failures);

#define FAKE_DEPLOYS_TEST(name) \
    cmocka_unit_test_setup_teardown(name, fake_deploys_set_up, fake_deploys_tear_down)

#endif
