"""A mail server that behaves as it is told.

It prints its port, keeps each mail that reaches it as a file in a folder, and reads from the file `behaviour` in that
folder what to do with the next one:

take      takes it
refuse    refuses the recipient for good (550)
greylist  asks to come back later (451), once for each recipient
wait      keeps the mail and answers once the file `go` is there
silent    keeps the mail and never answers
drip      keeps the mail and answers a letter at a time, without end
cut       keeps the mail and closes the connection in place of an answer
"""

import argparse
import asyncio
import pathlib
import ssl
import time

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, folder):
        self.folder = folder
        self.seen = set()

    def behaviour(self):
        return (self.folder / "behaviour").read_text().strip()

    async def handle_RCPT(self, server, session, envelope, address, options):
        behaviour = self.behaviour()
        if behaviour == "refuse":
            return "550 5.1.1 No such person here"
        if behaviour == "greylist" and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def keep(self, envelope):
        name = f"{time.time_ns()}.eml"
        draft = self.folder / (name + ".draft")
        draft.write_bytes(envelope.original_content)
        draft.rename(self.folder / name)

    async def handle_DATA(self, server, session, envelope):
        behaviour = self.behaviour()
        self.keep(envelope)
        if behaviour == "wait":
            while not (self.folder / "go").exists():
                await asyncio.sleep(0.02)
        if behaviour == "silent":
            await asyncio.sleep(3600)
        while behaviour == "drip":
            server.transport.write(b"2")
            await asyncio.sleep(0.1)
        if behaviour == "cut":
            server.transport.abort()
        return "250 2.0.0 Taken"


def authenticator(account):
    def check(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == account, handled=False)

    return check


def options(arguments):
    given = {"hostname": "mail.example", "enable_SMTPUTF8": True}
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)
        given |= {"tls_context": context, "require_starttls": True}
    if arguments.account:
        given |= {
            "authenticator": authenticator(arguments.account),
            "auth_required": True,
            "auth_require_tls": bool(arguments.certificate),
        }
    return given


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--account")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    handler = Handler(arguments.folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop, **options(arguments)), "127.0.0.1", arguments.port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
