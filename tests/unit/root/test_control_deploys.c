/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. The
 * socket is left out: the handlers are called as it would. */
#include "fake_deploys.h"

/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "control_deploys.c"
#include "control_status.c"
#include "deploy_wire.c"
/* NOLINTEND(bugprone-suspicious-include) */

struct fixture {
    struct fake_deploys *fake;
    struct tg_deploy_wire wire;
    struct tg_control_deploys self;
    struct tg_control_handlers handlers;
    struct tg_control_status status;
    struct tg_errmsg msg;
};

static struct fixture fixture;

/* Instead of the socket's. */
int tg_control_start(struct tg_control **control, const char *setting,
                     const struct tg_control_handlers *handlers, struct tg_errmsg *msg)
{
    (void)msg;
    assert_string_equal(setting, "auto");
    fixture.handlers = *handlers;
    *control = NULL;
    return TG_OK;
}

static int set_up(void **state)
{
    struct tg_control *control;
    int failed = fake_deploys_set_up(state);

    memset(&fixture, 0, sizeof(fixture));
    fixture.fake = *state;
    tg_deploy_wire_init(&fixture.wire, &fixture.fake->deploys);
    fixture.self = (struct tg_control_deploys){&fixture.fake->config, fixture.fake->workers.page,
                                               &fixture.fake->deploys, &fixture.wire};
    return failed ? failed : tg_control_deploys_start(&fixture.self, &control, &fixture.msg);
}

static int tear_down(void **state)
{
    tg_deploy_wire_fini(&fixture.wire);
    return fake_deploys_tear_down(state);
}

static const struct tg_control_gateway *see(const char *name)
{
    memset(&fixture.status, 0, sizeof(fixture.status));
    fixture.handlers.on_status(fixture.handlers.self, &fixture.status);
    return tg_control_status_find(&fixture.status, name);
}

static int begin(enum tg_control_verb verb, const char *name, uint64_t *ticket)
{
    struct tg_control_request request = {.verb = verb};

    (void)snprintf(request.name, sizeof(request.name), "%s", name);
    return fixture.handlers.on_begin(fixture.handlers.self, &request, ticket, &fixture.msg);
}

static int look(enum tg_control_verb verb, const char *name, uint64_t ticket)
{
    struct tg_control_request request = {.verb = verb};

    (void)snprintf(request.name, sizeof(request.name), "%s", name);
    return fixture.handlers.on_look(fixture.handlers.self, &request, ticket, &fixture.msg);
}

static void what_is_live_is_shown_with_its_path_and_its_connections(void **state)
{
    struct tg_page *page = fixture.fake->workers.page;
    int row = tg_gateway_rows_take(&page->rows[1].gateways, "chat", HASH_A);

    (void)state;
    tg_gateway_rows_set_path(&page->rows[1].gateways, row, "/chat");
    atomic_store(&page->rows[0].tallies[0].clients, 5);
    atomic_store(&page->rows[2].tallies[0].clients, 2);
    const struct tg_control_gateway *chat = see("chat");
    assert_non_null(chat);
    assert_int_equal(fixture.status.count, 1);
    assert_string_equal(fixture.status.root, "gateways");
    assert_int_equal(fixture.status.pid, getpid());
    assert_string_equal(chat->generation, HASH_A);
    assert_int_equal(chat->counter, 1);
    assert_int_equal(chat->state, TG_CONTROL_LIVE);
    assert_string_equal(chat->path, "/chat");
    assert_int_equal(chat->connections, 7);
    assert_false(chat->has_fault);
}

static void a_trial_is_shown_with_what_is_left_of_it(void **state)
{
    (void)state;
    fake_deploys_go(fixture.fake, HASH_B);
    fake_deploys_step_after(fixture.fake, 1000);
    const struct tg_control_gateway *chat = see("chat");
    assert_int_equal(chat->state, TG_CONTROL_TRIAL);
    assert_int_equal(chat->counter, 2);
    assert_in_range(chat->trial_left_ms, 1, fixture.fake->config.deploy_trial_window_ms - 1000);
    assert_true(chat->since_ms > 0);
}

