/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of the Open Firmware client interface (IEEE 1275, LoPAPR appendix B), started with -kernel: it tries every service with
 * good and with bad arguments. Runs under the built-in firmware, under SLOF, and under both of the peer's. No pointers in data:
 * nobody relocates it.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

long client_call(void *args, u64 entry);
void client_main(u64 r3, u64 r4, u64 entry);

static u64 entry;
static u32 stdout_handle;
static int failures, slof;       /* SLOF gives up over a handle that is none */
static u32 block[32];
static u8 buffer[256];

#define FAIL 0xffffffffu
#define P(x) ((u32)(u64)(x))

/* Calls a service: its result, or 0xdead if the call itself is refused; further results stay in the block. */
static u32 of(const char *service, u32 nargs, u32 nret, u32 a, u32 b, u32 c, u32 d)
{
    volatile u32 *v = block;

    v[0] = P(service);
    v[1] = nargs;
    v[2] = nret;
    v[3] = a;
    v[4] = b;
    v[5] = c;
    v[6] = d;
    for (u32 i = 0; i < nret; i++) {
        v[3 + nargs + i] = 0;
    }
    if (client_call(block, entry)) {
        return 0xdead;
    }
    return nret ? v[3 + nargs] : 0;
}

static u32 more(u32 nargs, u32 n) { return ((volatile u32 *)block)[3 + nargs + n]; }

static u32 length(const char *s)
{
    u32 n = 0;

    while (s[n]) {
        n++;
    }
    return n;
}

static void put(const char *s)
{
    of("write", 3, 1, stdout_handle, P(s), length(s), 0);
}

static void put_hex(u64 v)
{
    char text[17];

    for (int i = 0; i < 16; i++) {
        text[i] = "0123456789abcdef"[v >> (60 - 4 * i) & 15];
    }
    text[16] = 0;
    put(text);
}

static void check(const char *name, u64 got, u64 want)
{
    put(got == want ? "PASS " : "FAIL ");
    put(name);
    if (got != want) {
        failures++;
        put(": got ");
        put_hex(got);
        put(", wanted ");
        put_hex(want);
    }
    put("\r\n");
}

static int same(const u8 *a, const char *b)
{
    while (*a && *a == (u8)*b) {
        a++;
        b++;
    }
    return *a == (u8)*b;
}

static u32 find(const char *path) { return of("finddevice", 1, 1, P(path), 0, 0, 0); }

static u32 cell(u32 node, const char *name)
{
    volatile u32 v = 0x5a5a5a5a;

    return of("getprop", 4, 1, node, P(name), P(&v), 4) == 4 ? v : 0x5a5a5a5a;
}

static void tree(u32 chosen)
{
    u32 root = find("/"), cpus = find("/cpus"), found = 0, steps = 0;

    check("finddevice of nothing", find("/no/such/node"), FAIL);
    check("peer of 0 is the root", of("peer", 1, 1, 0, 0, 0, 0), root);
    check("parent of the root", of("parent", 1, 1, root, 0, 0, 0), 0);
    check("parent", of("parent", 1, 1, cpus, 0, 0, 0), root);
    for (u32 n = of("child", 1, 1, root, 0, 0, 0); n && steps < 100; n = of("peer", 1, 1, n, 0, 0, 0), steps++) {
        found |= n == cpus ? 1 : n == chosen ? 2 : 0;
    }
    check("children of the root", found, 3);
    check("getprop", of("getprop", 4, 1, root, P("device_type"), P(buffer), sizeof(buffer)), 5);
    check("  its value", same(buffer, "chrp"), 1);
    buffer[2] = 'z';
    of("getprop", 4, 1, root, P("device_type"), P(buffer), 2);
    check("getprop stops where the buffer does", buffer[2], 'z');
    check("getprop of nothing", of("getprop", 4, 1, root, P("no-such-thing"), P(buffer), sizeof(buffer)), FAIL);
    check("getprop of no node", of("getprop", 4, 1, 0x12345678, P("device_type"), P(buffer), sizeof(buffer)), FAIL);
    check("getproplen", of("getproplen", 2, 1, root, P("device_type"), 0, 0), 5);
    check("getproplen of nothing", of("getproplen", 2, 1, root, P("no-such-thing"), 0, 0), FAIL);
    check("#address-cells", cell(root, "#address-cells"), 2);
    buffer[0] = 0;
    found = steps = 0;
    static u8 previous[64];
    while (of("nextprop", 3, 1, root, P(previous), P(buffer), 0) == 1 && steps++ < 100) {
        found |= same(buffer, "device_type") ? 1 : same(buffer, "#size-cells") ? 2 : same(buffer, "compatible") ? 4 : 0;
        for (int i = 0; i < 63; i++) {
            previous[i] = buffer[i];
        }
    }
    check("nextprop goes round all", found, 7);
    check("  and ends", steps > 4 && steps < 100, 1);
    check("package-to-path", of("package-to-path", 3, 1, chosen, P(buffer), sizeof(buffer), 0), 7);
    buffer[7] = 0;
    check("  its value", same(buffer, "/chosen"), 1);
    if (!slof) {
        check("package-to-path of no node", of("package-to-path", 3, 1, 0x12345678, P(buffer), sizeof(buffer), 0), FAIL);
    }
    check("canon", of("canon", 3, 1, P("/chosen"), P(buffer), sizeof(buffer), 0), 7);
    check("setprop", of("setprop", 4, 1, chosen, P("bootargs"), P("hello"), 6), 6);
    check("  read back", of("getprop", 4, 1, chosen, P("bootargs"), P(buffer), sizeof(buffer)) == 6 && same(buffer, "hello"), 1);
}

