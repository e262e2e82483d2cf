/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "deploy_wire.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include "fake_deploys.h"

#include <fcntl.h>

struct fixture {
    struct fake_deploys *deploys;
    struct tg_deploy_wire wire;
    int deployer; /* its end */
    struct tg_errmsg msg;
};

/* The supervisor's end is open, and the deployer has its own. */
static void open_wire(struct fixture *f)
{
    assert_int_equal(tg_deploy_wire_open(&f->wire, &f->msg), TG_OK);
    if (f->deployer >= 0) {
        (void)close(f->deployer);
    }
    f->deployer = fcntl(f->wire.other_end, F_DUPFD_CLOEXEC, 0);
    assert_true(f->deployer >= 0);
    tg_deploy_wire_give_away(&f->wire);
    assert_int_equal(f->wire.other_end, -1);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    void *deploys = NULL;

    fixture = (struct fixture){.deployer = -1};
    assert_int_equal(fake_deploys_set_up(&deploys), 0);
    fixture.deploys = deploys;
    tg_deploy_wire_init(&fixture.wire, &fixture.deploys->deploys);
    open_wire(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    void *deploys = f->deploys;

    tg_deploy_wire_fini(&f->wire);
    (void)close(f->deployer);
    return fake_deploys_tear_down(&deploys);
}

static void tell(struct fixture *f, enum tg_deploy_note_kind kind, const char *name, int fd)
{
    struct tg_deploy_note note = {.kind = kind};

    memcpy(note.name, name, strlen(name));
    if (kind == TG_DEPLOY_CANDIDATE) {
        memcpy(note.generation, HASH_B, sizeof(note.generation));
    }
    assert_int_equal(tg_deploy_link_send(f->deployer, &note, fd), TG_OK);
}

/* The next note that the deployer is sent; false: there is none. */
static bool take_note(struct fixture *f, struct tg_deploy_note *note)
{
    int fd = -1;
    int err = tg_deploy_link_take(f->deployer, note, &fd);

    assert_int_equal(fd, -1);
    return err == TG_OK;
}

static void a_candidate_is_handed_over_with_its_file(void **state)
{
    struct fixture *f = *state;
    int fd = fake_deploys_make_file();

    tell(f, TG_DEPLOY_CANDIDATE, "chat", fd);
    (void)close(fd);
    tg_deploy_wire_step(&f->wire);
    fake_deploys_step_after(f->deploys, 1);
    assert_int_equal(f->deploys->workers.list[0].order.counter, 2);
    fake_workers_vote_all(&f->deploys->workers);
    fake_deploys_step_after(f->deploys, 1);
    fake_deploys_assert_live(f->deploys, HASH_B, 2, 1);
}

static void faults_and_removals_are_handed_over(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_note fault = {.kind = TG_DEPLOY_FAULT, .name = "chat"};
    struct tg_deploy_note root = {.kind = TG_DEPLOY_ROOT, .text = "it has gone"};

    tg_fault_set(&fault.fault, TG_FAULT_LOAD, tg_str_of("gateways/chat"), 3, "no handler");
    assert_int_equal(tg_deploy_link_send(f->deployer, &fault, -1), TG_OK);
    assert_int_equal(tg_deploy_link_send(f->deployer, &root, -1), TG_OK);
    tg_deploy_wire_step(&f->wire);
    assert_int_equal(atomic_load(&fake_deploys_row(f->deploys)->fault), 1 + TG_FAULT_LOAD);
    assert_string_equal(f->deploys->deploys.root_fault, "it has gone");
    tell(f, TG_DEPLOY_GONE, "chat", -1);
    tg_deploy_wire_step(&f->wire);
    assert_int_equal(fake_deploys_view(f->deploys, 0).committed, 0);
}

static void a_scan_is_asked_for_and_its_end_known(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_note note;

    assert_int_equal(tg_deploy_wire_scan(&f->wire), 1);
    tg_deploy_wire_step(&f->wire);
    assert_true(take_note(f, &note));
    assert_int_equal(note.kind, TG_DEPLOY_SCAN);
    assert_int_equal(note.sequence, 1);
    tg_deploy_wire_step(&f->wire);
    assert_false(take_note(f, &note));
    assert_int_equal(f->deploys->deploys.scanned, 0);
    note = (struct tg_deploy_note){.kind = TG_DEPLOY_SCANNED, .sequence = 1};
    assert_int_equal(tg_deploy_link_send(f->deployer, &note, -1), TG_OK);
    tg_deploy_wire_step(&f->wire);
    assert_int_equal(f->deploys->deploys.scanned, 1);
}

static void what_one_deployer_did_not_answer_the_next_is_asked(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_note note;

    (void)tg_deploy_wire_scan(&f->wire);
    (void)tg_deploy_wire_scan(&f->wire);
    tg_deploy_wire_step(&f->wire);
    open_wire(f);
    tg_deploy_wire_step(&f->wire);
    assert_true(take_note(f, &note));
    assert_int_equal(note.sequence, 2);
    /* And not again, once it is answered. */
    note.kind = TG_DEPLOY_SCANNED;
    assert_int_equal(tg_deploy_link_send(f->deployer, &note, -1), TG_OK);
    tg_deploy_wire_step(&f->wire);
    open_wire(f);
    tg_deploy_wire_step(&f->wire);
    assert_false(take_note(f, &note));
}

static void without_a_deployer_the_wish_waits(void **state)
{
    struct fixture *f = *state;
    struct tg_deploy_note note;

    (void)close(f->deployer);
    f->deployer = -1;
    tg_deploy_wire_step(&f->wire);
    assert_int_equal(f->wire.fd, -1);
    (void)tg_deploy_wire_scan(&f->wire);
    tg_deploy_wire_step(&f->wire);
    open_wire(f);
    tg_deploy_wire_step(&f->wire);
    assert_true(take_note(f, &note));
    assert_int_equal(note.sequence, 1);
}

static void what_makes_no_sense_is_dropped_and_the_next_is_taken(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(write(f->deployer, "nonsense", 8), 8);
    tell(f, TG_DEPLOY_GONE, "chat", -1);
    tg_deploy_wire_step(&f->wire);
    assert_int_equal(f->deploys->errors, 1);
    assert_int_equal(fake_deploys_view(f->deploys, 0).committed, 0);
    assert_true(f->wire.fd >= 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_candidate_is_handed_over_with_its_file),
        TEST(faults_and_removals_are_handed_over),
        TEST(a_scan_is_asked_for_and_its_end_known),
        TEST(what_one_deployer_did_not_answer_the_next_is_asked),
        TEST(without_a_deployer_the_wish_waits),
        TEST(what_makes_no_sense_is_dropped_and_the_next_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
