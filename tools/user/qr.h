/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A text as a QR code: drawn in a terminal, or as a picture.
 */
#ifndef _WGCTL_USER_QR_H
#define _WGCTL_USER_QR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/fault.h"

/* Squares, dark or light, without the light border that a reader needs. */
struct qr {
	size_t width;
	uint8_t *dark; /* width * width: 1 is dark; may tell a secret */
};

/**
 * qr_make() - encode a text
 * @qr: filled, for qr_free()
 * @text: up to some 2,900 bytes
 * @fault: filled when it is too long
 *
 * Return: 0 or a negative errno.
 */
int qr_make(struct qr *qr, const char *text, struct fault *fault);
void qr_free(struct qr *qr);

/**
 * qr_draw() - draw with half blocks, two rows of squares in a line
 * @qr: made
 * @has_colour: dark is black and light is white whatever the terminal's
 *	colours are; else light is drawn, for terminals with a dark ground
 * @to: where
 */
void qr_draw(const struct qr *qr, bool has_colour, FILE *to);

/**
 * qr_write_png() - write a picture
 * @qr: made
 * @path: replaced; mode 0600, since the code may tell a secret
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int qr_write_png(const struct qr *qr, const char *path, struct fault *fault);

#endif