static void gateways_are_sorted_and_new_ones_have_nothing_but_their_fault(void **state)
{
    struct tg_fault fault;

    (void)state;
    tg_fault_set(&fault, TG_FAULT_LOAD, TG_STR("gateways/alpha/gateway.lua"), 3, "%s", "no");
    tg_deploys_on_fault(&fixture.fake->deploys, "alpha", HASH_C, &fault);
    const struct tg_control_gateway *alpha = see("alpha");
    assert_ptr_equal(alpha, &fixture.status.gateways[0]);
    assert_string_equal(fixture.status.gateways[1].name, "chat");
    assert_int_equal(alpha->state, TG_CONTROL_NEW);
    assert_int_equal(alpha->counter, 0);
    assert_string_equal(alpha->generation, "");
    assert_true(alpha->has_fault);
    assert_string_equal(alpha->fault_generation, HASH_C);
    assert_int_equal(alpha->fault.line, 3);
    assert_true(alpha->fault_since_ms > 0);
}

static void one_that_was_unloaded_is_unavailable(void **state)
{
    struct tg_gateway_row row = {.name = "chat", .generation = HASH_A};

    (void)state;
    assert_int_equal(tg_unloaded_add(&fixture.fake->workers.page->unloaded, &row), TG_OK);
    assert_int_equal(see("chat")->state, TG_CONTROL_UNAVAILABLE);
}

static void the_roots_fault_is_shown_while_it_stands(void **state)
{
    (void)state;
    tg_deploys_on_root(&fixture.fake->deploys, "it is gone");
    (void)see("chat");
    assert_string_equal(fixture.status.root_fault, "it is gone");
    assert_true(fixture.status.root_fault_since_ms > 0);
    tg_deploys_on_root(&fixture.fake->deploys, "");
    (void)see("chat");
    assert_string_equal(fixture.status.root_fault, "");
}

/* As a worker does at the end of its turn. */
static void follow(uint32_t worker, uint64_t counter)
{
    struct tg_page_row *row = &fixture.fake->workers.page->rows[worker];

    atomic_store(&row->slots_held, 1);
    atomic_store(&row->tallies[0].counter, counter);
}

static void follow_all(uint64_t counter)
{
    for (uint32_t i = 0; i < fixture.fake->workers.page->worker_count; i++) {
        follow(i, counter);
    }
}

static void a_reload_is_done_when_its_scan_is_and_nothing_is_under_way(void **state)
{
    uint64_t first = 0;
    uint64_t second = 0;

    (void)state;
    assert_int_equal(begin(TG_CONTROL_RELOAD, "", &first), TG_OK);
    assert_int_equal(begin(TG_CONTROL_RELOAD, "", &second), TG_OK);
    assert_true(second > first);
    assert_int_equal(look(TG_CONTROL_RELOAD, "", first), TG_ERR_INCOMPLETE);
    fake_deploys_bring(fixture.fake, HASH_B);
    fixture.fake->deploys.scanned = first;
    assert_int_equal(look(TG_CONTROL_RELOAD, "", first), TG_ERR_INCOMPLETE);
    fake_workers_vote_all(&fixture.fake->workers);
    fake_deploys_step_after(fixture.fake, 1);
    follow_all(2);
    assert_int_equal(look(TG_CONTROL_RELOAD, "", first), TG_OK);
    assert_int_equal(look(TG_CONTROL_RELOAD, "", second), TG_ERR_INCOMPLETE);
}

