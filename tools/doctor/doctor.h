/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a tunnel does not work, and what to do.
 *
 * One tunnel is looked at, tried for some seconds, and judged; nothing is
 * changed, and nobody but the tunnel's own peers is sent anything.
 */
#ifndef _WGCTL_DOCTOR_DOCTOR_H
#define _WGCTL_DOCTOR_DOCTOR_H

#include "doctor/evidence.h"

struct doctor {
	const char *interface;
	const char *peer; /* a key or a name; NULL: all of them */
	uint64_t watch_s; /* how long at least */
};

/**
 * doctor_look() - gather the evidence
 * @doctor: what to look at
 * @evidence: filled, for evidence_clear()
 * @fault: filled where one cannot look
 *
 * Return: 0 or a negative errno.
 */
int doctor_look(const struct doctor *doctor, struct evidence *evidence,
		struct fault *fault);

#endif
