/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdlib.h>
#include <string.h>

#include "hub/publish.h"
#include "hub/room.h"

/* Other workers who answer what the test says. */
struct fixture {
    struct fake_house *house;
    struct tg_bus bus;
    struct tg_conn alice;
    struct tg_conn bob;
    struct tg_conn eve; /* in another tenant */
    int answer;
    uint32_t published;
    uint32_t delivered_before; /* frames that clients here had when the others were asked */
    struct tg_frame *frame;
};

static int on_publish(void *self, const struct tg_publication *publication)
{
    struct fixture *f = self;

    assert_true(tg_str_is(publication->audience.gateway, TG_STR("chat")));
    f->published++;
    f->delivered_before += f->alice.client->outbox.count + f->bob.client->outbox.count;
    return f->answer;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->house = fake_house_create(NULL);
    f->bus = (struct tg_bus){.publish = on_publish, .self = f};
    fake_house_join(f->house, &f->alice, "acme");
    fake_house_join(f->house, &f->bob, "acme");
    fake_house_join(f->house, &f->eve, "globex");
    f->frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("hi"));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->frame->refs, 1);
    tg_frame_unref(f->frame);
    fake_house_destroy(f->house);
    free(f);
    return 0;
}

static void let_go(struct fixture *f)
{
    fake_conn_lose(&f->alice);
    fake_conn_lose(&f->bob);
    fake_conn_lose(&f->eve);
}

static struct tg_publication to_acme(struct fixture *f, const char *room)
{
    return (struct tg_publication){{TG_STR("chat"), TG_STR("acme"), tg_str_of(room)}, f->frame};
}

/* Frames that each of the three has got. */
static void assert_got(struct fixture *f, uint32_t alice, uint32_t bob, uint32_t eve)
{
    fake_conn_drain(&f->alice);
    fake_conn_drain(&f->bob);
    fake_conn_drain(&f->eve);
    assert_int_equal(fake_conn_frames(&f->alice), alice);
    assert_int_equal(fake_conn_frames(&f->bob), bob);
    assert_int_equal(fake_conn_frames(&f->eve), eve);
}

static void a_broadcast_goes_to_the_others_and_then_to_everybody_here_in_the_tenant(void **state)
{
    struct fixture *f = *state;
    struct tg_publication publication = to_acme(f, NULL);

    assert_int_equal(tg_publish(&f->house->hub, &f->bus, &publication, NULL), TG_OK);
    assert_int_equal(f->published, 1);
    assert_int_equal(f->delivered_before, 0);
    assert_got(f, 1, 1, 0);
    assert_int_equal(tg_publish(&f->house->hub, &f->bus, &publication, f->bob.client), TG_OK);
    assert_got(f, 2, 1, 0);
    let_go(f);
}

static void a_rooms_message_goes_to_its_members_only(void **state)
{
    struct fixture *f = *state;
    struct tg_publication publication = to_acme(f, "lobby");

    assert_int_equal(tg_room_join(f->bob.client, TG_STR("lobby")), TG_OK);
    assert_int_equal(tg_room_join(f->eve.client, TG_STR("lobby")), TG_OK);
    assert_int_equal(tg_publish(&f->house->hub, &f->bus, &publication, NULL), TG_OK);
    assert_got(f, 0, 1, 0);
    let_go(f);
}

static void an_empty_room_name_is_a_room_without_members_and_not_everybody(void **state)
{
    struct fixture *f = *state;
    struct tg_publication publication = to_acme(f, "");

    assert_int_equal(tg_publish(&f->house->hub, &f->bus, &publication, NULL), TG_OK);
    assert_got(f, 0, 0, 0);
    let_go(f);
}

