/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A little shell for Debian's kernel on processors that Debian's own programs do not run on: those want a POWER8, the kernel is content
 * with a POWER7. Needs no library and nothing newer than ISA 2.06, so it also shows a guest in power7 mode.
 *
 * Commands, with `;` between them: echo WORD... (with $((A+B))), cat FILE, grep ^START FILE, mount -t TYPE SOURCE FOLDER, sleep SECONDS,
 * load N (as many processes begin to work for ever), laps (what they did, and what was wrong: `laps=` of all, `least=` of the laziest, `bad=`).
 *
 * A lap of the work keeps values in all registers while it counts (shell-work.S), does some of it in the other byte order, writes
 * and checks memory of its own, and now and then asks for new pages, which have to be zeros, or forks.
 */
typedef unsigned long u64;
typedef unsigned char u8;

enum { SYS_EXIT = 1, SYS_FORK = 2, SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6, SYS_MOUNT = 21, SYS_MKDIR = 39, SYS_IOCTL = 54, SYS_MMAP = 90,
       SYS_MUNMAP = 91, SYS_WAIT4 = 114, SYS_SCHED_YIELD = 158, SYS_NANOSLEEP = 162 };
enum { READ = 1, WRITE = 2, EXEC = 4, SHARED = 1, PRIVATE = 2, ANONYMOUS = 0x20 };
enum { TCGETS = 0x402c7413, TCSETS = 0x802c7414, ICANON = 0x100, ECHO = 8 };
enum { WORKERS = 64, WORDS = 32768, FRESH = 1 << 20, SPINS = 20000, TURNS = 500 };

/* What shell-work.S takes and leaves: vector-scalar registers, general ones, then CR, LR and XER. */
struct registers {
    u64 vsr[64][2], gpr[32], cr, lr, xer;
};

struct worker {
    u64 laps, bad, where, pad[13];          /* a cache line each */
};

void shell_hold(const struct registers *in, struct registers *out, u64 spins);
extern const unsigned shell_turn_start[], shell_turn_swapped[], shell_turn_back[], shell_turn_end[];

static struct worker *workers;
static int n_workers;

static long call(long n, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    register u64 r0 asm("r0") = n, r3 asm("r3") = a, r4 asm("r4") = b, r5 asm("r5") = c, r6 asm("r6") = d, r7 asm("r7") = e, r8 asm("r8") = f;

    asm volatile("sc\n\tbns+ 1f\n\tneg 3,3\n1:" : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8) :
                 : "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
    return r3;
}

void *memset(void *to, int c, u64 n)
{
    for (u64 i = 0; i < n; i++) {
        ((volatile u8 *)to)[i] = c;
    }
    return to;
}

void *memcpy(void *to, const void *from, u64 n)
{
    for (u64 i = 0; i < n; i++) {
        ((volatile u8 *)to)[i] = ((const u8 *)from)[i];
    }
    return to;
}

static u64 length(const char *s)
{
    u64 n = 0;

    while (s[n]) {
        n++;
    }
    return n;
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++, b++;
    }
    return *a == *b;
}

static void put(const char *s)
{
    call(SYS_WRITE, 1, (u64)s, length(s), 0, 0, 0);
}

static void put_number(u64 n)
{
    char text[24], *p = text + 23;

    *p = 0;
    do {
        *--p = '0' + n % 10;
    } while (n /= 10);
    put(p);
}

static u64 number(const char **s)
{
    u64 n = 0;

    while (**s >= '0' && **s <= '9') {
        n = n * 10 + *(*s)++ - '0';
    }
    return n;
}

static void *map(u64 size, int protection, int how)
{
    long at = call(SYS_MMAP, 0, size, protection, how | ANONYMOUS, -1, 0);

    return at < 0 && at > -4096 ? 0 : (void *)at;
}

static void nap(u64 seconds, u64 nanoseconds)
{
    u64 time[2] = { seconds, nanoseconds };

    call(SYS_NANOSLEEP, (u64)time, 0, 0, 0, 0, 0);
}

static u64 mix(u64 x)
{
    x = (x ^ x >> 29) * 0x9e3779b97f4a7c15;
    return x ^ x >> 32;
}

/* Integers as doubles, which adding one keeps exact */
static u64 bits_of(double d)
{
    union { double d; u64 u; } both = { d };

    return both.u;
}

