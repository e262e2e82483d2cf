# SPDX-License-Identifier: MIT
"""The corpus of tokens: what is wrong with each, or right, and the status that an upgrade with it
must get. Tokens are put together by hand over Python's hmac and python3-cryptography, since a
library for tokens would refuse to make most of them."""
import base64
import dataclasses
import hashlib
import hmac
import json
import time
import typing

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISSUER = "https://id.example"
AUDIENCE = "tidegate"
# Long enough that a slow run doesn't change a verdict.
LEEWAY_S = 300
NOW = int(time.time())


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def as_octets(part):
    if isinstance(part, bytes):
        return part
    return (part if isinstance(part, str) else json.dumps(part)).encode()


def hmac_sign(secret, text, digest=hashlib.sha256):
    return hmac.new(secret, text.encode(), digest).digest()


class Secret:
    name = "HS256"
    other_algorithm = "RS256"
    sibling_algorithm = "HS384"

    def __init__(self, secret=b"the corpus' own secret, 40 octets long.."):
        self.secret = secret
        self.setting = f'secret = "{secret.decode()}"'
        self.public_pem = secret

    def sign(self, text, sibling=False):
        return hmac_sign(self.secret, text, hashlib.sha384 if sibling else hashlib.sha256)

    def another(self):
        return Secret(b"another secret, which nobody knows here.")

    def jwk(self):
        return {"kty": "oct", "k": b64(self.secret)}


class PublicKey:
    other_algorithm = "HS256"

    def __init__(self, private):
        self.private = private
        public = private.public_key()
        self.public_pem = public.public_bytes(serialization.Encoding.PEM,
                                              serialization.PublicFormat.SubjectPublicKeyInfo)
        self.setting = f"public_key = [==[{self.public_pem.decode()}]==]"


class Rsa(PublicKey):
    name = "RS256"
    sibling_algorithm = "RS384"

    def __init__(self):
        super().__init__(rsa.generate_private_key(65537, 2048))

    def sign(self, text, sibling=False, pad=None):
        return self.private.sign(text.encode(), pad or padding.PKCS1v15(),
                                 hashes.SHA384() if sibling else hashes.SHA256())

    def another(self):
        return Rsa()

    def jwk(self):
        numbers = self.private.public_key().public_numbers()
        return {"kty": "RSA", "n": b64(numbers.n.to_bytes(256, "big")), "e": "AQAB"}


class Curve(PublicKey):
    name = "ES256"
    sibling_algorithm = "ES384"
    order = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)

    def __init__(self):
        super().__init__(ec.generate_private_key(ec.SECP256R1()))

    def sign_der(self, text, sibling=False):
        return self.private.sign(text.encode(),
                                 ec.ECDSA(hashes.SHA384() if sibling else hashes.SHA256()))

    def sign(self, text, sibling=False):
        r, s = decode_dss_signature(self.sign_der(text, sibling))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def another(self):
        return Curve()

    def jwk(self):
        numbers = self.private.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")),
                "y": b64(numbers.y.to_bytes(32, "big"))}


KEYS = {"HS256": Secret(), "RS256": Rsa(), "ES256": Curve()}


def header(key, **more):
    named = {"alg": key.name, "typ": "JWT", "kid": "k1"}
    named.update(more)
    return {name: value for name, value in named.items() if value is not None}


LEFT_OUT = object()


def claims(**more):
    named = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 600}
    named.update(more)
    return {name: value for name, value in named.items() if value is not LEFT_OUT}


def join(head, body):
    return b64(as_octets(head)) + "." + b64(as_octets(body))


def signed(key, head=None, body=None, **options):
    text = join(head if head is not None else header(key), body if body is not None else claims())
    return text + "." + b64(key.sign(text, **options))


@dataclasses.dataclass
class Case:
    name: str
    verdict: int
    make: typing.Callable  # of a key: the token, or None where it has no sense
    tenant: typing.Optional[str] = None  # of the header


CASES = []


def case(name, verdict, make):
    CASES.append(Case(name, verdict, make))


def with_claims(name, verdict, **more):
    case(name, verdict, lambda key: signed(key, body=claims(**more)))


def with_body(name, body, verdict=401):
    """The payload as it is."""
    case(name, verdict, lambda key: signed(key, body=body))


def with_header(name, verdict=401, **more):
    case(name, verdict, lambda key: signed(key, head=header(key, **more)))


def changed(name, change, verdict=401):
    """A good token, changed as a text."""
    case(name, verdict, lambda key: change(signed(key)))


def of_family(name, family, make):
    case(name, 401, lambda key: make(key) if isinstance(key, family) else None)


def raw_body(members):
    """The good claims as JSON text, with these members behind them."""
    return json.dumps(claims())[:-1] + "," + members + "}"


