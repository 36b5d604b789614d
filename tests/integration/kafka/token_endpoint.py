"""An endpoint that gives tokens to clients with the right secret, as an identity provider does (RFC 6749 section 4.4)."""
import base64
import http.server
import json
import ssl
import threading
import time
import urllib.parse
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class TokenEndpoint:
    """On loopback, by HTTPS with the broker's certificate. Its tokens are of the issuer whose key the broker knows, unless `forged`."""

    def __init__(self, secure: Path, client: str, secret: str, scope: str, life_s: int, forged: bool = False):
        self.life_s, self.forged, self.away = life_s, forged, False
        self.given = []  # all tokens
        self.key = serialization.load_pem_private_key((secure / "issuer.key").read_bytes(), None)
        self.other_key = rsa.generate_private_key(65537, 2048)
        expected = "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if endpoint.away:
                    return self.answer(503, {})
                if self.headers["Authorization"] != expected:
                    return self.answer(401, {"error": "invalid_client", "error_description": self.headers["Authorization"]})
                if form != {"grant_type": ["client_credentials"], "scope": [scope]}:
                    return self.answer(400, {"error": "invalid_scope"})
                self.answer(200, {"access_token": endpoint.token(client, scope), "token_type": "Bearer", "expires_in": endpoint.life_s})

            def answer(self, status: int, body: dict) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # a client that does not trust it

        self.server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(secure / "broker.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server.server_port}/realms/lenne/token?by=test"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, subject: str, scope: str) -> str:
        now = int(time.time())
        claims = {"iss": "lenne-test", "aud": "kafka", "sub": subject, "scope": scope, "iat": now, "exp": now + self.life_s}
        text = base64url(json.dumps({"alg": "RS256", "kid": "1"}).encode()) + "." + base64url(json.dumps(claims).encode())
        signature = (self.other_key if self.forged else self.key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        self.given.append(text + "." + base64url(signature))
        return self.given[-1]
