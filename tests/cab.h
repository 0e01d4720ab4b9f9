/* Writes a cabinet with one stored file ([MS-CAB] 2.1: CFHEADER, CFFOLDER, CFFILE, CFDATA). */
#pragma once

#include "base/str.h"

enum { CAB_BLOCK = 32768 };

static inline void cab_u16(struct sb *b, size_t v)
{
    const uint8_t raw[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    sb_put(b, raw, 2);
}

static inline void cab_u32(struct sb *b, size_t v)
{
    cab_u16(b, v & 0xFFFF);
    cab_u16(b, v >> 16);
}

static inline void cab_write(struct sb *b, const char *name, struct span data)
{
    size_t blocks = (data.len + CAB_BLOCK - 1) / CAB_BLOCK, file = 36 + 8;
    size_t first = file + 16 + strlen(name) + 1;
    sb_put(b, "MSCF\0\0\0", 8);
    cab_u32(b, first + blocks * 8 + data.len);
    cab_u32(b, 0);
    cab_u32(b, file);
    cab_u32(b, 0);
    cab_u16(b, 0x0103);
    cab_u16(b, 1);
    cab_u16(b, 1);
    for (int i = 0; i < 3; i++) /* flags, set, index */
        cab_u16(b, 0);
    cab_u32(b, first);
    cab_u16(b, blocks);
    cab_u16(b, 0); /* stored */
    cab_u32(b, data.len);
    cab_u32(b, 0);
    for (int i = 0; i < 3; i++) /* folder, date, time */
        cab_u16(b, 0);
    cab_u16(b, 0x20);
    sb_put(b, name, strlen(name) + 1);
    for (size_t at = 0; at < data.len; at += CAB_BLOCK) {
        size_t len = data.len - at < CAB_BLOCK ? data.len - at : CAB_BLOCK;
        cab_u32(b, 0); /* no checksum */
        cab_u16(b, len);
        cab_u16(b, len);
        sb_put(b, data.ptr + at, len);
    }
}
