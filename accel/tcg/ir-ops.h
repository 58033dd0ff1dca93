/*
 * The one table of IR operations.
 *
 *   X(NAME, result, args, flags, what)
 *     result: V(oid) I(64) F(64) X(128-bit vector), or T = same type as the first argument/ slot
 *     args:   one letter per operand, same alphabet
 *     flags:  P pure (may be merged, moved, dropped)   S has a snapshot (may raise or leave)
 *             W has a side effect                      C commutative
 *
 * From it come the enum, the printer, the verifier, the interpreter's dispatch and the list that a
 * host back end implements. Integer operations are 64 bits wide; `cond`, `size` (lane or access size)
 * and `imm` of the node refine an operation as its line says. Vector lanes: size 0..4 = 8..128 bits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define IR_OPS(X) \
    /* --- constants and guest registers --- */ \
    X(CONST,    I, "",     "P",  "imm") \
    X(FCONST,   F, "",     "P",  "binary64 whose bits are imm") \
    X(VCONST,   X, "",     "P",  "128-bit constant: region pool entry imm") \
    X(SLOT,     T, "",     "",   "read slot imm from its home") \
    X(LDENV,    I, "",     "",   "load size from cpu + imm; MO_SIGN in aux") \
    X(STENV,    V, "I",    "W",  "store size at cpu + imm") \
    X(LDENVX,   X, "",     "",   "load 16 bytes from cpu + imm") \
    X(STENVX,   V, "X",    "W",  "store 16 bytes at cpu + imm") \
    /* --- integer --- */ \
    X(ADD,      I, "II",   "PC", "a + b") \
    X(SUB,      I, "II",   "P",  "a - b") \
    X(ADC,      I, "III",  "P",  "a + b + c, c being 0 or 1") \
    X(ADCC,     I, "III",  "P",  "the carry out of the same; after its ADC if there is one") \
    X(MUL,      I, "II",   "PC", "low 64 bits of a * b") \
    X(MULHS,    I, "II",   "PC", "high 64 bits, signed") \
    X(MULHU,    I, "II",   "PC", "high 64 bits, unsigned") \
    X(DIVS,     I, "II",   "P",  "signed quotient; caller excludes b == 0 and overflow") \
    X(DIVU,     I, "II",   "P",  "unsigned quotient; caller excludes b == 0") \
    X(REMS,     I, "II",   "P",  "signed remainder, as DIVS") \
    X(REMU,     I, "II",   "P",  "unsigned remainder, as DIVU") \
    X(AND,      I, "II",   "PC", "") \
    X(OR,       I, "II",   "PC", "") \
    X(XOR,      I, "II",   "PC", "") \
    X(ANDC,     I, "II",   "P",  "a & ~b") \
    X(NOT,      I, "I",    "P",  "") \
    X(NEG,      I, "I",    "P",  "") \
    X(SHL,      I, "II",   "P",  "a << (b & 63)") \
    X(SHR,      I, "II",   "P",  "logical a >> (b & 63)") \
    X(SAR,      I, "II",   "P",  "arithmetic a >> (b & 63)") \
    X(ROTL,     I, "II",   "P",  "rotate left by b & 63") \
    X(ROTL32,   I, "II",   "P",  "low word rotated left by b & 31, zero-extended") \
    X(EXTS,     I, "I",    "P",  "sign-extend the low 8 << size bits (size 0..2)") \
    X(EXTU,     I, "I",    "P",  "zero-extend the low 8 << size bits (size 0..2)") \
    X(BSWAP,    I, "I",    "P",  "byte-reverse the low 8 << size bits (size 1..3), zero-extended") \
    X(CLZ,      I, "I",    "P",  "leading zeros of 64 bits, 64 for 0") \
    X(CTZ,      I, "I",    "P",  "trailing zeros of 64 bits, 64 for 0") \
    X(POPCNT,   I, "I",    "P",  "ones in 64 bits") \
    X(PDEP,     I, "II",   "P",  "scatter low bits of a to the ones of mask b (x86 order)") \
    X(PEXT,     I, "II",   "P",  "gather bits of a at the ones of mask b (x86 order)") \
    X(SETCOND,  I, "II",   "P",  "1 if a cond b else 0; aux 1: compare low words") \
    X(SEL,      I, "IIII", "P",  "a cond b ? c : d; aux 1: compare low words") \
    /* --- guest memory; aux = MemOp --- */ \
    X(LD,       I, "I",    "S",  "load at address a") \
    X(ST,       V, "II",   "SW", "store b at address a") \
    X(LDF,      F, "I",    "S",  "load 8 bytes as binary64 bits") \
    X(STF,      V, "IF",   "SW", "store 8 bytes of binary64 bits") \
    X(LDX,      X, "I",    "S",  "load 16 bytes") \
    X(STX,      V, "IX",   "SW", "store 16 bytes") \
    X(STZ,      V, "I",    "SW", "zero the 128 bytes from a on; a is a multiple of 128") \
    X(CMPXCHG,  I, "III",  "SW", "atomic: if [a] == b then [a] = c; value found") \
    X(FENCE,    V, "",     "W",  "aux 1: store-load (full) barrier; 0: compiler order only") \
    /* --- binary64 on the host unit, under the guest's rounding mode --- */ \
    X(F2I,      I, "F",    "P",  "bits") \
    X(I2F,      F, "I",    "P",  "bits") \
    X(FADD,     F, "FF",   "P",  "double") \
    X(FSUB,     F, "FF",   "P",  "double") \
    X(FMUL,     F, "FF",   "P",  "double") \
    X(FDIV,     F, "FF",   "P",  "double") \
    X(FSQRT,    F, "F",    "P",  "double") \
    X(FMADD,    F, "FFF",  "P",  "a * b + c, one rounding") \
    X(FMSUB,    F, "FFF",  "P",  "a * b - c, one rounding") \
    X(FADDS,    F, "FF",   "P",  "operands are exact singles: single result in double format") \
    X(FSUBS,    F, "FF",   "P",  "same") \
    X(FMULS,    F, "FF",   "P",  "same") \
    X(FDIVS,    F, "FF",   "P",  "same") \
    X(FSQRTS,   F, "F",    "P",  "same") \
    X(FMADDS,   F, "FFF",  "P",  "same: a * b + c") \
    X(FMSUBS,   F, "FFF",  "P",  "same: a * b - c") \
    X(FNEG,     F, "F",    "P",  "flip the sign") \
    X(FABS,     F, "F",    "P",  "clear the sign") \
    X(FNABS,    F, "F",    "P",  "set the sign") \
    X(FSETCOND, I, "FF",   "P",  "quiet compare: cond EQ LT GT LE GE or UN (unordered) -> 0/1") \
    X(FCVTS2D,  F, "I",    "P",  "low word holds a single (no NaN): widened") \
    X(FCVTD2S,  I, "F",    "P",  "rounded to single: its 32 bits, zero-extended") \
    X(FROUNDS,  F, "F",    "P",  "rounded to single, kept as double") \
    X(FCVTI2D,  F, "I",    "P",  "signed 64-bit to double") \
    X(FCVTD2I,  I, "F",    "P",  "double to signed 64-bit, truncating; out of range: INT64_MIN") \
    X(FMAX,     F, "FF",   "P",  "a > b ? a : b") \
    X(FMIN,     F, "FF",   "P",  "a < b ? a : b") \
    X(FSEL,     F, "FFFF", "P",  "a cond b ? c : d, quiet; cond EQ GT GE") \
    X(FRANGE,   I, "FFF",  "P",  "exponent field of a less imm, but 0 where a is a zero and so is b or c") \
    X(FTIE,     I, "FFFF", "P",  "a = b * c + d (aux 1: - d) was rounded to double: non-zero if a lies half-way between two singles and is inexact, or b, c or d is no single") \
    X(FRINT,    F, "F",    "P",  "to integral, inexact not signalled; aux: 0 nearest even 1 down 2 up 3 zero") \
    /* --- 128-bit vectors; lanes are unordered unless said, so either numbering does --- */ \
    X(F2V,      X, "F",    "P",  "doubleword 0 = a, doubleword 1 = 0") \
    X(V2F,      F, "X",    "P",  "doubleword 0") \
    X(V2ILO,    I, "X",    "P",  "doubleword 1 (host low half)") \
    X(V2IHI,    I, "X",    "P",  "doubleword 0 (host high half)") \
    X(I2V,      X, "II",   "P",  "doubleword 0 = a, doubleword 1 = b") \
    X(VAND,     X, "XX",   "PC", "") \
    X(VOR,      X, "XX",   "PC", "") \
    X(VXOR,     X, "XX",   "PC", "") \
    X(VANDC,    X, "XX",   "P",  "a & ~b") \
    X(VNOT,     X, "X",    "P",  "") \
    X(VSEL,     X, "XXX",  "P",  "bitwise a ? b : c") \
    X(VADD,     X, "XX",   "PC", "modulo, lanes of size 0..3") \
    X(VSUB,     X, "XX",   "P",  "modulo, size 0..3") \
    X(VMUL,     X, "XX",   "PC", "low half, size 1..2") \
    X(VMULWU,   X, "XX",   "PC", "64-bit product of the low words of each doubleword, unsigned") \
    X(VMULWS,   X, "XX",   "PC", "the same, signed") \
    X(VDOTHS,   X, "XX",   "PC", "sum of the two products of signed halfwords in each word, modulo") \
    X(VADDSS,   X, "XX",   "PC", "signed saturating, size 0..1") \
    X(VADDUS,   X, "XX",   "PC", "unsigned saturating, size 0..1") \
    X(VSUBSS,   X, "XX",   "P",  "signed saturating, size 0..1") \
    X(VSUBUS,   X, "XX",   "P",  "unsigned saturating, size 0..1") \
    X(VAVGU,    X, "XX",   "PC", "(a + b + 1) >> 1 unsigned, size 0..1") \
    X(VMINS,    X, "XX",   "PC", "size 0..2") \
    X(VMAXS,    X, "XX",   "PC", "size 0..2") \
    X(VMINU,    X, "XX",   "PC", "size 0..2") \
    X(VMAXU,    X, "XX",   "PC", "size 0..2") \
    X(VCMPEQ,   X, "XX",   "PC", "all ones where equal, size 0..3") \
    X(VCMPGTS,  X, "XX",   "P",  "all ones where a > b signed, size 0..3") \
    X(VSHL,     X, "XX",   "P",  "lanes shifted by the low log2(bits) bits of b's lane, size 0..3") \
    X(VSHR,     X, "XX",   "P",  "logical right, likewise") \
    X(VSAR,     X, "XX",   "P",  "arithmetic right, likewise") \
    X(VROTL,    X, "XX",   "P",  "rotate left, likewise") \
    X(VSHLI,    X, "X",    "P",  "lanes shifted left by constant imm < lane bits, size 1..3") \
    X(VSHRI,    X, "X",    "P",  "logical right by constant, size 1..3") \
    X(VSARI,    X, "X",    "P",  "arithmetic right by constant, size 1..2") \
    X(VDUP,     X, "I",    "P",  "low bits of a in each lane, size 0..3") \
    X(VPERM,    X, "XXX",  "P",  "Power vperm: bytes of a || b selected by c's low 5 bits (book numbering)") \
    X(VSHUF,    X, "XX",   "P",  "constant vperm: pool entry imm is the control, every byte < 32") \
    X(VMASK,    I, "X",    "P",  "top bit of each byte; bit i of the result = host byte i (book byte 15 - i)") \
    X(VAES,     X, "XX",   "P",  "AES round of state a, key b; size 0 to 3: AESENC AESENCLAST AESDEC AESDECLAST of x86, state byte i = host byte i") \
    X(VAESIMC,  X, "X",    "P",  "AES inverse mix columns, likewise") \
    X(VCLMUL,   X, "XX",   "P",  "carry-less product of a's and b's host low half; size bit 0: a's high, bit 1: b's high") \
    X(VFADD,    X, "XX",   "P",  "size 2 single, 3 double") \
    X(VFSUB,    X, "XX",   "P",  "") \
    X(VFMUL,    X, "XX",   "P",  "") \
    X(VFDIV,    X, "XX",   "P",  "") \
    X(VFSQRT,   X, "X",    "P",  "") \
    X(VFMADD,   X, "XXX",  "P",  "a * b + c") \
    X(VFMSUB,   X, "XXX",  "P",  "a * b - c") \
    X(VFMAX,    X, "XX",   "P",  "a > b ? a : b, size 2, 3") \
    X(VFMIN,    X, "XX",   "P",  "a < b ? a : b") \
    X(VFRINT,   X, "X",    "P",  "to integral as FRINT by imm; imm 4: by the rounding mode, inexact signalled") \
    X(VFCVT,    X, "X",    "P",  "size 0: signed words to singles; 1: back, truncating, INT32_MIN if out of range; 2: the host's low two signed words to doubles; 3: two doubles to the low words, as 1; 4: the low two singles to doubles; 5: two doubles to the low singles") \
    X(VFODD,    I, "XXX",  "P",  "non-zero if any lane of a (size 2, 3) is neither a number with exponent field in [2, max - 1] nor a zero where b or c is one") \
    X(VFINF,    I, "X",    "P",  "non-zero if any lane (size 2, 3) is infinite or a NaN") \
    X(VFCMP,    X, "XX",   "P",  "quiet compare, size 2, 3: cond EQ GT GE") \
    /* --- calls and control --- */ \
    X(CALL,     T, "",     "SW", "call entry imm; result type in the node") \
    X(GUARD,    T, "IIT",  "W",  "if a cond b (aux 1: low words) then result = call entry imm, else c; the call is out of line and keeps every register") \
    X(EXIT_IF,  V, "II",   "SW", "leave by exit imm if a cond b (aux 1: low words)") \
    X(EXIT,     V, "",     "SW", "leave by exit imm; last in the region")
