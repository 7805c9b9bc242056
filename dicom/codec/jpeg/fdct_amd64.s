#include "textflag.h"

DATA c707<>+0(SB)/4, $0x5A825A82
GLOBL c707<>(SB), RODATA|NOPTR, $4
DATA c382<>+0(SB)/4, $0x30FC30FC
GLOBL c382<>(SB), RODATA|NOPTR, $4
DATA c541<>+0(SB)/4, $0x45464546
GLOBL c541<>(SB), RODATA|NOPTR, $4
DATA c306<>+0(SB)/4, $0x273D273D
GLOBL c306<>(SB), RODATA|NOPTR, $4

// FORWARD is forward for the eight vectors a0 … a7 in place; t0 … t3 and w are lost.
#define FORWARD(a0, a1, a2, a3, a4, a5, a6, a7, t0, t1, t2, t3, w) \
	VPADDW a7, a0, t0; \
	VPSUBW a7, a0, a7; \
	VPADDW a6, a1, t1; \
	VPSUBW a6, a1, a6; \
	VPADDW a5, a2, t2; \
	VPSUBW a5, a2, a5; \
	VPADDW a4, a3, t3; \
	VPSUBW a4, a3, a4; \
	VPADDW t3, t0, a0; \
	VPSUBW t3, t0, t0; \
	VPADDW t2, t1, a1; \
	VPSUBW t2, t1, t1; \
	VPBROADCASTD c707<>(SB), w; \
	VPADDW t0, t1, t1; \
	VPMULHRSW w, t1, t1; \
	VPADDW t1, t0, a2; \
	VPSUBW t1, t0, t2; \
	VPSUBW a1, a0, t3; \
	VPADDW a1, a0, a0; \
	VPADDW a5, a4, a4; \
	VPADDW a6, a5, a5; \
	VPADDW a7, a6, a6; \
	VPMULHRSW w, a5, a5; \
	VPBROADCASTD c382<>(SB), w; \
	VPSUBW a6, a4, t0; \
	VPMULHRSW w, t0, t0; \
	VPBROADCASTD c541<>(SB), w; \
	VPMULHRSW w, a4, a4; \
	VPADDW t0, a4, a4; \
	VPBROADCASTD c306<>(SB), w; \
	VPMULHRSW w, a6, t1; \
	VPADDW a6, t1, t1; \
	VPADDW t0, t1, t1; \
	VPADDW a5, a7, t0; \
	VPSUBW a5, a7, a7; \
	VPADDW a4, a7, a5; \
	VPSUBW a4, a7, a3; \
	VPADDW t1, t0, a1; \
	VPSUBW t1, t0, a7; \
	VMOVDQA t3, a4; \
	VMOVDQA t2, a6

// ROW loads sixteen samples around 0, doubled; Y15 holds 128s.
#define ROW(y) \
	VPMOVZXBW (SI), y; \
	VPSUBW Y15, y, y; \
	VPADDW y, y, y; \
	ADDQ BX, SI

// DIVIDE quantizes column u of the frequencies of two blocks; x is the lower half of a.
#define DIVIDE(u, a, x, t) \
	VPABSW a, t; \
	VPADDW (96*u)(DX), t, t; \
	VPMULHUW (96*u+32)(DX), t, t; \
	VPMULHUW (96*u+64)(DX), t, t; \
	VPSIGNW a, t, a; \
	VMOVDQU x, (16*u)(DI); \
	VEXTRACTI128 $1, a, (128+16*u)(DI)

// ZEROS tells which coefficients of columns 2i and 2i+1, a and b, are 0; Y7 is 0.
#define ZEROS(i, a, b) \
	VPACKSSWB b, a, a; \
	VPCMPEQB Y7, a, a; \
	VPMOVMSKB a, AX; \
	MOVL AX, (4*i)(R8)

// func quantize2AVX2(pix *byte, stride int, s *steps, out *[128]int16, zeros *[4]uint32)
//
// A vector is a row of both blocks, one in each half. The columns are transformed,
// each half is transposed, then what were the rows.
TEXT ·quantize2AVX2(SB), NOSPLIT, $0-40
	MOVQ pix+0(FP), SI
	MOVQ stride+8(FP), BX
	MOVQ s+16(FP), DX
	MOVQ out+24(FP), DI
	MOVQ zeros+32(FP), R8
	VPCMPEQW Y15, Y15, Y15
	VPSRLW $15, Y15, Y15
	VPSLLW $7, Y15, Y15
	ROW(Y0)
	ROW(Y1)
	ROW(Y2)
	ROW(Y3)
	ROW(Y4)
	ROW(Y5)
	ROW(Y6)
	ROW(Y7)
	FORWARD(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12)

	VPUNPCKLWD Y1, Y0, Y8
	VPUNPCKHWD Y1, Y0, Y9
	VPUNPCKLWD Y3, Y2, Y10
	VPUNPCKHWD Y3, Y2, Y11
	VPUNPCKLWD Y5, Y4, Y12
	VPUNPCKHWD Y5, Y4, Y13
	VPUNPCKLWD Y7, Y6, Y14
	VPUNPCKHWD Y7, Y6, Y15
	VPUNPCKLDQ Y10, Y8, Y0
	VPUNPCKHDQ Y10, Y8, Y1
	VPUNPCKLDQ Y11, Y9, Y2
	VPUNPCKHDQ Y11, Y9, Y3
	VPUNPCKLDQ Y14, Y12, Y4
	VPUNPCKHDQ Y14, Y12, Y5
	VPUNPCKLDQ Y15, Y13, Y6
	VPUNPCKHDQ Y15, Y13, Y7
	VPUNPCKLQDQ Y4, Y0, Y8
	VPUNPCKHQDQ Y4, Y0, Y9
	VPUNPCKLQDQ Y5, Y1, Y10
	VPUNPCKHQDQ Y5, Y1, Y11
	VPUNPCKLQDQ Y6, Y2, Y12
	VPUNPCKHQDQ Y6, Y2, Y13
	VPUNPCKLQDQ Y7, Y3, Y14
	VPUNPCKHQDQ Y7, Y3, Y15

	FORWARD(Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15, Y0, Y1, Y2, Y3, Y4)
	DIVIDE(0, Y8, X8, Y0)
	DIVIDE(1, Y9, X9, Y1)
	DIVIDE(2, Y10, X10, Y2)
	DIVIDE(3, Y11, X11, Y3)
	DIVIDE(4, Y12, X12, Y4)
	DIVIDE(5, Y13, X13, Y5)
	DIVIDE(6, Y14, X14, Y6)
	DIVIDE(7, Y15, X15, Y0)
	VPXOR Y7, Y7, Y7
	ZEROS(0, Y8, Y9)
	ZEROS(1, Y10, Y11)
	ZEROS(2, Y12, Y13)
	ZEROS(3, Y14, Y15)
	VZEROUPPER
	RET
