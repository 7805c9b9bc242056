#include "textflag.h"

// func halveAVX2(dst, a, b *byte, n int, up, down, flip, bias uint64)
//
// n is a multiple of 16. Sixteen averages of 2 × 2 cells a turn: shift the value to
// the top, flip unsigned to signed, shift it down with its sign; VPMADDWD by ones adds
// neighbours to 32 bits; add the rows, round, divide by four, narrow.
TEXT ·halveAVX2(SB), NOSPLIT, $0-64
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
	VMOVQ up+32(FP), X10
	VMOVQ down+40(FP), X11
	VMOVQ flip+48(FP), X12
	VPBROADCASTW X12, Y12
	VMOVQ bias+56(FP), X13
	VPBROADCASTW X13, Y13
	VPCMPEQW Y14, Y14, Y14
	VPSRLW $15, Y14, Y14
	VPCMPEQD Y15, Y15, Y15
	VPSRLD $31, Y15, Y15
	VPADDD Y15, Y15, Y15

turn:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU (DX), Y2
	VMOVDQU 32(DX), Y3
	VPSLLW X10, Y0, Y0
	VPSLLW X10, Y1, Y1
	VPSLLW X10, Y2, Y2
	VPSLLW X10, Y3, Y3
	VPXOR Y12, Y0, Y0
	VPXOR Y12, Y1, Y1
	VPXOR Y12, Y2, Y2
	VPXOR Y12, Y3, Y3
	VPSRAW X11, Y0, Y0
	VPSRAW X11, Y1, Y1
	VPSRAW X11, Y2, Y2
	VPSRAW X11, Y3, Y3
	VPMADDWD Y14, Y0, Y0
	VPMADDWD Y14, Y1, Y1
	VPMADDWD Y14, Y2, Y2
	VPMADDWD Y14, Y3, Y3
	VPADDD Y2, Y0, Y0
	VPADDD Y3, Y1, Y1
	VPADDD Y15, Y0, Y0
	VPADDD Y15, Y1, Y1
	VPSRAD $2, Y0, Y0
	VPSRAD $2, Y1, Y1
	VPACKSSDW Y1, Y0, Y0
	VPERMQ $0xD8, Y0, Y0
	VPADDW Y13, Y0, Y0
	VMOVDQU Y0, (DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $32, DI
	SUBQ $16, CX
	JNZ turn
	VZEROUPPER
	RET
