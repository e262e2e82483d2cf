/* SPDX-License-Identifier: MIT */
/* libwebsockets' own log, led into ours.
 * Lives in: a worker, the admin process. */
#ifndef TG_NET_LWS_LOG_H
#define TG_NET_LWS_LOG_H

/* From now on its errors and warnings come as our warnings, told at most once a second; the rest
 * of what it says is dropped. To be called before its first context is made. */
void tg_lws_log_start(void);

#endif