static void hold(struct worker *w, u64 seed)
{
    static struct registers in, out;
    const u64 *got = (u64 *)&out, *wanted = (u64 *)&in;

    for (u64 i = 0; i < sizeof(in) / 8; i++) {
        ((u64 *)&in)[i] = mix(seed + i);
    }
    in.vsr[0][0] = bits_of(seed & 0xffff);
    in.vsr[1][0] = bits_of(1);
    in.cr &= 0xffffffff;
    in.xer &= 0xe0000000;
    shell_hold(&in, &out, SPINS);
    in.vsr[0][0] = bits_of((seed & 0xffff) + SPINS);
    in.gpr[6] += in.gpr[7] * SPINS;
    for (u64 i = 0; i < 2; i++) {           /* vadduwm 0,0,1 */
        unsigned *sum = (unsigned *)in.vsr[32], *more = (unsigned *)in.vsr[33];

        sum[i * 2] += more[i * 2] * SPINS;
        sum[i * 2 + 1] += more[i * 2 + 1] * SPINS;
    }
    for (u64 i = 0; i < sizeof(in) / 8; i++) {
        long gpr = (long)i - 128;

        /* not those it needs itself, nor what fadd leaves undefined */
        if (got[i] != wanted[i] && !(gpr >= 0 && gpr < 5) && gpr != 13 && i != 1) {
            w->bad++;
            w->where = i;
        }
    }
}

static void fresh(struct worker *w)
{
    u64 *pages = map(FRESH, READ | WRITE, PRIVATE);

    for (u64 i = 0; pages && i < FRESH / 8; i += 64) {
        w->bad += pages[i] != 0;
        pages[i] = i;
    }
    w->bad += !pages || call(SYS_MUNMAP, (u64)pages, FRESH, 0, 0, 0, 0);
}

static void child(struct worker *w)
{
    int status = 0;
    long id = call(SYS_FORK, 0, 0, 0, 0, 0, 0);

    if (!id) {
        call(SYS_EXIT, 7, 0, 0, 0, 0, 0);
    }
    w->bad += id < 0 || call(SYS_WAIT4, id, (u64)&status, 0, 0, 0, 0) != id || status != 7 << 8;
}

/* The other byte order's instructions are stored in it, too. */
static u64 (*other_order(void))(u64 *, u64, u64)
{
    u64 n = shell_turn_end - shell_turn_start;
    unsigned *code = map(65536, READ | WRITE | EXEC, PRIVATE);

    for (u64 i = 0; i < n; i++) {
        const unsigned *from = shell_turn_start + i;

        code[i] = from >= shell_turn_swapped && from < shell_turn_back ? __builtin_bswap32(*from) : *from;
    }
    for (u64 i = 0; i < n; i++) {
        asm volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "b"(code + i) : "memory");
    }
    return (u64 (*)(u64 *, u64, u64))code;
}

static void work(struct worker *w, u64 seed)
{
    u64 *words = map(WORDS * 8, READ | WRITE, PRIVATE), (*turn)(u64 *, u64, u64) = other_order();
    static u64 scratch[16] __attribute__((aligned(16)));

    for (u64 lap = 0;; lap++) {
        hold(w, seed + lap);
        w->bad += turn(scratch, TURNS, mix(seed + lap));
        for (u64 i = 0; i < WORDS; i++) {
            if (words[i] != (lap ? mix(lap - 1 + i * seed) : 0)) {
                w->bad++;
                w->where = (u64)(words + i);
            }
            words[i] = mix(lap + i * seed);
        }
        if (lap % 16 == 0) {
            fresh(w);
        }
        if (lap % 64 == 0) {
            child(w);
            nap(0, 1000000);
        }
        w->laps = lap + 1;
    }
}

static void load(int n)
{
    for (; n-- && n_workers < WORKERS; n_workers++) {
        if (!call(SYS_FORK, 0, 0, 0, 0, 0, 0)) {
            work(workers + n_workers, n_workers * 1000003 + 17);
        }
    }
}

static void laps(void)
{
    u64 sum = 0, least = -1ul, bad = 0, where = 0;

    for (int i = 0; i < n_workers; i++) {
        sum += workers[i].laps;
        bad += workers[i].bad;
        where = workers[i].bad ? workers[i].where : where;
        least = workers[i].laps < least ? workers[i].laps : least;
    }
    put("laps="), put_number(sum), put(" least="), put_number(least), put(" bad="), put_number(bad), put(" where="), put_number(where), put("\n");
}

