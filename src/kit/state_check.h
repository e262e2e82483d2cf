/* SPDX-License-Identifier: MIT */
/* Whether a client's own table, client.state, could be carried over a reload: plain data of at most
 * TG_HANDOVER_CLIENT_MAX octets. A server finds that out when it reloads and drops the table; a
 * spec finds it out after the call that put it there.
 * Lives in: the test kit. */
#ifndef TG_KIT_STATE_CHECK_H
#define TG_KIT_STATE_CHECK_H

struct tg_client; /* hub/client.h */
struct tg_vm;     /* script/vm.h */

/* Logs an error of the gateway that names the key's path when it could not. Outside of any call
 * into the state. */
void tg_state_check_run(struct tg_vm *vm, const struct tg_client *client);

#endif
