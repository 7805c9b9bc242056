#include "go_asm.h"
#include "textflag.h"

// R8 the column's flags, R9 its first sample, R10 the blockCoder, R11 the table of zero
// contexts; R12 slack, DX the interval A, BX the code register C; R13 the flags, R15 the
// set of rows to code. AX, CX, DI and R14 are free; SI is what the pass makes of it.

#define MQ(field) (blockCoder_mq+field)(R10)

// DECIDE decodes a decision in context DI into bit 0 of AX; the other bits are noise, CX,
// DI and R14 are lost. It is mq.settle line by line: R14 is what was taken, then the mask
// of the lower subinterval, then that of the less probable symbol; R12 the mask of the
// exchange; CX the number of shifts. No byte is looked for behind the 0xFF 0xFF that
// every codeword segment ends with, so that no length is compared.
#define DECIDE(settled, bytes, stuffed, end, read) \
	MOVL blockCoder_contexts(R10)(DI*4), AX; \
	MOVL AX, CX; \
	SHRL $16, CX; \
	SUBL CX, R12; \
	JGE  settled; \
	MOVL MQ(mq_full), R14; \
	SUBL R12, R14; \
	SUBL R14, DX; \
	SHLL $16, R14; \
	SUBL R14, BX; \
	SBBL R14, R14; \
	MOVL CX, R12; \
	SHLL $16, R12; \
	ANDL R14, R12; \
	ADDL R12, BX; \
	CMPL DX, CX; \
	SBBL R12, R12; \
	TESTL R14, R14; \
	CMOVLNE CX, DX; \
	XORL R12, R14; \
	MOVL AX, CX; \
	SHRL $1, CX; \
	MOVL AX, R12; \
	SHRL $8, R12; \
	XORL R14, AX; \
	TESTL R14, R14; \
	CMOVLNE R12, CX; \
	ANDL $127, CX; \
	LEAQ ·mqTable(SB), R14; \
	MOVL (R14)(CX*4), R14; \
	MOVL R14, blockCoder_contexts(R10)(DI*4); \
	BSRL DX, CX; \
	XORL $15, CX; \
read: \
	CMPL CX, MQ(mq_ct); \
	JHI  bytes; \
	SUBL CX, MQ(mq_ct); \
	SHLL CX, DX; \
	SHLL CX, BX; \
	LEAL -0x8000(DX), R12; \
	MOVL BX, R14; \
	SHRL $16, R14; \
	CMPL R14, R12; \
	CMOVLLT R14, R12; \
	MOVL R12, MQ(mq_full); \
	JMP  settled; \
bytes: \
	MOVL CX, R12; \
	MOVL MQ(mq_ct), CX; \
	SHLL CX, DX; \
	SHLL CX, BX; \
	SUBL CX, R12; \
	MOVQ MQ(mq_buf), R14; \
	ADDQ MQ(mq_pos), R14; \
	MOVBLZX 1(R14), DI; \
	CMPB (R14), $0xFF; \
	JEQ  stuffed; \
	SHLL $8, DI; \
	ADDL DI, BX; \
	INCQ MQ(mq_pos); \
	MOVL $8, MQ(mq_ct); \
	MOVL R12, CX; \
	JMP  read; \
stuffed: \
	CMPL DI, $0x8F; \
	JHI  end; \
	SHLL $9, DI; \
	ADDL DI, BX; \
	INCQ MQ(mq_pos); \
	MOVL $7, MQ(mq_ct); \
	MOVL R12, CX; \
	JMP  read; \
end: \
	ADDL $0xFF00, BX; \
	MOVL $8, MQ(mq_ct); \
	MOVL R12, CX; \
	JMP  read; \
settled:

// BEGIN enters a block: the rows left are in left, the bytes of a row of flags in pitch.
#define BEGIN \
	MOVL MQ(mq_a), DX; \
	MOVL MQ(mq_c), BX; \
	MOVL MQ(mq_slack), R12; \
	MOVQ blockCoder_fw(R10), AX; \
	SHLQ $3, AX; \
	MOVQ AX, pitch-8(SP); \
	MOVQ blockCoder_flags(R10), R8; \
	LEAQ 8(R8)(AX*1), R8; \
	MOVQ blockCoder_data(R10), R9; \
	MOVQ blockCoder_h(R10), AX; \
	MOVQ AX, left-16(SP)

// STRIPE finds its rows and where its columns end.
#define STRIPE \
	MOVQ left-16(SP), AX; \
	MOVL $4, CX; \
	CMPQ AX, CX; \
	CMOVQGT CX, AX; \
	LEAQ ·rowsOf(SB), CX; \
	MOVL (CX)(AX*4), AX; \
	MOVL AX, rows-24(SP); \
	MOVQ blockCoder_w(R10), AX; \
	LEAQ (R8)(AX*8), AX; \
	MOVQ AX, stop-32(SP)