/* A file's text, at most `size` - 1 of it */
static char *text_of(const char *path, char *text, u64 size)
{
    long file = call(SYS_OPEN, (u64)path, 0, 0, 0, 0, 0), n = 0, more = 0;

    while (file >= 0 && (more = call(SYS_READ, file, (u64)text + n, size - 1 - n, 0, 0, 0)) > 0) {
        n += more;
    }
    text[n] = 0;
    if (file < 0) {
        put(path), put(": cannot be opened\n");
    } else {
        call(SYS_CLOSE, file, 0, 0, 0, 0, 0);
    }
    return text;
}

static void lines_of(char *text, const char *start)
{
    while (*text) {
        char *end = text;
        u64 n = 0;

        while (*end && *end != '\n') {
            end++;
        }
        end += *end == '\n';
        while (start[n] && text[n] == start[n]) {
            n++;
        }
        if (!start[n]) {
            call(SYS_WRITE, 1, (u64)text, end - text, 0, 0, 0);
        }
        text = end;
    }
}

static void echo(const char *s)
{
    while (*s) {
        if (s[0] == '$' && s[1] == '(' && s[2] == '(') {
            u64 sum = 0;

            s += 2;
            do {
                s++;
                sum += number(&s);
            } while (*s == '+');
            put_number(sum);
            s += s[0] == ')' && s[1] == ')' ? 2 : 0;
        } else {
            call(SYS_WRITE, 1, (u64)s++, 1, 0, 0, 0);
        }
    }
}

static void run(char **word, int n)
{
    static char text[65536];
    const char *s = n > 1 ? word[1] : "";

    if (same(word[0], "echo")) {
        for (int i = 1; i < n; i++) {
            echo(word[i]);
            put(i + 1 < n ? " " : "");
        }
        put("\n");
    } else if (same(word[0], "cat") && n == 2) {
        put(text_of(s, text, sizeof(text)));
    } else if (same(word[0], "grep") && n == 3 && *s == '^') {
        lines_of(text_of(word[2], text, sizeof(text)), s + 1);
    } else if (same(word[0], "mount") && n == 5) {
        call(SYS_MKDIR, (u64)word[4], 0755, 0, 0, 0, 0);
        call(SYS_MOUNT, (u64)word[3], (u64)word[4], (u64)word[2], 0, 0, 0);
    } else if (same(word[0], "sleep") && n == 2) {
        nap(number(&s), 0);
    } else if (same(word[0], "load") && n == 2) {
        load(number(&s));
    } else if (same(word[0], "laps")) {
        laps();
    } else {
        put(word[0]), put(": not known\n");
    }
}

static void run_line(char *p)
{
    while (*p) {
        char *word[16];
        int n = 0;

        while (*p && *p != ';') {
            while (*p == ' ') {
                *p++ = 0;
            }
            if (*p && *p != ';' && n < 16) {
                word[n++] = p;
            }
            while (*p && *p != ' ' && *p != ';') {
                p++;
            }
        }
        if (*p) {
            *p++ = 0;
        }
        if (n) {
            run(word, n);
        }
    }
}

/* A line, shown as it comes: the kernel's own echo mixes with what the command before or after it says. */
static void read_line(char *line, int size)
{
    int n = 0;
    char c = 0;

    while (c != '\n') {
        if (call(SYS_READ, 0, (u64)&c, 1, 0, 0, 0) != 1) {
            nap(1, 0);
        } else {
            call(SYS_WRITE, 1, (u64)&c, 1, 0, 0, 0);
            if (c != '\n' && n + 1 < size) {
                line[n++] = c;
            }
        }
    }
    line[n] = 0;
}

void shell_main(void)
{
    static char line[512];
    unsigned termios[11] = { 0 };       /* the fourth word has the local modes */

    workers = map(65536, READ | WRITE, SHARED);
    call(SYS_IOCTL, 0, TCGETS, (u64)termios, 0, 0, 0);
    termios[3] &= ~(ICANON | ECHO);
    call(SYS_IOCTL, 0, TCSETS, (u64)termios, 0, 0, 0);
    for (;;) {
        put("# ");
        read_line(line, sizeof(line));
        run_line(line);
    }
}
