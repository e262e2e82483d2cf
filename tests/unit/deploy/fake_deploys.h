/* SPDX-License-Identifier: MIT */
/* Generations of gateways made from Lua text, over the scripts' fake hub. */
#ifndef TG_TEST_FAKE_DEPLOYS_H
#define TG_TEST_FAKE_DEPLOYS_H

#include "deploy/generations.h"
#include "fake_app.h"

struct fake_deploys {
    struct fake_app *app;
    struct tg_generations *generations;
    struct tg_conn alice;
    struct tg_conn bob;
    struct tg_errmsg msg;
};

int fake_deploys_set_up(void **state);

/* Fails the test when anything is left. */
int fake_deploys_tear_down(void **state);

/* Loads beside: body is Lua text that fills in `gateway`, whose path is /NAME, and its `events`.
 * The slot of "chat" is 0, of "game" 1, of "echo" 2. */
int fake_deploys_prepare(struct fake_deploys *deploys, const char *name, uint64_t counter,
                         const char *body);

/* The same and commits; fails the test when that fails. */
void fake_deploys_go(struct fake_deploys *deploys, const char *name, uint64_t counter,
                     const char *body);

/* Commits what was prepared. */
void fake_deploys_commit(struct fake_deploys *deploys, const char *name, uint64_t counter);

/* The hub's; NULL: it has none of that name. */
struct tg_gateway *fake_deploys_find(const struct fake_deploys *deploys, const char *name);

/* Deploys the body as the first of "chat", and connects alice and bob. */
void fake_deploys_start(struct fake_deploys *deploys, const char *body);

/* Rows of the page that generations have. */
uint32_t fake_deploys_rows(const struct fake_deploys *deploys);

/* The tally of the slot of "chat". */
const struct tg_tally *fake_deploys_tally(const struct fake_deploys *deploys);

#define FAKE_DEPLOYS_TEST(name) \
    cmocka_unit_test_setup_teardown(name, fake_deploys_set_up, fake_deploys_tear_down)

#endif