static void instances(u32 chosen)
{
    u32 package = of("instance-to-package", 1, 1, stdout_handle, 0, 0, 0);

    check("instance-to-package", package, find("/vdevice/vty@71000000"));
    u32 n = of("instance-to-path", 3, 1, stdout_handle, P(buffer), sizeof(buffer), 0);
    buffer[n < 255 ? n : 255] = 0;
    check("instance-to-path", same(buffer, "/vdevice/vty@71000000"), 1);
    if (!slof) {
        check("instance-to-package of nothing", of("instance-to-package", 1, 1, 0x12345678, 0, 0, 0), FAIL);
    }
    check("open of nothing", of("open", 1, 1, P("/no/such/node"), 0, 0, 0), 0);
    check("write", of("write", 3, 1, stdout_handle, P("written\r\n"), 9, 0), 9);
    u32 handle = of("open", 1, 1, P("/rtas"), 0, 0, 0);
    check("open", handle && handle != FAIL, 1);
    of("close", 1, 0, handle, 0, 0, 0);
}

static void memory(void)
{
    u32 at = of("claim", 3, 1, 0x6000000, 0x100000, 0, 0), any;

    check("claim", at, 0x6000000);
    check("claim what is claimed", of("claim", 3, 1, 0x6080000, 0x100000, 0, 0), FAIL);
    check("claim beyond memory", of("claim", 3, 1, 0xf0000000, 0x100000, 0, 0), FAIL);
    any = of("claim", 3, 1, 0, 0x20000, 0x10000, 0);
    check("claim anywhere", any != FAIL && any && !(any & 0xffff), 1);
    *(volatile u32 *)(u64)any = 0x1234;
    check("  it is memory", *(volatile u32 *)(u64)any, 0x1234);
    of("release", 2, 0, 0x6000000, 0x100000, 0, 0);
    check("claim after release", of("claim", 3, 1, 0x6000000, 0x100000, 0, 0), 0x6000000);
}

/* ibm,client-architecture-support: a POWER8 in its architected mode, form 1 of NUMA's lists, both kinds of MMU */
static void negotiate(u32 chosen)
{
    static u8 vectors[] __attribute__((aligned(8))) = {
        0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 4,      /* mode POWER8 */
        0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,         /* the end: matches nothing */
        5 - 1, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0x80, 25 - 1,
        0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    };
    u32 root = of("open", 1, 1, P("/"), 0, 0, 0);

    check("call-method of nothing", of("call-method", 3, 2, P("no-such-method"), root, 0, 0) != 0, 1);
    check("ibm,client-architecture-support", of("call-method", 3, 2, P("ibm,client-architecture-support"), root, P(vectors), 0), 0);
    check("  agreed", more(3, 1), 0);
    u32 cpu = of("child", 1, 1, find("/cpus"), 0, 0, 0);
    check("  the mode of the processor", cell(cpu, "cpu-version"), 0x0f000004);
    check("  vector 5 is there", of("getproplen", 2, 1, chosen, P("ibm,architecture-vec-5"), 0, 0) > 2, 1);
}

static void rtas(void)
{
    u32 node = find("/rtas"), size = cell(node, "rtas-size"), base, handle = of("open", 1, 1, P("/rtas"), 0, 0, 0);
    volatile u32 args[4];

    base = of("claim", 3, 1, 0, size, 0x1000, 0);
    check("claim for RTAS", base != FAIL, 1);
    check("instantiate-rtas", of("call-method", 3, 2, P("instantiate-rtas"), handle, base, 0), 0);
    check("  its entry", more(3, 1), base);
    args[0] = cell(node, "display-character");
    args[1] = args[2] = 1;
    args[3] = '#';
    client_call((void *)args, base);    /* entered in the same way: r3 arguments */
    check("RTAS answers", args[2], 1);
}

void client_main(u64 r3, u64 r4, u64 r5)
{
    entry = r5;
    u32 chosen = find("/chosen");
    stdout_handle = cell(chosen, "stdout");
    slof = find("/openprom") != FAIL;
    put(slof ? "CLIENT of SLOF\r\n" : "CLIENT\r\n");
    check("stdout", stdout_handle != 0x5a5a5a5a && stdout_handle, 1);
    tree(chosen);
    instances(chosen);
    memory();
    check("test of a service", of("test", 1, 1, P("getprop"), 0, 0, 0), 0);
    check("test of none", of("test", 1, 1, P("no-such-service"), 0, 0, 0) != 0, 1);
    check("a service that is none", of("no-such-service", 0, 1, 0, 0, 0, 0), 0xdead);
    u32 before = of("milliseconds", 0, 1, 0, 0, 0, 0), spins = 0;
    while (of("milliseconds", 0, 1, 0, 0, 0, 0) == before && spins < 100000000) {
        spins++;
    }
    check("milliseconds go on", spins < 100000000, 1);
    negotiate(chosen);
    rtas();
    put(failures ? "RESULT: FAIL\r\n" : "RESULT: PASS\r\n");
    of("quiesce", 0, 0, 0, 0, 0, 0);
    of("exit", 0, 0, 0, 0, 0, 0);
    for (;;) {
    }
}