def next_character(character):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(character) ^ 1]


def filled(key, length):
    """A good token of exactly so many octets, or as near below as base64url comes."""
    size = length
    while True:
        token = signed(key, body=claims(bulk="x" * size))
        if len(token) <= length:
            return token
        size -= 1 + (len(token) - length) * 3 // 4


# --- good ones ---
case("good", 101, signed)
with_header("good without typ", 101, typ=None)
with_header("good without kid, for there is one key", 101, kid=None)
with_header("good with a header that nobody knows", 101, note="x")
with_header("good with a certificate's thumbprint", 101, x5t="AAAA")
with_claims("good, expired within the leeway", 101, exp=NOW - 60)
with_claims("good, not before within the leeway", 101, nbf=NOW + 240, iat=NOW + 240)
with_claims("good, aud is a list", 101, aud=["others", AUDIENCE])
with_claims("good with nested claims", 101, realm={"roles": ["a", None, 1.5, {"b": True}]})
with_claims("good with a sub of 128 octets", 101, sub="s" * 128)
with_claims("good without sub", 101, sub=LEFT_OUT)
with_claims("good for a tenant", 101, tenant="acme")
with_claims("good for the tenant of the header", 101, tenant="acme")
CASES[-1].tenant = "acme"
case("good, 8 KiB", 101, lambda key: filled(key, 8192))

# --- algorithms ---
case("alg none without signature", 401, lambda key: join(header(key, alg="none"), claims()) + ".")
case("alg none, signed", 401, lambda key: signed(key, header(key, alg="none")))
case("alg NoNe without signature", 401, lambda key: join(header(key, alg="NoNe"), claims()) + ".")
case("alg NONE, signed", 401, lambda key: signed(key, header(key, alg="NONE")))
case("alg none with a key's kid left out", 401,
     lambda key: join({"alg": "none"}, claims()) + "." + "A" * 43)
with_header("alg left out", alg=None)
case("alg null", 401, lambda key: signed(key, {**header(key), "alg": None}))
with_header("alg a number", alg=256)
case("alg a list", 401, lambda key: signed(key, header(key, alg=[key.name])))
case("alg in lower case", 401, lambda key: signed(key, header(key, alg=key.name.lower())))
case("alg with a blank", 401, lambda key: signed(key, header(key, alg=key.name + " ")))
with_header("alg empty", alg="")
case("alg twice", 401, lambda key: signed(
    key, '{"alg":"none","alg":"%s","kid":"k1"}' % key.name))
case("the sibling algorithm, rightly signed", 401, lambda key: signed(
    key, header(key, alg=key.sibling_algorithm), sibling=True))
case("the sibling's digest under our alg", 401, lambda key: signed(key, sibling=True))
case("another family's alg over our signature", 401, lambda key: signed(
    key, header(key, alg=key.other_algorithm)))
of_family("PS256, rightly signed", Rsa, lambda key: signed(
    key, header(key, alg="PS256"), pad=padding.PSS(padding.MGF1(hashes.SHA256()), 32)))
of_family("PSS padding under RS256", Rsa, lambda key: signed(
    key, pad=padding.PSS(padding.MGF1(hashes.SHA256()), 32)))
case("EdDSA", 401, lambda key: signed(key, header(key, alg="EdDSA")))


# --- confusion ---
def hs256_with(secret_of):
    def make(key):
        text = join(header(key, alg="HS256"), claims())
        return text + "." + b64(hmac_sign(secret_of(key), text))
    return make


def der_of(key):
    return key.private.public_key().public_bytes(serialization.Encoding.DER,
                                                 serialization.PublicFormat.SubjectPublicKeyInfo)


of_family("HS256 keyed with our public PEM", PublicKey, hs256_with(lambda key: key.public_pem))
of_family("HS256 keyed with our PEM without its last newline", PublicKey,
          hs256_with(lambda key: key.public_pem.rstrip()))
of_family("HS256 keyed with our public DER", PublicKey, hs256_with(der_of))
case("HS256 keyed with nothing", 401, hs256_with(lambda key: b""))
case("HS256 keyed with a NUL", 401, hs256_with(lambda key: b"\0"))
case("HS256 keyed with the kid", 401, hs256_with(lambda key: b"k1"))
case("HS256 keyed with secret", 401, hs256_with(lambda key: b"secret"))

# --- headers ---
with_header("crit", crit=["exp"])
with_header("crit empty", crit=[])
with_header("b64 false", b64=False)
with_header("b64 true", b64=True)
with_header("cty JWT", cty="JWT")
with_header("jku", jku="https://evil.example/jwks.json")
with_header("x5u", x5u="https://evil.example/cert.pem")
with_header("x5c", x5c=["AAAA"])
with_header("typ at+jwt", typ="at+jwt")
with_header("typ a number", typ=1)


