"""What the fuzzer knows of a customer: it signs in anew when its session has ended, with another company where that does not
work any more, and uses the ids that it was told.

The outcome is in the file that ERPMAX_FUZZ_OUTCOME names: how often each status was answered, and which operations were
tried and carried out.
"""

import atexit
import collections
import contextlib
import itertools
import json
import os
import random
import threading
import urllib.error
import urllib.request

import schemathesis

API = os.environ["ERPMAX_FUZZ_API"]
PASSWORD = "SecurePass123"
# Ids remembered of one collection.
REMEMBERED = 8

lock = threading.RLock()
statuses = collections.Counter()
tried, carried_out = set(), set()


def collection(path, name):
    """What a path's `{name}` is an id of: the word before it."""
    parts = path.split("/")
    return parts[parts.index(f"{{{name}}}") - 1]


class Owner:
    """The owner of a company, with a session and what they were told."""

    numbers = itertools.count()

    def __init__(self):
        number = next(self.numbers)
        self.email = f"owner{number}@fuzzed{number}.example"
        self.token = ""
        self.ids = collections.defaultdict(lambda: collections.deque(maxlen=REMEMBERED))
        self.enter("register", {"full_name": "Fuzzed Owner", "company_name": f"Fuzzed {number}"})
        self.ask("/provisioning/jobs", {"job_type": "create_site"})
        self.look_around()

    def ask(self, path, body=None):
        """The `data` of an answer; an HTTPError where it is a refusal."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        body = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(API + path, body, headers), timeout=30) as answer:
            return json.load(answer)["data"] if "json" in answer.headers["Content-Type"] else None

    def enter(self, how, more):
        session = self.ask(f"/auth/{how}", {"email": self.email, "password": PASSWORD, **more})
        self.token = session["access_token"]
        self.ids["tenants"].append(session["current_tenant"]["id"])

    def sign_in(self):
        """Whether it worked: the password may be another one by now, or a second factor be asked for."""
        try:
            self.enter("login", {})
        except urllib.error.HTTPError:
            return False
        return True

    def look_around(self):
        """Reads whatever the document lists and can be asked for with the ids that are known."""
        with urllib.request.urlopen(API.removesuffix("/api/v1") + "/openapi.json", timeout=30) as answer:
            paths = [path for path, item in json.load(answer)["paths"].items() if "get" in item]
        for path in sorted(paths, key=lambda path: path.count("{")):
            names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
            known = {name: self.ids[collection(path, name)] for name in names}
            if all(known.values()):
                with contextlib.suppress(urllib.error.HTTPError):
                    self.learn(path, self.ask(path.format(**{name: ids[-1] for name, ids in known.items()})))

    def learn(self, path, data):
        """Remembers the ids in an answer: of the collection that is the path's last word."""
        words = [word for word in path.split("/") if word and not word.startswith("{")]
        for item in data if isinstance(data, list) else [data]:
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                self.ids[words[-1]].append(item["id"])

    def knows(self, collection, otherwise):
        """An id of a collection, in half of the cases."""
        known = self.ids.get(collection)
        return random.choice(known) if known and random.random() < 0.5 else otherwise


owner = Owner()
is_signed_out = False


@schemathesis.auth(refresh_interval=None)
class Session:
    def get(self, case, context):
        global owner, is_signed_out
        with lock:
            if is_signed_out and not owner.sign_in():
                owner = Owner()
            is_signed_out = False
            return owner.token

    def set(self, case, token, context):
        if case.operation.definition.raw.get("security"):
            case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def before_call(context, case, kwargs):
    with lock:
        for name, value in list((case.path_parameters or {}).items()):
            case.path_parameters[name] = owner.knows(collection(case.operation.path, name), value)
        for name, value in list(case.body.items()) if isinstance(case.body, dict) else []:
            if isinstance(name, str) and name.endswith("_id"):
                case.body[name] = owner.knows(f"{name.removesuffix('_id')}s", value)


@schemathesis.hook
def after_call(context, case, response):
    global is_signed_out
    with lock:
        statuses[response.status_code] += 1
        tried.add(case.operation.label)
        if response.status_code == 401:
            is_signed_out |= response.request.headers.get("Authorization") == f"Bearer {owner.token}"
        is_its_method = response.request.method == case.operation.method.upper()
        if is_its_method and 200 <= response.status_code < 300:
            carried_out.add(case.operation.label)
            if "json" in "".join(response.headers.get("content-type", [])):
                owner.learn(case.operation.path, response.json().get("data"))


@atexit.register
def write_outcome():
    outcome = {"statuses": statuses, "tried": sorted(tried), "carried_out": sorted(carried_out)}
    with open(os.environ["ERPMAX_FUZZ_OUTCOME"], "w") as file:
        json.dump(outcome, file)
