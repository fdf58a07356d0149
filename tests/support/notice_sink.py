#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What notices are sent to in tests: a real SMTP server and a small HTTP server on
loopback. Says its ports in the first line, then one JSON line for each thing received.

Mail to busy@… is refused for now, to never@… for ever. HTTP paths: /ok, /busy (429),
/gone (404), /broken (503), /fast and /bad (200, and an errcode as group robots give)."""
import asyncio
import base64
import email
import email.policy
import http.server
import json
import sys
import threading

try:
    from aiosmtpd.smtp import SMTP
except ImportError:
    sys.exit(77)

ANSWERS = {
    "/ok": (200, '{"errcode":0,"errmsg":"ok"}'),
    "/plain": (204, ""),
    "/busy": (429, ""),
    "/gone": (404, ""),
    "/broken": (503, ""),
    "/fast": (200, '{"errcode":45009,"errmsg":"api freq out of limit"}'),
    "/bad": (200, '{"errcode":93000,"errmsg":"invalid webhook url"}'),
}


def say(**what):
    print(json.dumps(what, ensure_ascii=False), flush=True)


class Mail:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("busy@"):
            return "451 try again later"
        if address.startswith("never@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(kind="mail", to=envelope.rcpt_tos[0], sender=envelope.mail_from,
            subject=message["Subject"], id=message["Message-ID"], date=message["Date"],
            text=base64.b64decode(message.get_payload()).decode(),
            longest=max(len(line) for line in envelope.content.split(b"\r\n")))
        return "250 taken"


class Post(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        code, text = ANSWERS[self.path]
        say(kind="post", path=self.path, type=self.headers["Content-Type"],
            body=json.loads(body))
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


async def main():
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Post)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(lambda: SMTP(Mail(), enable_SMTPUTF8=True),
                                    "127.0.0.1", 0)
    print(mail.sockets[0].getsockname()[1], web.server_address[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until whoever started us is gone


asyncio.run(main())
