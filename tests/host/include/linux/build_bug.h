/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _HOST_LINUX_BUILD_BUG_H
#define _HOST_LINUX_BUILD_BUG_H

#undef static_assert
#define static_assert(claim, ...) _Static_assert(claim, #claim)

#endif
