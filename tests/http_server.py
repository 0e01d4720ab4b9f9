#!/usr/bin/env python3
"""A web server for the tests of downloads, on a loopback port of the system's choice.

http_server.py [--until-gone] DIR LOG [CERTIFICATE KEY]

Prints its port, serves the files of DIR, and ends with its standard input (--until-gone: when DIR
is no longer there).  The first part of a path says how it misbehaves: /ok/F serves F; see MANNERS.  Every request is one line of LOG: method,
path, Range, status.  A request for a whole URL (as a proxy gets it) is answered with the file of
that name.  POSTed documents are kept as DIR/posted.N with their headers as DIR/posted.N.json."""
import http.server
import json
import os
import ssl
import sys
import threading
import time

arguments = sys.argv[1:]
until_gone = arguments[0] == "--until-gone"
if until_gone:
    arguments.pop(0)
FOLDER, LOG = arguments[:2]
seen = {}
posted = 0
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, status):
        with lock, open(LOG, "a", encoding="utf-8") as log:
            log.write(f"{self.command} {self.path} {self.headers.get('Range', '-')} {status}\n")

    def times(self):
        """How often this path was asked for, this time included."""
        with lock:
            seen[self.path] = seen.get(self.path, 0) + 1
            return seen[self.path]

    def head(self, status, length=None, **more):
        self.note(status)
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def refuse(self, status, **more):
        self.head(status, 0, **more)

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True
        try:
            self.connection.shutdown(2)
        except OSError:
            pass

    def serve(self, body, tag='"one"', limit=None):
        """The file, or the part that is asked for; cut off after `limit` bytes of it."""
        start, status, more = 0, 200, {"ETag": tag}
        wanted, same = self.headers.get("Range"), self.headers.get("If-Range")
        if wanted and (same is None or same == tag):
            start = int(wanted.split("=")[1].split("-")[0])
            if start >= len(body):
                return self.refuse(416)
            status = 206
            more["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.head(status, len(body) - start, **more)
        part = body[start:]
        self.wfile.write(part if limit is None else part[:limit])
        if limit is not None:
            self.hang_up()

    def file(self, name):
        try:
            with open(os.path.join(FOLDER, os.path.basename(name)), "rb") as f:
                return f.read()
        except OSError:
            self.refuse(404)
            return None

    def do_GET(self):
        if self.path.startswith("http"):
            body = self.file(self.path)
            return body is not None and self.serve(body)
        parts = self.path.split("/")
        manner = MANNERS.get(parts[1])
        if manner is None:
            return self.refuse(404)
        return manner(self, parts)

    def do_POST(self):
        global posted
        body = self.rfile.read(int(self.headers["Content-Length"]))
        manner = self.path.split("/")[1]
        if manner == "flaky" and self.times() == 1:
            return self.refuse(503)
        if manner == "moved":
            return self.refuse(302, Location="/ok/post")
        if manner == "refused":
            return self.refuse(400)
        with lock:
            posted += 1
            with open(os.path.join(FOLDER, f"posted.{posted}"), "wb") as f:
                f.write(body)
            with open(os.path.join(FOLDER, f"posted.{posted}.json"), "w", encoding="utf-8") as f:
                json.dump({k.lower(): v for k, v in self.headers.items()}, f)
        return self.refuse(202)


def with_body(act):
    def manner(self, parts):
        body = self.file(parts[-1])
        return body is not None and act(self, body, parts)
    return manner


def endless(self, body, parts):
    self.head(200, Transfer_Encoding="chunked")
    try:
        while True:
            self.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
    except OSError:
        self.close_connection = True


def stall(self, body, parts):
    self.head(200, len(body))
    self.wfile.write(body[: len(body) // 2])
    self.wfile.flush()
    time.sleep(20)
    self.hang_up()


def trickle(self, body, parts):
    """Never silent, never done."""
    self.head(200, 60000)
    try:
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.2)
    except OSError:
        pass
    self.close_connection = True


def first_then_slow(self, body, parts):
    """Lists and one certificate; the next certificate takes forever."""
    with lock:
        seen[parts[1]] = seen.get(parts[1], 0) + parts[-1].endswith(".crt")
        slow = seen[parts[1]] > 1
    return trickle(self, body, parts) if slow else self.serve(body)


def redirect(self, parts):
    """/redirect/N/F: N times, then the file."""
    left = int(parts[2])
    to = f"/redirect/{left - 1}/{parts[3]}" if left > 1 else f"/ok/{parts[3]}"
    self.refuse(302, Location=to)


def to_http(self, parts):
    self.refuse(302, Location=f"http://127.0.0.1:1/ok/{parts[-1]}")


def cut_once(self, body, parts):
    self.serve(body, limit=len(body) // 2 if self.times() == 1 else None)


def cut_and_changed(self, body, parts):
    first = self.times() == 1
    self.serve(bytes(len(body)) if first else body, tag='"old"' if first else '"new"',
               limit=len(body) // 2 if first else None)


def other_part(self, body, parts):
    """Cut first; then a range that was not asked for; then as it should be."""
    turn = self.times()
    if turn != 2:
        return self.serve(body, limit=len(body) // 2 if turn == 1 else None)
    self.head(206, len(body) - 1, ETag='"one"',
              Content_Range=f"bytes 1-{len(body) - 1}/{len(body)}")
    return self.wfile.write(body[1:])


def flaky(self, body, parts):
    if self.times() == 1:
        return self.refuse(503, Retry_After="0")
    return self.serve(body)


def corrupt(self, body, parts):
    half = len(body) // 2
    self.serve(body[:half] + bytes([body[half] ^ 1]) + body[half + 1:])


MANNERS = {
    "ok": with_body(lambda self, body, parts: self.serve(body)),
    "cut": with_body(cut_once),
    "always-cut": with_body(lambda self, body, parts: self.serve(body, limit=len(body) // 9)),
    "changed": with_body(cut_and_changed),
    "other-part": with_body(other_part),
    "short": with_body(lambda self, body, parts: self.serve(body[: len(body) * 2 // 3])),
    "corrupt": with_body(corrupt),
    "huge": lambda self, parts: self.head(200, 1 << 40),
    "endless": with_body(endless),
    "stall": with_body(stall),
    "trickle": with_body(trickle),
    "first-then-slow": with_body(first_then_slow),
    "flaky": with_body(flaky),
    "broken": lambda self, parts: self.refuse(500),
    "later": lambda self, parts: self.refuse(503, Retry_After="3600"),
    "redirect": redirect,
    "to-http": to_http,
    "to-file": lambda self, parts: self.refuse(302, Location="file:///etc/passwd"),
    "to-user": lambda self, parts: self.refuse(302, Location="http://me:pw@127.0.0.1/"),
    "loop": lambda self, parts: self.refuse(301, Location=self.path),
}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(arguments) == 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*arguments[2:])
    server.socket = context.wrap_socket(server.socket, server_side=True)
sys.stdout.write(f"{server.server_address[1]}\n")
sys.stdout.flush()
threading.Thread(target=server.serve_forever, daemon=True).start()
while until_gone and os.path.isdir(FOLDER):
    time.sleep(0.1)
if not until_gone:
    sys.stdin.read()
