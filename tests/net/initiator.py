#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""An initiator in user space, for what an honest one would not do.

Speaks to ADDRESS and PORT, which belong to the holder of public KEY, from a
UDP socket of its own. Keys are in base64. Each verb prints what came of it.

  initiator.py hurry ADDRESS PORT KEY PRIVATE_FILE COUNT RATE
           valid initiations of the holder of the private key in a file, COUNT
           of them, RATE a second; made before, so that sending them is quick
  initiator.py cookie ADDRESS PORT KEY FILE SECONDS
           initiations with a valid mac1, until a cookie comes; FILE is told
           the cookie and the source port, to which it belongs
  initiator.py prove ADDRESS PORT KEY FILE COUNT RATE
           initiations of nobody in particular, with that cookie in mac2

Cryptography is libsodium's and hashlib's.
"""
import argparse
import base64
import ctypes
import hashlib
import hmac
import os
import socket
import struct
import sys
import time

INITIATION, RESPONSE, COOKIE = 1, 2, 3
MAC1, MAC2, LENGTH = 116, 132, 148  # offsets in an initiation
CONSTRUCTION = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
IDENTIFIER = b"WireGuard v1 zx2c4 Jason@zx2c4.com"
TAI_OFFSET = (1 << 62) + 10
STEP = 20_000_000  # nanoseconds; time stamps less far apart may be the same

sodium = ctypes.CDLL("libsodium.so.23")


def blake2s(*parts):
    return hashlib.blake2s(b"".join(parts)).digest()


def mac(key, data):
    return hashlib.blake2s(data, key=key, digest_size=16).digest()


def kdf(chain, data, count):
    """The first COUNT outputs of HKDF with HMAC-BLAKE2s."""
    secret = hmac.digest(chain, data, "blake2s")
    outputs, last = [], b""
    for number in range(1, count + 1):
        last = hmac.digest(secret, last + bytes([number]), "blake2s")
        outputs.append(last)
    return outputs


def x25519(private, public=None):
    """The shared secret, or the own public key."""
    out = ctypes.create_string_buffer(32)
    if public is None:
        failed = sodium.crypto_scalarmult_base(out, private)
    else:
        failed = sodium.crypto_scalarmult(out, private, public)
    if failed:
        sys.exit("initiator: a key of low order")
    return out.raw


def seal(key, plain, data):
    """ChaCha20-Poly1305 with counter 0."""
    out = ctypes.create_string_buffer(len(plain) + 16)
    size = ctypes.c_ulonglong
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        out, None, plain, size(len(plain)), data, size(len(data)), None,
        bytes(12), key)
    return out.raw


def open_cookie(reply, receiver, first_mac):
    """The cookie in a reply to a message whose mac1 was FIRST_MAC."""
    out = ctypes.create_string_buffer(16)
    size = ctypes.c_ulonglong
    if sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            out, None, None, reply[32:], size(32), first_mac, size(16),
            reply[8:32], blake2s(b"cookie--", receiver)):
        sys.exit("initiator: a cookie reply that does not open")
    return out.raw


def close(message, receiver, cookie=None):
    """MESSAGE with its mac1, and mac2 if there is a cookie."""
    message += mac(blake2s(b"mac1----", receiver), message)
    return message + (mac(cookie, message) if cookie else bytes(16))


def tai64n(nanoseconds):
    return struct.pack("!QI", TAI_OFFSET + nanoseconds // 10**9,
                       nanoseconds % 10**9)


def initiation(receiver, private, when, index=0, cookie=None):
    """A message that the holder of PRIVATE would send."""
    ephemeral = os.urandom(32)
    ephemeral_public, public = x25519(ephemeral), x25519(private)
    chain = blake2s(CONSTRUCTION)
    state = blake2s(blake2s(blake2s(chain, IDENTIFIER), receiver),
                    ephemeral_public)
    (chain,) = kdf(chain, ephemeral_public, 1)
    chain, key = kdf(chain, x25519(ephemeral, receiver), 2)
    sealed_static = seal(key, public, state)
    state = blake2s(state, sealed_static)
    chain, key = kdf(chain, x25519(private, receiver), 2)
    message = struct.pack("<II", INITIATION, index) + ephemeral_public
    message += sealed_static + seal(key, tai64n(when), state)
    return close(message, receiver, cookie)


def nonsense(receiver):
    """An initiation that is valid as far as its mac1 goes."""
    return close(struct.pack("<I", INITIATION) + os.urandom(MAC1 - 4), receiver)


def open_socket(args, port=0):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.bind(("", port))
    sock.connect((args.address, args.port))
    sock.setblocking(False)
    return sock


def receive(sock, kind):
    """The messages of type KIND that are there."""
    found = []
    while True:
        try:
            message = sock.recv(2048)
        except BlockingIOError:
            return found
        except ConnectionRefusedError:
            continue
        if message[:4] == struct.pack("<I", kind):
            found.append(message)


def send_at(sock, messages, rate):
    """Send them, RATE a second at the most, and say how long that took."""
    begin = time.monotonic()
    for number, message in enumerate(messages):
        time.sleep(max(0, begin + number / rate - time.monotonic()))
        sock.send(message)
    return time.monotonic() - begin


def hurry(args):
    with open(args.file, encoding="ascii") as file:
        private = base64.b64decode(file.read())
    sock, begin = open_socket(args), time.time_ns() - args.count * STEP
    took = send_at(sock, [initiation(args.key, private, begin + index * STEP, index)
                          for index in range(args.count)], args.rate)
    time.sleep(1)
    print("sent %d in %d ms, responses %d" %
          (args.count, took * 1000, len(receive(sock, RESPONSE))))


def cookie(args):
    sock = open_socket(args)
    end = time.monotonic() + args.seconds
    while time.monotonic() < end:
        message = nonsense(args.key)
        sock.send(message)
        time.sleep(0.2)
        for reply in receive(sock, COOKIE):
            if reply[4:8] == message[4:8]:
                found = open_cookie(reply, args.key, message[MAC1:MAC2])
                with open(args.file, "w", encoding="ascii") as file:
                    print(found.hex(), sock.getsockname()[1], file=file)
                return
    sys.exit("initiator: no cookie came")


def prove(args):
    with open(args.file, encoding="ascii") as file:
        found, port = file.read().split()
    sock, nobody = open_socket(args, int(port)), os.urandom(32)
    message = initiation(args.key, nobody, time.time_ns(), 0, bytes.fromhex(found))
    took = send_at(sock, [message] * args.count, args.rate)
    time.sleep(1)
    print("sent %d in %d ms, cookies %d" %
          (args.count, took * 1000, len(receive(sock, COOKIE))))


def main():
    parser = argparse.ArgumentParser(prog="initiator.py")
    verbs = parser.add_subparsers(required=True)
    for run in hurry, cookie, prove:
        verb = verbs.add_parser(run.__name__)
        verb.add_argument("address")
        verb.add_argument("port", type=int)
        verb.add_argument("key", type=base64.b64decode)
        verb.add_argument("file")
        if run is cookie:
            verb.add_argument("seconds", type=float)
        else:
            verb.add_argument("count", type=int)
            verb.add_argument("rate", type=float)
        verb.set_defaults(run=run)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