static void a_rollback_is_done_when_the_one_before_is_live(void **state)
{
    uint64_t ticket = 0;

    (void)state;
    assert_int_equal(begin(TG_CONTROL_ROLLBACK, "nobody", &ticket), TG_ERR_NOT_FOUND);
    assert_true(fixture.msg.text[0] != '\0');
    assert_int_equal(begin(TG_CONTROL_ROLLBACK, "chat", &ticket), TG_ERR_NOT_FOUND);
    fake_deploys_go(fixture.fake, HASH_B);
    assert_int_equal(begin(TG_CONTROL_ROLLBACK, "chat", &ticket), TG_OK);
    assert_int_equal(look(TG_CONTROL_ROLLBACK, "chat", ticket), TG_ERR_INCOMPLETE);
    tg_deploys_step(&fixture.fake->deploys);
    fake_workers_vote_all(&fixture.fake->workers);
    fake_deploys_step_after(fixture.fake, 1);
    follow_all(1);
    assert_int_equal(look(TG_CONTROL_ROLLBACK, "chat", ticket), TG_OK);
    assert_int_equal(see("chat")->counter, 1);
    assert_string_equal(see("chat")->generation, HASH_A);
}

static void what_is_committed_is_under_way_until_every_worker_has_switched(void **state)
{
    struct tg_page *page = fixture.fake->workers.page;
    uint64_t ticket = 0;

    (void)state;
    assert_int_equal(begin(TG_CONTROL_RELOAD, "", &ticket), TG_OK);
    fixture.fake->deploys.scanned = ticket;
    follow_all(1);
    fake_deploys_go(fixture.fake, HASH_B);
    follow(0, 2);
    follow(1, 2);
    assert_int_equal(see("chat")->workers, 2);
    assert_int_equal(fixture.status.workers, 3);
    assert_int_equal(look(TG_CONTROL_RELOAD, "", ticket), TG_ERR_INCOMPLETE);
    assert_int_equal(look(TG_CONTROL_ROLLBACK, "chat", ticket), TG_ERR_INCOMPLETE);
    assert_int_equal(look(TG_CONTROL_ROLLBACK, "another", ticket), TG_OK);
    /* One that starts was given what is live. */
    atomic_store(&page->rows[2].phase, TG_WORKER_STARTING);
    assert_int_equal(look(TG_CONTROL_RELOAD, "", ticket), TG_OK);
    atomic_store(&page->rows[2].phase, TG_WORKER_SERVING);
    /* One that left it out, since another has its path. */
    atomic_store(&page->rows[2].slots_held, 0);
    assert_int_equal(look(TG_CONTROL_RELOAD, "", ticket), TG_OK);
    assert_int_equal(see("chat")->workers, 2);
    follow(2, 2);
    assert_int_equal(see("chat")->workers, 3);
    assert_int_equal(look(TG_CONTROL_RELOAD, "", ticket), TG_OK);
}

static void a_removal_is_done_when_all_have_let_go_of_it(void **state)
{
    uint64_t ticket = 0;

    (void)state;
    assert_int_equal(begin(TG_CONTROL_REMOVE, "nobody", &ticket), TG_ERR_NOT_FOUND);
    assert_int_equal(begin(TG_CONTROL_REMOVE, "chat", &ticket), TG_OK);
    assert_int_equal(look(TG_CONTROL_REMOVE, "chat", ticket), TG_ERR_INCOMPLETE);
    assert_int_equal(see("chat")->state, TG_CONTROL_REMOVED);
    fake_deploys_step_after(fixture.fake, 1);
    assert_int_equal(look(TG_CONTROL_REMOVE, "chat", ticket), TG_OK);
    assert_non_null(see("chat"));
    assert_int_equal(see("chat")->state, TG_CONTROL_REMOVED);
    assert_int_equal(see("chat")->counter, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_live_is_shown_with_its_path_and_its_connections),
        TEST(a_trial_is_shown_with_what_is_left_of_it),
        TEST(gateways_are_sorted_and_new_ones_have_nothing_but_their_fault),
        TEST(one_that_was_unloaded_is_unavailable),
        TEST(the_roots_fault_is_shown_while_it_stands),
        TEST(a_reload_is_done_when_its_scan_is_and_nothing_is_under_way),
        TEST(a_rollback_is_done_when_the_one_before_is_live),
        TEST(what_is_committed_is_under_way_until_every_worker_has_switched),
        TEST(a_removal_is_done_when_all_have_let_go_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