// NEXT goes on with the next column or stripe, or ends the pass.
#define NEXT(column, stripe) \
	ADDQ $8, R8; \
	ADDQ $4, R9; \
	CMPQ R8, stop-32(SP); \
	JNE  column; \
	ADDQ $16, R8; \
	MOVQ blockCoder_w(R10), AX; \
	LEAQ (AX)(AX*2), AX; \
	LEAQ (R9)(AX*4), R9; \
	SUBQ $4, left-16(SP); \
	JGT  stripe; \
	MOVL DX, MQ(mq_a); \
	MOVL BX, MQ(mq_c); \
	MOVL R12, MQ(mq_slack); \
	RET

// ROW takes the first row of the set R15, its shift into CX and row.
#define ROW \
	BSFL R15, CX; \
	MOVQ CX, row-40(SP); \
	LEAL -1(R15), AX; \
	ANDL AX, R15

// ZERO is the number of the zero context of the row CX.
#define ZERO \
	MOVQ R13, DI; \
	SHRQ CX, DI; \
	ANDL $0x1FF, DI; \
	MOVBLZX (R11)(DI*1), DI

// SIGN is the number of the sign context of the row CX, what flips it goes to flip.
#define SIGN \
	MOVQ R13, DI; \
	SHRQ CX, DI; \
	MOVL DI, AX; \
	ANDL $0xAA, AX; \
	SHRQ $(const_signAt+1), DI; \
	ANDL $0x55, DI; \
	ORL  AX, DI; \
	LEAQ ·signContext(SB), AX; \
	MOVBLZX (AX)(DI*1), DI; \
	MOVL DI, flip-48(SP); \
	ANDL $31, DI

// SIGNIFICANT is blockCoder.significant with the decision AX of the sign. CX is the row.
#define SIGNIFICANT(value, notFirst, done) \
	MOVL flip-48(SP), DI; \
	SHRL $7, DI; \
	XORL DI, AX; \
	ANDL $1, AX; \
	MOVQ row-40(SP), CX; \
	MOVQ blockCoder_rowAt(R10)(CX*8), DI; \
	MOVL AX, R14; \
	SHLL $31, R14; \
	ORL  value, R14; \
	MOVL R14, (R9)(DI*4); \
	SHLQ $const_signAt, AX; \
	ORQ  $1, AX; \
	MOVQ AX, R14; \
	SHLQ CX, R14; \
	SHLQ $3, R14; \
	ORQ  R14, 8(R8); \
	ADDQ R14, R14; \
	ORQ  R14, R13; \
	ADDQ R14, R14; \
	ORQ  R14, -8(R8); \
	TESTL CX, CX; \
	JNE  notFirst; \
	CMPB blockCoder_causal(R10), $0; \
	JNE  done; \
	MOVQ R8, R14; \
	SUBQ pitch-8(SP), R14; \
	SHLQ $15, AX; \
	ORQ  AX, 8(R14); \
	ADDQ AX, AX; \
	ORQ  AX, (R14); \
	ADDQ AX, AX; \
	ORQ  AX, -8(R14); \
	JMP  done; \
notFirst: \
	CMPL CX, $9; \
	JNE  done; \
	MOVQ pitch-8(SP), R14; \
	ORQ  AX, 8(R8)(R14*1); \
	ADDQ AX, AX; \
	ORQ  AX, (R8)(R14*1); \
	ADDQ AX, AX; \
	ORQ  AX, -8(R8)(R14*1); \
done:

// func significanceAMD64(b *blockCoder, zc *[512]uint8, value uint32)
TEXT ·significanceAMD64(SB), NOSPLIT, $48-20
	MOVQ b+0(FP), R10
	MOVQ zc+8(FP), R11
	BEGIN

stripe:
	STRIPE

column:
	MOVQ  (R8), R13
	MOVL  R13, AX
	ANDL  $const_sigma, AX
	JEQ   next
	MOVL  AX, CX            // touched
	MOVL  AX, DI
	SHRL  $1, CX
	SHRL  $2, DI
	ORL   CX, AX
	ORL   DI, AX
	ANDL  $0x9249, AX
	MOVL  AX, CX
	MOVL  AX, R15
	SHRL  $3, CX
	SHRL  $6, R15
	ORL   CX, AX
	ORL   AX, R15
	MOVL  R13, CX
	SHRL  $4, CX
	NOTL  CX
	ANDL  CX, R15
	ANDL  rows-24(SP), R15
	JEQ   next
	XORL  SI, SI            // seen