static void when_the_others_cannot_have_it_nobody_here_gets_it_either(void **state)
{
    static const int errors[] = {TG_ERR_UNAVAILABLE, TG_ERR_NOMEM};
    struct fixture *f = *state;
    struct tg_publication publication = to_acme(f, NULL);

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        f->answer = errors[i];
        assert_int_equal(tg_publish(&f->house->hub, &f->bus, &publication, NULL), errors[i]);
    }
    assert_int_equal(f->published, 2);
    assert_got(f, 0, 0, 0);
    assert_int_equal(tg_row_read(f->house->hub.row, TG_COUNT_PUBLICATIONS_UNAVAILABLE), 1);
    let_go(f);
}

static void what_no_mailbox_could_ever_hold_is_refused_also_when_nobody_else_is_there(void **state)
{
    struct fixture *f = *state;
    struct tg_publication publication = to_acme(f, NULL);
    struct tg_frame *largest = tg_frame_create(TG_OPCODE_BINARY, TG_BUS_PAYLOAD_MAX);
    struct tg_frame *larger = tg_frame_create(TG_OPCODE_BINARY, TG_BUS_PAYLOAD_MAX + 1);

    memset(tg_frame_payload(largest), 0, TG_BUS_PAYLOAD_MAX);
    publication.frame = larger;
    assert_int_equal(tg_publish(&f->house->hub, tg_bus_alone(), &publication, NULL),
                     TG_ERR_TOO_LARGE);
    assert_int_equal(tg_publish(&f->house->hub, &f->bus, &publication, NULL), TG_ERR_TOO_LARGE);
    assert_int_equal(f->published, 0);
    publication.frame = largest;
    assert_int_equal(tg_publish(&f->house->hub, &f->bus, &publication, NULL), TG_OK);
    assert_int_equal(f->published, 1);
    tg_frame_unref(largest);
    tg_frame_unref(larger);
    let_go(f);
}

static void a_gateway_that_is_not_loaded_here_has_nobody(void **state)
{
    struct fixture *f = *state;
    struct tg_publication publication = to_acme(f, NULL);

    publication.audience.gateway = TG_STR("chatter");
    assert_null(tg_publish_find_scope(&f->house->hub, &publication.audience));
    assert_int_equal(tg_publish_here(&f->house->hub, &publication, NULL), 0);
    publication.audience.gateway = TG_STR("chat");
    assert_ptr_equal(tg_publish_find_scope(&f->house->hub, &publication.audience),
                     f->alice.client->scope);
    assert_int_equal(tg_publish_here(&f->house->hub, &publication, NULL), 2);
    publication.audience.tenant = tg_str(NULL, 0);
    assert_null(tg_publish_find_scope(&f->house->hub, &publication.audience));
    let_go(f);
}

static void on_answers(void *self, const struct tg_answers *answers)
{
    (void)self;
    (void)answers;
    fail_msg("nobody was asked");
}

static void alone_publishing_succeeds_and_asking_asks_nobody(void **state)
{
    struct fixture *f = *state;
    const struct tg_bus *alone = tg_bus_alone();
    struct tg_publication publication = to_acme(f, NULL);
    struct tg_question question = {TG_QUESTION_COUNT, to_acme(f, "lobby").audience, on_answers, f};
    uint64_t id = 7;

    assert_int_equal(tg_publish(&f->house->hub, alone, &publication, NULL), TG_OK);
    assert_got(f, 1, 1, 0);
    assert_true(alone->is_alone(alone->self));
    assert_int_equal(alone->ask(alone->self, &question, &id), 0);
    alone->cancel(alone->self, id);
    fake_house_advance(f->house, 2 * TG_BUS_ANSWER_MS);
    let_go(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_broadcast_goes_to_the_others_and_then_to_everybody_here_in_the_tenant),
        TEST(a_rooms_message_goes_to_its_members_only),
        TEST(an_empty_room_name_is_a_room_without_members_and_not_everybody),
        TEST(when_the_others_cannot_have_it_nobody_here_gets_it_either),
        TEST(what_no_mailbox_could_ever_hold_is_refused_also_when_nobody_else_is_there),
        TEST(a_gateway_that_is_not_loaded_here_has_nobody),
        TEST(alone_publishing_succeeds_and_asking_asks_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
