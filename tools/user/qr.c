// SPDX-License-Identifier: GPL-2.0
#include "user/qr.h"

#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>
#include <qrencode.h>

#include "lib/file.h"
#include "lib/secret.h"
#include "lib/xalloc.h"

#define BORDER 4 /* squares, as the standard wants */
#define SCALE 8 /* pixels for a square */

int qr_make(struct qr *qr, const char *text, struct fault *fault)
{
	QRcode *code;
	size_t i, count;
	int error;

	memset(qr, 0, sizeof(*qr));
	/* version 0: as large as it has to be */
	code = QRcode_encodeData((int)strlen(text),
				 (const unsigned char *)text, 0, QR_ECLEVEL_L);
	error = errno;
	if (!code && error == ERANGE)
		return fault_set(fault, -ERANGE,
				 "the configuration is too long for a QR code");
	if (!code)
		return fault_errno(fault, -error, "cannot create a QR code");
	qr->width = (size_t)code->width;
	count = qr->width * qr->width;
	qr->dark = xcalloc(count, 1);
	for (i = 0; i < count; i++)
		qr->dark[i] = code->data[i] & 1;
	wipe(code->data, count);
	QRcode_free(code);
	return 0;
}

void qr_free(struct qr *qr)
{
	if (qr->dark)
		wipe(qr->dark, qr->width * qr->width);
	free(qr->dark);
	memset(qr, 0, sizeof(*qr));
}

/* The border included: coordinates begin at -BORDER. */
static bool is_dark(const struct qr *qr, long row, long column)
{
	long width = (long)qr->width;

	return row >= 0 && row < width && column >= 0 && column < width &&
	       qr->dark[row * width + column];
}

void qr_draw(const struct qr *qr, bool has_colour, FILE *to)
{
	/* by what is light: neither, the lower, the upper, both */
	static const char *const blocks[] = { " ", "\u2584", "\u2580",
					      "\u2588" };
	long end = (long)qr->width + BORDER, row, column;

	for (row = -BORDER; row < end; row += 2) {
		/* white on black of the palette's fixed part */
		if (has_colour)
			fputs("\033[38;5;231;48;5;16m", to);
		for (column = -BORDER; column < end; column++)
			fputs(blocks[!is_dark(qr, row, column) * 2 +
				     (row + 1 < end &&
				      !is_dark(qr, row + 1, column))],
			      to);
		fputs(has_colour ? "\033[0m\n" : "\n", to);
	}
}

/* One row of pixels, a bit for each, light is 1. */
static void fill_row(const struct qr *qr, long row, uint8_t *bits,
		     size_t bytes)
{
	size_t x, width = bytes * 8;

	memset(bits, 0, bytes);
	for (x = 0; x < width; x++)
		if (!is_dark(qr, row, (long)(x / SCALE) - BORDER))
			bits[x / 8] |= (uint8_t)(0x80 >> x % 8);
}

/* libpng ends by longjmp() where it fails: nothing here owns anything. */
static int write_rows(const struct qr *qr, png_structp png, png_infop info,
		      uint8_t *bits, FILE *to)
{
	size_t side = (qr->width + 2 * BORDER) * SCALE, y;

	if (setjmp(png_jmpbuf(png)))
		return -EIO;
	png_init_io(png, to);
	png_set_IHDR(png, info, (png_uint_32)side, (png_uint_32)side, 1,
		     PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (y = 0; y < side; y++) {
		fill_row(qr, (long)(y / SCALE) - BORDER, bits, side / 8);
		png_write_row(png, bits);
	}
	png_write_end(png, NULL);
	return 0;
}

static int write_png(FILE *to, const void *context)
{
	const struct qr *qr = context;
	uint8_t *bits = xcalloc((qr->width + 2 * BORDER) * SCALE / 8, 1);
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
						  NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	int ret = info ? write_rows(qr, png, info, bits, to) : -ENOMEM;

	png_destroy_write_struct(&png, &info);
	free(bits);
	return ret;
}

int qr_write_png(const struct qr *qr, const char *path, struct fault *fault)
{
	int ret = file_replace(path, write_png, qr);

	if (ret)
		fault_errno(fault, ret, "cannot write '%s'", path);
	return ret;
}
