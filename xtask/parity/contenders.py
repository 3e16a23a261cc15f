"""Each contender turns the text of a request into an Answer: the Python handler, the host over HTTP, and the Lambda's bootstrap.

What is asked and what must agree is decided elsewhere.
"""

import http.client
import http.server
import json
import os
import queue
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from botocore.exceptions import ClientError, ParamValidationError

# Nothing here may look at the developer's own AWS account, or at the network.
AWS = {
    "AWS_ACCESS_KEY_ID": "parity",
    "AWS_SECRET_ACCESS_KEY": "parity",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1",
}
PATIENCE = 30


@dataclass
class Answer:
    """What came back: the JSON text of a success, or the type, message and whole body of an error."""

    ok: str | None = None
    error: str | None = None
    message: str = ""
    body: dict | None = None

    def __str__(self):
        return f"ok {self.ok}" if self.ok is not None else f"{self.error}: {self.message}"


class Handler:
    """The Python handler, called with what the Lambda runtime would have parsed."""

    name = "handler"

    def __init__(self, lambda_handler):
        self.lambda_handler = lambda_handler

    def ask(self, text):
        try:
            result = self.lambda_handler(json.loads(text), None)
            return Answer(ok=json.dumps(result, default=written_exactly, separators=(",", ":"), ensure_ascii=False))
        except ClientError as error:
            detail = error.response["Error"]
            return Answer(error=detail["Code"], message=detail["Message"], body=error.response)
        except ParamValidationError as error:
            return Answer(error="ParamValidationError", message=str(error))
        except Exception as error:  # Whatever it raises is its answer.
            return Answer(error=type(error).__name__, message=str(error))

    def stop(self):
        pass


def written_exactly(value):
    """boto3's numbers are Decimals: as JSON they stand in an object that no reply of the tutorial has."""
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class Host:
    """`gateleg serve --store dynamodb`."""

    name = "serve"

    def __init__(self, program, engine):
        self.port = free_port()
        arguments = ["serve", "--store", "dynamodb", "--tables", "*", "--addr", f"127.0.0.1:{self.port}"]
        self.process = start([program, *arguments], {"AWS_ENDPOINT_URL_DYNAMODB": engine})
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        wait_for(self.port, self.process, self.name)

    def ask(self, text):
        headers = {"content-type": "application/json"}
        self.connection.request("POST", "/dynamodbmanager", text.encode(), headers)
        response = self.connection.getresponse()
        body = response.read().decode()
        if response.status == 200:
            return Answer(ok=body)
        return refusal(body)

    def stop(self):
        self.connection.close()
        end(self.process)


class Bootstrap:
    """The Lambda's program, invoked directly through a Runtime API of our own."""

    name = "bootstrap"

    def __init__(self, program, engine):
        self.events = queue.Queue()
        self.answers = queue.Queue()
        self.api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), runtime_api(self.events, self.answers))
        self.api.daemon_threads = True
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        environment = {
            "AWS_ENDPOINT_URL_DYNAMODB": engine,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "parity",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/parity",
            "AWS_LAMBDA_LOG_STREAM_NAME": "parity",
            "GATELEG_TABLES": "*",
        }
        self.process = start([program], environment)

    def ask(self, text):
        self.events.put(text.encode())
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                kind, body = self.answers.get(timeout=0.2)
            except queue.Empty:
                if self.process.poll() is not None:
                    raise RuntimeError(f"bootstrap ended with {self.process.returncode}") from None
                continue
            return Answer(ok=body) if kind == "response" else refusal(body)
        raise RuntimeError(f"bootstrap gave no answer within {PATIENCE} s")

    def stop(self):
        end(self.process)
        self.api.shutdown()


def runtime_api(events, answers):
    """Just enough of Lambda's Runtime API: next, response, error, init/error."""

    class RuntimeApi(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            event = events.get()
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", f"parity-{time.monotonic_ns()}")
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + PATIENCE) * 1000)))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:parity")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(event)))
            self.end_headers()
            self.wfile.write(event)

        def do_POST(self):
            answers.put((self.path.rsplit("/", 1)[-1], self.read_body().decode()))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def read_body(self):
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", "0")))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_):
            pass

    return RuntimeApi


def refusal(body):
    error = json.loads(body)
    return Answer(error=error["__type"], message=error["message"], body=error)


def engine(program):
    """Starts the DynamoDB-compatible engine; it says where it listens."""
    process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True, env=environment_with({}))
    first = process.stdout.readline().strip()
    prefix = "listening on "
    if not first.startswith(prefix):
        end(process)
        raise RuntimeError(f"expected {program} to say `{prefix}http://..`, but found {first!r}")
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return process, first.removeprefix(prefix)


def start(command, extra):
    log = Path(command[0]).name
    # The program's log is for a person whose test failed.
    folder = Path(os.environ.get("PARITY_LOGS") or tempfile.gettempdir())
    output = open(folder / f"parity-{log}.log", "wb")
    return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment_with(extra))


def environment_with(extra):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | AWS | extra


def end(process):
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, process, name):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{name} did not listen within {PATIENCE} s")
