"""crypto: random values, digests, HMAC. Values recorded from workerd."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import subprocess
import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from emulator.js import buffers
from emulator.js.array import JsArray
from emulator.js.buffers import ArrayBuffer, Uint8Array
from emulator.js.clone import structured_clone
from emulator.js.crypto import Crypto, CryptoKey
from emulator.js.crypto.gcm import Gcm
from emulator.js.errors import JsThrow, error
from emulator.js.json import stringify
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from tests.js.guest_values import GLOBAL_SCOPE, call, forbid_io
from tests.support.js_host import FakeHost, settle

pytestmark = pytest.mark.usefixtures("js_host")

HMAC = PlainObject({"name": "HMAC", "hash": "SHA-256"})


def data(content: bytes = b"abc") -> Uint8Array:
    return Uint8Array.from_bytes(content)


def subtle(member: str, *args: Any) -> Promise:
    promise: Promise = call(Crypto().subtle, member, *args)
    return promise


def import_key(
    secret: Any = None, algorithm: Any = HMAC, *usages: str, extractable: bool = True
) -> Promise:
    names = JsArray(list(usages or ("sign", "verify")))
    return subtle("importKey", "raw", secret or data(), algorithm, extractable, names)


def rejection(promise: Promise) -> str:
    with pytest.raises(JsThrow) as thrown:
        settle(promise)
    return str(thrown.value)


def test_a_uuid_is_random_and_of_version_4() -> None:
    first, second = (call(Crypto(), "randomUUID") for _ in range(2))
    assert first != second
    assert [len(part) for part in first.split("-")] == [8, 4, 4, 4, 12]
    assert first[14] == "4"


def test_random_values_fill_the_view_only() -> None:
    buffer = ArrayBuffer(bytes(8))
    view = Uint8Array.js_new(buffer, 2, 3)
    assert call(Crypto(), "getRandomValues", view) is view
    assert bytes(buffer.data) == b"\0\0" + bytes([0, 1, 2]) + b"\0\0\0"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (5, "TypeError: Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'ArrayBufferView'."),
        (None, "TypeError: Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'ArrayBufferView'."),
        (ArrayBuffer(b"abc"), "TypeError: Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'ArrayBufferView'."),
        (buffers.Float32Array.js_new(7), "TypeMismatchError: ArrayBufferView argument to getRandomValues() must be an integer-typed view."),
        (buffers.DataView.js_new(ArrayBuffer(b"abc")), "TypeMismatchError: ArrayBufferView argument to getRandomValues() must be an integer-typed view."),
        (Uint8Array.js_new(70000), "QuotaExceededError: getRandomValues() only accepts buffers of size <= 64K but provided 70000 bytes."),
    ],
)  # fmt: skip
def test_random_values_check_the_view(argument: Any, expected: str) -> None:
    with pytest.raises(JsThrow) as thrown:
        call(Crypto(), "getRandomValues", argument)
    assert expected == str(thrown.value)


def test_randomness_is_refused_at_the_top_level(
    js_host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(js_host, "check_io_allowed", forbid_io)
    for member, args in (("randomUUID", ()), ("getRandomValues", (data(),))):
        with pytest.raises(JsThrow, match="Disallowed operation"):
            call(Crypto(), member, *args)
    assert settle(subtle("digest", "SHA-256", data())).js_get("byteLength") == 32


@pytest.mark.parametrize(
    ("name", "function"),
    [("SHA-1", "sha1"), ("sha-256", "sha256"), ("SHA-384", "sha384"), ("SHA-512", "sha512"),
     ("MD5", "md5")],
)  # fmt: skip
def test_digests(name: str, function: str) -> None:
    expected = hashlib.new(function, b"abc").digest()
    for algorithm in (name, PlainObject({"name": name})):
        assert expected == bytes(settle(subtle("digest", algorithm, data())).data)


def test_digest_checks_its_arguments() -> None:
    for algorithm in ("SHA-3", PlainObject()):
        assert rejection(subtle("digest", algorithm, data())) == (
            "NotSupportedError: Unrecognized or unimplemented digest algorithm requested."
        )
    assert rejection(subtle("digest", "SHA-256", "x")) == (
        "TypeError: Failed to execute 'digest' on 'SubtleCrypto': parameter 2 is not of type "
        "'BufferSource'."
    )


def test_comparison_needs_equal_lengths() -> None:
    compare = Crypto().subtle
    assert call(compare, "timingSafeEqual", data(), data()) is True
    assert call(compare, "timingSafeEqual", data(), data(b"abd")) is False
    with pytest.raises(JsThrow) as thrown:
        call(compare, "timingSafeEqual", data(), data(b"x"))
    assert str(thrown.value) == "TypeError: Input buffers must have the same byte length."
    with pytest.raises(JsThrow, match="'timingSafeEqual' on 'SubtleCrypto': parameter 1"):
        call(compare, "timingSafeEqual", "a", "b")


def test_a_signature_verifies() -> None:
    key = settle(import_key())
    signature = settle(subtle("sign", "HMAC", key, data(b"text")))
    assert hmac.new(b"abc", b"text", "sha256").digest() == bytes(signature.data)
    assert settle(subtle("verify", "hmac", key, signature, data(b"text"))) is True
    assert settle(subtle("verify", "HMAC", key, signature, data(b"other"))) is False
    assert settle(subtle("verify", "HMAC", key, data(b"short"), data(b"text"))) is False


def test_a_key_shows_its_algorithm() -> None:
    key = settle(import_key(data(b"12345"), HMAC, "sign"))
    algorithm = key.js_get("algorithm")
    assert (
        algorithm.js_get("name"), algorithm.js_get("hash").js_get("name"),
        algorithm.js_get("length"),
    ) == ("HMAC", "SHA-256", 40)  # fmt: skip
    assert (key.js_get("type"), key.js_get("extractable")) == ("secret", True)
    assert key.js_get("usages").items == ["sign"]


@pytest.mark.parametrize(
    ("promise_args", "expected"),
    [
        ((None, "HMAC"), 'TypeError: Missing field "hash" in "algorithm".'),
        ((None, HMAC, "encrypt"), 'SyntaxError: Attempt to import secret HMAC key with invalid usage "encrypt".'),
        ((None, PlainObject({"name": "HMAC", "hash": "SHA-9"})), "NotSupportedError: Unrecognized or unimplemented digest algorithm requested."),
        ((data(b""), HMAC), "DataError: Imported HMAC key length (0) must be a non-zero value up to 7 bits less than, and no greater than, the bit length of the raw key data (0)."),
        ((None, PlainObject({"name": "FOO"})), 'NotSupportedError: Unrecognized key import algorithm "FOO" requested.'),
        (("x", HMAC), "TypeError: Failed to execute 'importKey' on 'SubtleCrypto': parameter 2 is not of type 'BufferSource or JsonWebKey'."),
    ],
)  # fmt: skip
def test_bad_keys_are_refused(promise_args: tuple[Any, ...], expected: str) -> None:
    assert expected == rejection(import_key(*promise_args))


def test_usages_and_formats_are_checked() -> None:
    assert rejection(subtle("importKey", "raw", data(), HMAC, True, 5)) == (
        "TypeError: Failed to execute 'importKey' on 'SubtleCrypto': parameter 5 is not of type "
        "'Array'."
    )
    assert rejection(subtle("importKey", "raw", data(), HMAC, True, JsArray([]))) == (
        "SyntaxError: Secret/private CryptoKeys must have at least one usage."
    )
    assert rejection(subtle("importKey", "foo", data(), HMAC, True, JsArray(["sign"]))) == (
        'NotSupportedError: Unrecognized key import format "foo".'
    )


def test_a_key_is_used_as_it_was_made_for() -> None:
    verify_only = settle(import_key(None, HMAC, "verify"))
    assert rejection(subtle("sign", "HMAC", verify_only, data())) == (
        'InvalidAccessError: Requested key usage "sign" does not match any usage listed in this '
        "CryptoKey."
    )
    assert rejection(subtle("sign", "ECDSA", settle(import_key()), data())) == (
        'InvalidAccessError: Requested algorithm "ECDSA" does not match this CryptoKey\'s '
        'algorithm "HMAC".'
    )
    assert rejection(subtle("sign", "HMAC", 5, data())) == (
        "TypeError: Failed to execute 'sign' on 'SubtleCrypto': parameter 2 is not of type "
        "'CryptoKey'."
    )


def test_keys_are_generated_exported_and_imported_again() -> None:
    key = settle(subtle("generateKey", HMAC, True, JsArray(["sign", "verify"])))
    raw = settle(subtle("exportKey", "raw", key))
    assert raw.js_get("byteLength") == 64
    jwk = settle(subtle("exportKey", "jwk", key))
    assert tuple(jwk.js_get(name) for name in ("kty", "alg", "ext")) == ("oct", "HS256", True)
    again = settle(subtle("importKey", "jwk", jwk, HMAC, True, JsArray(["sign"])))
    assert isinstance(again, CryptoKey)
    assert bytes(settle(subtle("exportKey", "raw", again)).data) == bytes(raw.data)


def test_some_keys_are_not_exported() -> None:
    key = settle(import_key(extractable=False))
    assert rejection(subtle("exportKey", "raw", key)) == (
        "InvalidAccessError: Attempt to export non-extractable HMAC key."
    )
    assert rejection(subtle("exportKey", "pkcs8", settle(import_key()))) == (
        'NotSupportedError: Unimplemented key export format "pkcs8".'
    )


AES = PlainObject({"name": "AES-GCM", "iv": data(bytes(12))})


def test_what_is_encrypted_is_decrypted_again() -> None:
    usages = JsArray(["encrypt", "decrypt"])
    key = settle(subtle("importKey", "raw", data(bytes(16)), "AES-GCM", True, usages))
    secret = settle(subtle("encrypt", AES, key, data(b"text")))
    assert len(secret.data) == 4 + 16
    assert bytes(settle(subtle("decrypt", AES, key, secret)).data) == b"text"
    secret.data[0] ^= 1
    assert rejection(subtle("decrypt", AES, key, secret)).startswith(
        "OperationError: Decryption failed."
    )


def test_new_keys_come_from_the_host(js_host: FakeHost) -> None:
    curve = PlainObject({"name": "ECDSA", "namedCurve": "P-256"})
    algorithms = {"sign": (HMAC, curve, "Ed25519"), "deriveBits": ("X25519",)}
    for usage, chosen in algorithms.items():
        for algorithm in chosen:
            exported = []
            for _ in range(2):
                js_host._random = itertools.count(7)
                made = settle(subtle("generateKey", algorithm, True, JsArray([usage])))
                secret = made if isinstance(made, CryptoKey) else made.js_get("privateKey")
                exported.append(stringify(settle(subtle("exportKey", "jwk", secret))))
            assert exported[0] == exported[1]


def test_generating_a_key_is_refused_at_the_top_level(
    js_host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(js_host, "check_io_allowed", forbid_io)
    promise = subtle("generateKey", HMAC, True, JsArray(["sign"]))
    assert rejection(promise) == f"Error: {GLOBAL_SCOPE}"


def test_what_the_library_cannot_do_names_pyworkers() -> None:
    small = PlainObject(
        {"name": "RSA-PSS", "hash": "SHA-256", "modulusLength": 512,
         "publicExponent": data(b"\1\0\1")}
    )  # fmt: skip
    assert rejection(subtle("generateKey", small, True, JsArray(["sign"]))) == (
        "Error: pyworkers does not support RSA keys of 512 bits yet."
    )


@pytest.mark.parametrize("size", [8, 11, 16, 61, 128])
def test_own_gcm_agrees_with_the_library(size: int) -> None:
    key, iv, more = bytes(range(32)), bytes(range(size)), b"additional"
    for text in (b"", b"x", bytes(range(64)), bytes(1000)):
        encryptor = Cipher(algorithms.AES(key), modes.GCM(iv)).encryptor()
        encryptor.authenticate_additional_data(more)
        expected = encryptor.update(text) + encryptor.finalize()
        gcm = Gcm(key, iv)
        assert (gcm.apply(text), gcm.tag(expected, more)) == (expected, encryptor.tag)
        assert gcm.apply(expected) == text
        assert gcm.is_authentic(expected, more, encryptor.tag[:12])
        assert not gcm.is_authentic(expected, b"other", encryptor.tag)


def test_digests_and_hmac_do_not_load_the_cryptography_package() -> None:
    program = (
        "import sys\n"
        "from emulator.js.crypto import Crypto\n"
        "from emulator.js.crypto.algorithms import _load\n"
        "_load('hmac_keys'), _load('key_derivation')\n"
        "print('cryptography' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_key_cannot_be_cloned() -> None:
    with pytest.raises(JsThrow) as thrown:
        structured_clone(settle(import_key()))
    assert str(thrown.value) == (
        'DataCloneError: Could not serialize object of type "CryptoKey". This type does not '
        "support serialization."
    )


def digest_stream(algorithm: str) -> Any:
    constructor = Crypto().js_get("DigestStream")
    return constructor.js_construct((algorithm,))


def test_a_digest_stream_hashes_what_is_written() -> None:
    stream = digest_stream("SHA-256")
    writer = call(stream, "getWriter")
    settle(call(writer, "write", data(b"ab")))
    settle(call(writer, "write", "é"))
    settle(call(writer, "close"))
    expected = hashlib.sha256("abé".encode()).digest()
    assert bytes(settle(stream.js_get("digest")).data) == expected
    assert stream.js_get("bytesWritten") == 4


def test_a_digest_stream_refuses_what_is_no_bytes() -> None:
    writer = call(digest_stream("MD5"), "getWriter")
    assert rejection(call(writer, "write", 5)) == (
        "TypeError: DigestStream is a byte stream but received an object of "
        "non-ArrayBuffer/ArrayBufferView/string type on its writable side."
    )
    with pytest.raises(JsThrow, match=r"^NotSupportedError: Unrecognized or unimplemented digest"):
        digest_stream("SHA-3")


def test_an_aborted_digest_stream_rejects_its_digest() -> None:
    stream = digest_stream("SHA-1")
    settle(call(stream, "abort", error("enough").value))
    assert rejection(stream.js_get("digest")) == "Error: enough"
