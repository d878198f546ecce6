/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event as a line for people, or as a JSON object on a line.
 */
#ifndef _WGCTL_SHOW_EVENT_H
#define _WGCTL_SHOW_EVENT_H

#include "lib/out.h"
#include "model/event.h"

/**
 * show_event() - print it
 * @out: as text or as flat JSON
 * @event: what it has of a tunnel and a peer is shown with it
 */
void show_event(struct out *out, const struct event *event);

#endif