def with_own_jwk(key):
    mallory = key.another()
    return signed(mallory, header(key, jwk=mallory.jwk()))


case("jwk with the forger's own key", 401, with_own_jwk)
case("jwk with our key", 401, lambda key: signed(key, header(key, jwk=key.jwk())))
with_header("kid of nobody", kid="k2")
with_header("kid empty", kid="")
with_header("kid a path", kid="../../../../etc/passwd")
with_header("kid a device", kid="/dev/null")
with_header("kid SQL", kid="k1' OR '1'='1")
with_header("kid with a NUL behind", kid="k1\0")
with_header("kid in upper case", kid="K1")
with_header("kid of 5000 octets", kid="k" * 5000)
with_header("kid a number", kid=1)
with_header("kid a list", kid=["k1"])
case("kid null", 401, lambda key: signed(key, {**header(key), "kid": None}))
case("kid twice", 401, lambda key: signed(
    key, '{"alg":"%s","kid":"k2","kid":"k1"}' % key.name))
case("header a list", 401, lambda key: signed(key, [header(key)]))
case("header a text", 401, lambda key: signed(key, '"HS256"'))
case("header no JSON", 401, lambda key: signed(key, "{alg:%s}" % key.name))
case("header with junk behind", 401, lambda key: signed(key, json.dumps(header(key)) + "x"))
case("header with a NUL behind", 401, lambda key: signed(key, json.dumps(header(key)) + "\0"))
case("header with a byte order mark", 401,
     lambda key: signed(key, "\ufeff" + json.dumps(header(key))))
case("header with a comma at the end", 401,
     lambda key: signed(key, '{"alg":"%s","kid":"k1",}' % key.name))

# --- shapes ---
case("empty", 401, lambda key: "")
case("a word", 401, lambda key: "swordfish-swordfish-swordfish")
case("two dots", 401, lambda key: "..")
changed("one part", lambda token: token.split(".")[0])
changed("two parts", lambda token: token.rsplit(".", 1)[0])
changed("no signature", lambda token: token.rsplit(".", 1)[0] + ".")
changed("four parts", lambda token: token + ".AAAA")
changed("five parts", lambda token: token + ".AAAA.AAAA")
changed("a dot behind", lambda token: token + ".")
changed("a dot in front", lambda token: "." + token)
changed("payload empty", lambda token: "%s..%s" % tuple(token.split(".")[::2]))
changed("header empty", lambda token: "." + token.split(".", 1)[1])
changed("padding", lambda token: token + "=")
changed("padding of each part", lambda token: ".".join(
    part + "=" * (-len(part) % 4) + ("" if len(part) % 4 else "====") for part in token.split(".")))
changed("a blank inside", lambda token: token.replace(".", ". ", 1))
changed("junk behind", lambda token: token + "!!")
changed("junk inside the payload", lambda token: token.replace(".", ".!", 1))
changed("the alphabet with + and /", lambda token: token[:-8] + "+/+/+/+/")
changed("percent signs", lambda token: token.replace(".", "%2E"))
case("JSON form", 401, lambda key: json.dumps(dict(
    zip(("protected", "payload", "signature"), signed(key).split(".")))))
case("a second token behind a comma", 401, lambda key: signed(key) + "," + signed(key))
case("more than 8 KiB", 401, lambda key: signed(key, body=claims(bulk="x" * 6500)))

# --- signatures ---
changed("signature cut", lambda token: token[:-2])
changed("signature with four characters more", lambda token: token + "AAAA")
changed("first character of the signature changed",
        lambda token: token.rsplit(".", 1)[0] + "." + next_character(token.rsplit(".", 1)[1][0]) +
        token.rsplit(".", 1)[1][1:])
changed("bits behind the signature's last octet",
        lambda token: token[:-1] + next_character(token[-1]))
case("signature all zero", 401, lambda key: join(header(key), claims()) + "." +
     b64(bytes(len(key.sign("")))))
case("signature all ones", 401, lambda key: join(header(key), claims()) + "." +
     b64(b"\xff" * len(key.sign(""))))
case("signature of another token", 401, lambda key: join(header(key), claims(sub="root")) + "." +
     signed(key).rsplit(".", 1)[1])
case("signature of the header alone", 401, lambda key: join(header(key), claims()) + "." +
     b64(key.sign(b64(as_octets(header(key))))))
case("signature by another key", 401, lambda key: signed(key.another(), header(key)))
case("signature as hex", 401, lambda key: join(header(key), claims()) + "." +
     key.sign(join(header(key), claims())).hex())
case("header written anew", 401, lambda key: join(
    json.dumps(header(key)).replace(" ", ""), claims()) + "." + signed(key).rsplit(".", 1)[1])
