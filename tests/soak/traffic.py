#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic for the soak: traffic.py tcp|udp|fragments ADDRESS PORT..., or traffic.py garbage DEVICE GATEWAY-MAC.

As fast as it goes until it is killed; it judges nothing: what the gateway made of it is seen in the gateway's tables."""
import os
import random
import socket
import struct
import sys

PROTOCOLS = [1, 2, 4, 6, 6, 6, 17, 17, 17, 33, 41, 47, 50, 51, 58, 132, 136]
ADDRESSES = ["198.51.100.1", "198.51.100.10", "192.168.11.1", "192.168.11.2", "192.168.11.20", "192.168.12.2", "224.0.0.1",
             "255.255.255.255", "127.0.0.1", "0.0.0.0", "10.0.0.1"]
PORTS = [0, 22, 53, 67, 68, 80, 443, 7000, 7001, 8443, 65535]


def tcp(address, ports):
    """Connections opened, answered once and closed: by FIN, by FIN of the other side, by reset."""
    while True:
        s = socket.socket()
        s.settimeout(0.5)
        try:
            s.connect((address, int(random.choice(ports))))
            s.send(b"hello\n")
            s.recv(100)
            how = random.random()
            if how < 0.2:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif how < 0.6:
                s.shutdown(socket.SHUT_WR)
                s.recv(100)
        except OSError:
            pass
        s.close()


def udp(address, ports):
    """Sockets that ask once or some times and go."""
    while True:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(0.05)
        for _ in range(random.choice([1, 1, 2, 5])):
            try:
                s.sendto(os.urandom(random.randrange(1, 1200)), (address, int(random.choice(ports))))
                s.recv(2000)
            except OSError:
                pass
        s.close()


def fragments(address, ports):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(0.05)
    while True:
        try:
            s.sendto(os.urandom(random.randrange(2000, 9000)), (address, int(random.choice(ports))))
            s.recv(10000)
        except OSError:
            pass


def mangled():
    """An IPv4 packet that is nearly one: right often enough to get far, wrong somewhere."""
    protocol = random.choice(PROTOCOLS)
    payload = struct.pack("!HHIIBBHHH", random.choice(PORTS), random.choice(PORTS), random.getrandbits(32), random.getrandbits(32),
                          random.choice([0x50, 0x50, 0x00, 0xF0]), random.choice([2, 16, 18, 17, 4, 0, 255]), 1000, 0, 0)
    if protocol == 1:
        inner = struct.pack("!BBHHHBBH4s4s", random.choice([0x45, 0x46, 0x4F, 0]), 0, 40, 1, 0, 64, random.choice(PROTOCOLS), 0,
                            socket.inet_aton(random.choice(ADDRESSES)), socket.inet_aton(random.choice(ADDRESSES)))
        payload = struct.pack("!BBHI", random.choice([0, 3, 4, 5, 8, 11, 12, 13]), random.randrange(16), 0, 0) + inner + payload
    payload += os.urandom(random.choice([0, 1, 20, 200]))
    fragment = random.choice([0, 0, 0, 0x2000, 0x00B9, 0x4000])
    header = struct.pack("!BBHHHBBH4s4s", random.choice([0x45] * 12 + [0x46, 0x4F, 0x44, 0x65]), 0,
                         20 + len(payload) + random.choice([0] * 10 + [-5, 100]), random.getrandbits(16), fragment,
                         random.choice([0, 1, 2, 64, 255]), protocol, 0, socket.inet_aton(random.choice(ADDRESSES)),
                         socket.inet_aton(random.choice(ADDRESSES)))
    total, words = 0, struct.unpack("!10H", header)
    for word in words:
        total += word
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    if random.random() < 0.95:
        header = header[:10] + struct.pack("!H", ~total & 0xFFFF) + header[12:]
    packet = header + payload
    if random.random() < 0.1:
        packet = bytearray(packet)
        packet[random.randrange(len(packet))] ^= 1 << random.randrange(8)
    return bytes(packet)


def garbage(device, mac):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((device, 0))
    ether = bytes.fromhex(mac.replace(":", "")) + s.getsockname()[4]
    while True:
        try:
            s.send(ether + random.choice([b"\x08\x00"] * 15 + [b"\x86\xdd"]) + mangled())
        except OSError:
            pass


if __name__ == "__main__":
    random.seed(os.environ.get("SOAK_SEED", "1") + sys.argv[1])
    if sys.argv[1] == "garbage":
        garbage(sys.argv[2], sys.argv[3])
    else:
        {"tcp": tcp, "udp": udp, "fragments": fragments}[sys.argv[1]](sys.argv[2], sys.argv[3:])
