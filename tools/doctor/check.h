/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From evidence to findings: pure functions, so that they can be tested with
 * evidence that nobody had to make.
 *
 * Of several findings that follow from one another only the first is named: of
 * a peer the first reason for its silence.
 */
#ifndef _WGCTL_DOCTOR_CHECK_H
#define _WGCTL_DOCTOR_CHECK_H

#include "doctor/evidence.h"
#include "doctor/finding.h"

/**
 * check_all() - judge what was seen
 * @evidence: complete; its peers outlive the findings
 * @findings: grows
 */
void check_all(const struct evidence *evidence, struct findings *findings);

/* Its parts, in this order. The module, the file, the interface: */
void check_device(const struct evidence *evidence, struct findings *findings);

/* why there is no handshake with a peer, or nothing comes from it */
void check_handshake(const struct evidence *evidence,
		     const struct trial *trial, struct findings *findings);

/* allowed IPs, routes, rules, filters, MTU */
void check_inside(const struct evidence *evidence, struct findings *findings);

/* what peers send on */
void check_beyond(const struct evidence *evidence, struct findings *findings);

#endif
