"""Writes a new RSA key in PKCS#8 to standard output: hosted HTTP APIs take tokens of RSA keys only."""

import sys

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
sys.stdout.buffer.write(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