row:
	MOVL  R15, DI
	ROW
	XORL  R15, DI
	ORL   DI, SI
	ZERO
	DECIDE(zeroSettled, zeroBytes, zeroStuffed, zeroEnd, zeroRead)
	TESTL $1, AX
	JEQ   rowDone
	MOVQ  row-40(SP), CX
	SIGN
	DECIDE(signSettled, signBytes, signStuffed, signEnd, signRead)
	SIGNIFICANT(value+16(FP), notFirst, marked)
	MOVL  $8, DI            // the row below may be one now
	SHLL  CX, DI
	MOVL  R13, AX
	SHRL  $4, AX
	NOTL  AX
	ANDL  AX, DI
	ANDL  rows-24(SP), DI
	ORL   DI, R15

rowDone:
	TESTL R15, R15
	JNE   row
	SHLQ  $const_visitedAt, SI
	ORQ   SI, R13
	MOVQ  R13, (R8)

next:
	NEXT(column, stripe)

// func refinementAMD64(b *blockCoder, half uint32)
TEXT ·refinementAMD64(SB), NOSPLIT, $40-12
	MOVQ b+0(FP), R10
	MOVL half+8(FP), SI
	BEGIN

stripe:
	STRIPE

column:
	MOVQ  (R8), R13
	MOVQ  R13, R15
	MOVQ  R13, AX
	SHRQ  $4, R15
	SHRQ  $const_visitedAt, AX
	NOTL  AX
	ANDL  AX, R15
	ANDL  $const_allRows, R15
	JEQ   next
	MOVQ  R15, AX
	SHLQ  $const_refinedAt, AX
	ORQ   R13, AX
	MOVQ  AX, (R8)

row:
	ROW
	MOVQ  R13, AX
	SHRQ  CX, AX
	XORL  DI, DI
	MOVL  $16, CX
	TESTL $(0x1FF-const_center), AX
	SETNE DI
	ADDL  $14, DI
	BTQ   $const_refinedAt, AX
	CMOVLCS CX, DI
	DECIDE(settled, bytes, stuffed, end, read)
	ANDL  $1, AX
	DECL  AX                // all ones: downwards
	MOVL  SI, DI
	XORL  AX, DI
	SUBL  AX, DI
	MOVQ  row-40(SP), CX
	MOVQ  blockCoder_rowAt(R10)(CX*8), CX
	ADDL  DI, (R9)(CX*4)
	TESTL R15, R15
	JNE   row

next:
	NEXT(column, stripe)

// func cleanupAMD64(b *blockCoder, zc *[512]uint8, value uint32)
TEXT ·cleanupAMD64(SB), NOSPLIT, $56-20
	MOVQ b+0(FP), R10
	MOVQ zc+8(FP), R11
	MOVQ $(const_sigma|const_visited), SI
	BEGIN

stripe:
	STRIPE

column:
	MOVQ  (R8), R13
	TESTQ R13, SI
	JNE   some
	CMPL  rows-24(SP), $const_allRows
	JNE   some
	MOVL  $const_ctxRun, DI
	DECIDE(runSettled, runBytes, runStuffed, runEnd, runRead)
	TESTL $1, AX
	JEQ   next
	MOVL  $const_ctxUni, DI
	DECIDE(highSettled, highBytes, highStuffed, highEnd, highRead)
	ANDL  $1, AX
	MOVL  AX, first-56(SP)
	MOVL  $const_ctxUni, DI
	DECIDE(lowSettled, lowBytes, lowStuffed, lowEnd, lowRead)
	ANDL  $1, AX
	MOVL  first-56(SP), CX
	LEAL  (AX)(CX*2), CX
	LEAL  (CX)(CX*2), CX    // the first significant row
	MOVL  $-2, R15
	SHLL  CX, R15
	ANDL  $const_allRows, R15
	MOVQ  CX, row-40(SP)
	JMP   sign

some:
	MOVQ  R13, R15
	MOVQ  R13, AX
	SHRQ  $4, R15
	SHRQ  $const_visitedAt, AX
	ORL   AX, R15
	NOTL  R15
	ANDL  rows-24(SP), R15
	JEQ   clear

row:
	ROW
	ZERO
	DECIDE(zeroSettled, zeroBytes, zeroStuffed, zeroEnd, zeroRead)
	TESTL $1, AX
	JEQ   rowDone
	MOVQ  row-40(SP), CX

sign:
	SIGN
	DECIDE(signSettled, signBytes, signStuffed, signEnd, signRead)
	SIGNIFICANT(value+16(FP), notFirst, marked)

rowDone:
	TESTL R15, R15
	JNE   row

clear:
	MOVQ  SI, AX
	NOTQ  AX
	ORQ   $const_sigma, AX
	ANDQ  R13, AX
	MOVQ  AX, (R8)

next:
	NEXT(column, stripe)
