# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong arguments get the words and the exit status that the peer gives them."""
import os, re, shlex, socket, subprocess, tempfile
from guest import emulator, skip
from terminal import PEER

if not os.path.exists(PEER):
    skip("the peer (Debian's qemu-system-ppc) is not installed")
CASES = r"""
-chardev foo,id=a
-chardev null
-chardev null,id=a,foo=1
-chardev null,id=a -chardev null,id=a
-chardev file,id=a
-chardev pipe,id=a
-chardev socket,id=a,host=foo
-chardev socket,id=a,path=/nonexistent/a
-chardev socket,id=a,path=/nonexistent/a,server=on
-chardev socket,id=a,path=/tmp/a,server=maybe
-chardev socket,id=a,path=/tmp/a,host=b
-chardev file,id=a,path=/nonexistent/x
-chardev pipe,id=a,path=/nonexistent/x
-chardev stdio,id=a -chardev stdio,id=b
-chardev ,id=a
-chardev id=a
-chardev null,id=a,mux=foo
-chardev null,id=3a
-chardev socket,id=a,host=127.0.0.1,port=1
-chardev socket,id=a,path=/tmp/xx,reconnect=foo
-chardev socket,id=a,path=/tmp/xx,reconnect=5,server=on
-chardev socket,id=a,path=/tmp/xx,wait=on
-chardev null,id=a,logfile=/nonexistent/x
-chardev mux,id=a
-chardev mux,id=a,chardev=b
-chardev stdio,id=a,signal=maybe
-chardev socket,id=a,fd=foo
-chardev socket,id=a,fd=99
-chardev socket,id=a,host=127.0.0.1,port=PORT,server=on,wait=off -chardev socket,id=b,host=127.0.0.1,port=PORT,server=on,wait=off
-serial foo
-serial file:/nonexistent/x
-serial tcp:
-serial tcp:localhost
-serial tcp:127.0.0.1:1
-serial unix:/nonexistent/s
-serial unix:/tmp/s,foo
-serial unix:/nonexistent/s,server,nowait
-serial tcp:localhost:abc,server,nowait
-serial chardev:foo
-serial mon:foo
-serial telnet:127.0.0.1:1
-serial pipe:/nonexistent
-serial stdio -serial stdio
-serial stdio -monitor stdio
-monitor foo
-monitor chardev:foo
-mon foo
-mon chardev=foo
-mon mode=readline
-mon chardev=foo,mode=bar
-chardev null,id=a -mon a,mode=bar
-chardev null,id=a -mon a,pretty=on
-chardev null,id=a -mon a -mon a
-serial ''
-monitor ''
-chardev ''
-serial stdio,signal=off
-serial pty:
-serial file:
-display foo
-vga foo
-name
-name foo,bar=1
-name foo,debug-threads=maybe
-uuid foo
-rtc foo
-rtc base=foo
-rtc clock=foo
-rtc driftfix=foo
-rtc foo=1
-action foo
-action panic=foo
-action reboot=none
-D /nonexistent/x
-D /tmp/%d%d
-D /tmp/%s
-L
-readconfig /nonexistent
-pidfile /nonexistent/x
-daemonize -serial stdio
-global foo=1
-accel foo
-accel tcg,thread=foo
-accel tcg,foo=1
-icount foo
-icount shift=11
-icount shift=-1
-icount shift=5,align=maybe
-dfilter foo
-dfilter 0x100
-dfilter 0x100+
-dfilter 0x100..0x50
-dfilter 0x100..
-msg foo
-msg timestamp=maybe
-boot foo
-nodefaults=on
-machine foo
-M
-initrd /x
-append foo
-smp foo
-m foo
-nosuch
-cpu foo
-icount align=on
-icount shift=auto,align=on,sleep=off
-icount shift=7,sleep=off,align=on
-icount shift=1 -accel tcg,thread=multi
-k
-accel ''
-M pseries-7.2,cap-ibs=fixed
-M pseries-7.2,cap-sbbc=fixed-na
-M pseries-7.2,cap-cfpc=on
-smp 1024 -M pseries-7.2,dumpdtb=DTB
-smp 4097 -M pseries-7.2
-smp 256 -M pseries-2.6,dumpdtb=DTB
-smp 255 -M pseries-2.1,dumpdtb=DTB
-smp 1025 -M pseries-2.12,dumpdtb=DTB
-smp 18446744073709551616 -M pseries-7.2
-smp 1.5 -M pseries-7.2
-smp 2,maxcpus=1 -M pseries-7.2
-smp 4,maxcpus=2,sockets=1 -M pseries-7.2
-smp 3,threads=2 -M pseries-7.2
-smp 4,sockets=2,cores=4 -M pseries-7.2
-smp 4,sockets=2,cores=1,threads=1 -M pseries-7.2
-smp 4,maxcpus=8,sockets=2,cores=2,threads=1 -M pseries-7.2
-smp 1,maxcpus=4097 -M pseries-7.2
-smp dies=2,cpus=2 -M pseries-7.2
-smp clusters=2,cpus=2 -M pseries-7.2
-smp foo=1 -M pseries-7.2
-smp cpus= -M pseries-7.2
-smp cpus=1,cpus=2 -M pseries-7.2,dumpdtb=DTB
-smp help -M pseries-7.2
-m -1 -M pseries-7.2
-m 1E -M pseries-7.2
-m 16E -M pseries-7.2
-m 32E -M pseries-7.2
-m 128 -M pseries-7.2,dumpdtb=DTB
-m 3G,slots=,maxmem= -M pseries-7.2
-m 3G,slots=4 -M pseries-7.2
-m 3G,maxmem=2G -M pseries-7.2
-m 3G,slots=4,maxmem=2G -M pseries-7.2
-m 3G,slots=4,maxmem=3G -M pseries-7.2
-m 3G,slots=33,maxmem=4G -M pseries-7.2
-m 3G,slots=300,maxmem=4G -M pseries-7.2
-m 3G,slots=foo,maxmem=4G -M pseries-7.2
-m 3G,slots=4,maxmem=foo -M pseries-7.2
-m 3G,slots=4,maxmem=4G,foo=1 -M pseries-7.2
-m 3333M -M pseries-7.2
-m 3333M,slots=4,maxmem=4G -M pseries-7.2
-m 1000,slots=4,maxmem=4G -M pseries-7.2
-m foo -M pseries-7.2
-m size= -M pseries-7.2
-m size=1G -m size=2G -M pseries-7.2,dumpdtb=DTB
-m 1.5G -M pseries-7.2,dumpdtb=DTB
-m 1.3G -M pseries-7.2,dumpdtb=DTB
-m 1X -M pseries-7.2
-m 1GB -M pseries-7.2
-m 1e3 -M pseries-7.2
-m 1T -M pseries-7.2
-m 100T -M pseries-7.2
-m 1P -M pseries-7.2
-m 1000P -M pseries-7.2
-m 1G,slots=4,maxmem=1T -M pseries-7.2,dumpdtb=DTB
-m 1023 -M pseries-7.2,dumpdtb=DTB
-m 512,slots=2 -M pseries-7.2
-m help -M pseries-7.2
-m 2G,slots=1,maxmem=2G,slots=2 -M pseries-7.2
-m 0 -M pseries-7.2,dumpdtb=DTB
-m '' -M pseries-7.2,dumpdtb=DTB
-m 1G, -M pseries-7.2,dumpdtb=DTB
-m .5G -M pseries-7.2
-m 1.G -M pseries-7.2,dumpdtb=DTB
-m ' 1G' -M pseries-7.2,dumpdtb=DTB
-m 1.5B -M pseries-7.2
-m 1.0000001G -M pseries-7.2
-m 134217729B -M pseries-7.2
-m 18446744073709551616B -M pseries-7.2
-m 1G1 -M pseries-7.2
-m 1e -M pseries-7.2
-m 17179869183G -M pseries-7.2
-smp 1,dies=1 -M pseries-7.2,dumpdtb=DTB
-smp cpus -M pseries-7.2
-smp 5000,maxcpus=5001 -M pseries-7.2
-smp 3,maxcpus=5 -M pseries-2.6
-object foo
-object ''
-object memory-backend-ram
-object memory-backend-ram,id=a
-object memory-backend-ram,id=a,size=foo
-object memory-backend-ram,id=a,size=1M,foo=1
-object memory-backend-ram,id=a,size=1M -object memory-backend-ram,id=a,size=1M
-object qom-type=memory-backend-ram
-object memory-backend-ram,size=1M
-object memory-backend-ram,id=3,size=1M
-device foo -M pseries-7.2 -cpu POWER9
-device '' -M pseries-7.2 -cpu POWER9
-device spapr-vty -M pseries-7.2 -cpu POWER9
-device spapr-vty,chardev=foo -M pseries-7.2 -cpu POWER9
-device spapr-vty,foo=1 -M pseries-7.2 -cpu POWER9
-device spapr-vty,reg=foo -M pseries-7.2 -cpu POWER9
-device spapr-vty,reg=4294967296 -M pseries-7.2 -cpu POWER9
-device spapr-vty,reg=-1 -M pseries-7.2 -cpu POWER9
-device spapr-vty,id=1a -M pseries-7.2 -cpu POWER9
-device driver=spapr-vty -M pseries-7.2 -cpu POWER9
-device id=a -M pseries-7.2 -cpu POWER9
-device spapr-nvram -M pseries-7.2 -cpu POWER9
-device spapr-nvram -device spapr-nvram -M pseries-7.2 -cpu POWER9
-device spapr-nvram,drive=foo -M pseries-7.2 -cpu POWER9
-device spapr-rtc -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1 -device spapr-pci-host-bridge,index=1 -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=0 -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1,numa_node=1 -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1,numa_node=128 -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=31 -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=99 -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=foo -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1,dynamic-reconfiguration=maybe -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1,bus=foo -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1,id=a -device spapr-pci-host-bridge,index=2,id=a -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1,pgsz=foo -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1,pre-2.8-migration=2 -M pseries-7.2 -cpu POWER9
-device spapr-pci-host-bridge,index=1,io_win_addr=-5 -M pseries-7.2 -cpu POWER9
-device spapr-vio-bridge -M pseries-7.2 -cpu POWER9
-device vio-spapr-device -M pseries-7.2 -cpu POWER9
-device device -M pseries-7.2 -cpu POWER9
-device sys-bus-device -M pseries-7.2 -cpu POWER9
-device icp -M pseries-7.2 -cpu POWER9
-device ics-spapr -M pseries-7.2 -cpu POWER9
-device spapr-tce-table -M pseries-7.2 -cpu POWER9
-device power9_v2.0-powerpc64-cpu -M pseries-7.2 -cpu POWER9
-device pseries-7.2-machine -M pseries-7.2 -cpu POWER9
-device spapr-vty,bus=spapr-vio -M pseries-7.2 -cpu POWER9
-device spapr-vty,bus=foo -M pseries-7.2 -cpu POWER9
-chardev null,id=c -device spapr-vty,chardev=c,bus=spapr-vio.0 -M pseries-7.2 -cpu POWER9
-chardev null,id=c -device spapr-vty,chardev=c -device spapr-vty,chardev=c -M pseries-7.2 -cpu POWER9
-chardev null,id=c -device spapr-vty,chardev=c,addr=1 -M pseries-7.2 -cpu POWER9
-device spapr-vty, -M pseries-7.2 -cpu POWER9
-global spapr-vty.reg=foo -M pseries-7.2 -cpu POWER9 -serial null
-global spapr-vty.foo=1 -M pseries-7.2 -cpu POWER9 -serial null
-global spapr-vty.reg=foo -serial null -M pseries-7.2 -cpu POWER9
-global spapr-pci-host-bridge.foo=1 -M pseries-7.2 -cpu POWER9
-global spapr-pci-host-bridge.index=foo -M pseries-7.2 -cpu POWER9
-global driver=spapr-vty,property=reg -M pseries-7.2 -cpu POWER9
-global driver=spapr-vty -M pseries-7.2 -cpu POWER9
-global property=reg,value=1 -M pseries-7.2 -cpu POWER9
-global driver=a,property=b,value=c,foo=d -M pseries-7.2 -cpu POWER9
-global '' -M pseries-7.2 -cpu POWER9
-global .= -M pseries-7.2 -cpu POWER9
-global a.= -M pseries-7.2 -cpu POWER9
-global .b=1 -M pseries-7.2 -cpu POWER9
-global spapr-vty.reg= -M pseries-7.2 -cpu POWER9 -serial null
-global spapr-nvram.drive=foo -M pseries-7.2 -cpu POWER9
-global spapr-rtc.foo=1 -M pseries-7.2 -cpu POWER9
"""


# what our messages add to the peer's, and what is no part of this
MORE = re.compile(r" \(\d+ MiB asked for with -m\)$")
OTHER = ("TCG doesn't support", "dtb dumped to")


def run(binary, args):
    p = subprocess.run([binary, "-nodefaults", "-display", "none", "-S", *args], capture_output=True, text=True,
                       stdin=subprocess.DEVNULL, timeout=120)
    return p.returncode, [MORE.sub("", line) for line in p.stderr.splitlines() if not any(w in line for w in OTHER)]


with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = str(s.getsockname()[1])
folder = tempfile.TemporaryDirectory()       # not /dev/null: 7.2, as root, puts a file in its place
cases = [shlex.split(line.replace("PORT", port).replace("DTB", folder.name + "/dtb")) for line in CASES.strip().splitlines()]
bad = 0
for args in cases:
    ours, theirs = run(emulator(), args), run(PEER, args)
    if ours != theirs:
        bad += 1
        print(args, "\n  ours:", *ours, "\n  the peer's:", *theirs)
assert not bad, f"{bad} of {len(cases)} differ"
print(len(cases), "alike")