of_family("signature in DER", Curve, lambda key: join(header(key), claims()) + "." + b64(
    key.sign_der(join(header(key), claims()))))
of_family("r and s the order", Curve, lambda key: join(header(key), claims()) + "." + b64(
    Curve.order.to_bytes(32, "big") * 2))
of_family("r and s one", Curve, lambda key: join(header(key), claims()) + "." + b64(
    (1).to_bytes(32, "big") * 2))
of_family("r alone", Curve, lambda key: join(header(key), claims()) + "." + b64(
    key.sign(join(header(key), claims()))[:32]))
of_family("numbers of 33 octets", Curve, lambda key: join(header(key), claims()) + "." + b64(
    b"\0" + key.sign(join(header(key), claims()))[:32] + b"\0" +
    key.sign(join(header(key), claims()))[32:]))

# --- times ---
with_claims("expired", 401, exp=NOW - LEEWAY_S - 1)
with_claims("expired long ago", 401, exp=1)
with_claims("exp left out", 401, exp=LEFT_OUT)
with_claims("exp null", 401, exp=None)
with_claims("exp a text", 401, exp=str(NOW + 600))
with_claims("exp a fraction", 401, exp=NOW + 600.5)
with_body("exp 1e10", '{"iss":"%s","aud":"%s","exp":1e10}' % (ISSUER, AUDIENCE))
with_body("exp 1e999", '{"iss":"%s","aud":"%s","exp":1e999}' % (ISSUER, AUDIENCE))
with_claims("exp below zero", 401, exp=-1)
with_claims("exp true", 401, exp=True)
with_claims("exp a list", 401, exp=[NOW + 600])
with_claims("exp in milliseconds", 401, exp=(NOW + 600) * 1000)
with_claims("exp past 64 bits", 401, exp=1 << 70)
with_claims("not yet valid", 401, nbf=NOW + 3 * LEEWAY_S)
with_claims("nbf a text", 401, nbf="0")
with_claims("nbf null", 401, nbf=None)
with_claims("issued in the future", 401, iat=NOW + 3 * LEEWAY_S)
with_claims("iat a fraction", 401, iat=0.5)

# --- claims ---
with_claims("iss left out", 401, iss=LEFT_OUT)
with_claims("iss another", 401, iss="https://evil.example")
with_claims("iss with a slash behind", 401, iss=ISSUER + "/")
with_claims("iss in upper case", 401, iss=ISSUER.upper())
with_claims("iss a list", 401, iss=[ISSUER])
with_claims("aud left out", 401, aud=LEFT_OUT)
with_claims("aud another", 401, aud="others")
with_claims("aud begins like ours", 401, aud=AUDIENCE + "x")
with_claims("aud an empty list", 401, aud=[])
with_claims("aud a list of others", 401, aud=["others", "tide"])
with_claims("aud a list with a number", 401, aud=[AUDIENCE, 1])
with_claims("aud an object", 401, aud={AUDIENCE: True})
with_claims("sub a number", 401, sub=7)
with_claims("sub null", 401, sub=None)
with_claims("sub of 129 octets", 401, sub="s" * 129)
with_claims("jti a number", 401, jti=7)
with_claims("tenant a list", 401, tenant=["acme"])
with_claims("tenant in upper case", 401, tenant="Acme")
with_claims("tenant a path", 401, tenant="../acme")
with_claims("tenant empty", 401, tenant="")
with_claims("tenant of 64 octets", 401, tenant="t" * 64)
with_claims("tenant null", 401, tenant=None)
with_body("tenant with a NUL", raw_body('"tenant":"acme\\u0000x"'))
with_body("tenant twice", raw_body('"tenant":"globex","tenant":"acme"'))
with_body("sub twice", raw_body('"sub":"root"'))
with_body("exp twice", raw_body('"exp":1'))
with_body("a name twice deep inside", raw_body('"a":{"b":{"c":1,"c":2}}'))
with_body("payload a list", json.dumps([claims()]))
with_body("payload a text", '"alice"')
with_body("payload null", "null")
with_body("payload no JSON", "{sub:alice}")
with_body("payload with junk behind", json.dumps(claims()) + "x")
with_body("payload with a NUL and more behind", json.dumps(claims()) + "\0{}")
with_body("payload not UTF-8", json.dumps(claims())[:-1].encode() + b',"a":"\xff"}')
with_body("payload with a lone surrogate", raw_body('"a":"\\ud800"'))
with_body("payload 100 deep", raw_body('"a":' + "[" * 100 + "]" * 100))
with_body("payload 2500 deep", raw_body('"a":' + "[" * 2500 + "]" * 2500))
with_body("payload compressed", b"\x78\x9c\xab\x56\x4a\xcd\x2d")

# --- other tenants ---
with_claims("a token of another tenant", 403, tenant="acme")
CASES[-1].tenant = "globex"
