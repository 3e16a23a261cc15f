"""Turns a table into one JSON text, as fast as boto3 can: every item, read in segments, joined as `{"Items":[..],"Count":N}`.

Low-level client, no checks of parameters, a connection for each segment, page after page, no garbage collector, orjson for the text.
How the work is shared out (a thread or a process for each segment) and what becomes of an item are arguments, so that the fastest
can be found: `wire` writes boto3's items as they are, `plain` makes plain JSON of them, and `unread` keeps boto3 from reading them.
Clients and processes are there, and each has made a call, before the clock starts.

    AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:PORT python xtask/bench/scan.py TABLE threads|processes wire|plain|unread SEGMENTS

Prints a line: seconds and seconds of CPU from the first Scan to the whole text, seconds of CPU since the start of the process and of
those it started, items, bytes.
"""

import gc
import multiprocessing
import sys
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import boto3
import orjson
from botocore.config import Config


def main():
    # Nothing here is a cycle, and looking for them is a fifth of the CPU.
    gc.disable()
    table, workers, notation, segments = sys.argv[1:]
    scan = {"threads": Threads, "processes": Processes}[workers](table, notation, int(segments))
    cpu = scan.cpu()
    start = time.perf_counter()
    text, count = scan.read()
    wall = time.perf_counter() - start
    total = scan.cpu()
    print(wall, total - cpu, total, count, len(text))


class Threads:
    """A thread for each segment, and one client for all, which is made for that."""

    def __init__(self, table, notation, segments):
        self.segment = Segment(table, notation, segments)
        self.segments = range(segments)
        self.pool = ThreadPoolExecutor(segments)
        list(self.pool.map(self.segment.warm, self.segments))

    def read(self):
        return joined(self.pool.map(self.segment.read, self.segments))

    def cpu(self):
        return time.process_time()


class Processes:
    """A process for each segment, with a client of its own; what crosses to the parent is text."""

    def __init__(self, table, notation, segments):
        self.workers = []
        for segment in range(segments):
            ours, theirs = multiprocessing.Pipe()
            multiprocessing.Process(target=work, args=(theirs, table, notation, segments, segment), daemon=True).start()
            self.workers.append(ours)
        self.cpu()

    def read(self):
        for worker in self.workers:
            worker.send("read")
        return joined([(worker.recv_bytes(), worker.recv()) for worker in self.workers])

    def cpu(self):
        for worker in self.workers:
            worker.send("cpu")
        return time.process_time() + sum(worker.recv() for worker in self.workers)


def work(parent, table, notation, segments, segment):
    reader = Segment(table, notation, segments)
    reader.warm(segment)
    while True:
        if parent.recv() == "cpu":
            parent.send(time.process_time())
        else:
            text, count = reader.read(segment)
            parent.send_bytes(text)
            parent.send(count)


class Segment:
    """A client, and how it reads one segment."""

    def __init__(self, table, notation, segments):
        config = Config(max_pool_connections=segments, parameter_validation=False)
        self.client = boto3.client("dynamodb", config=config)
        self.parameters = {"TableName": table, "TotalSegments": segments}
        self.written = {"wire": wire, "plain": plain, "unread": bytes}[notation]
        if notation == "unread":
            self.client.meta.events.register("before-parse.dynamodb.Scan", keep_unread)

    def warm(self, segment):
        self.client.scan(**self.parameters, Segment=segment, Limit=1)

    def read(self, segment):
        pages, count, start = [], 0, {}
        while True:
            page = self.client.scan(**self.parameters, Segment=segment, **start)
            count += page["Count"]
            if page["Items"]:
                pages.append(self.written(page["Items"]))
            if "LastEvaluatedKey" not in page:
                return b",".join(pages), count
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def joined(segments):
    texts, counts = zip(*segments)
    text = b'{"Items":[' + b",".join(filter(None, texts)) + b'],"Count":%d}' % sum(counts)
    return text, sum(counts)


def wire(items):
    """The least there is to do: boto3's items as they are."""
    return orjson.dumps(items, default=binary)[1:-1]


def plain(items):
    """What a caller of the tutorial's API gets: plain JSON. Numbers lose digits here, which is quicker than to keep them."""
    return orjson.dumps([{name: value(given) for name, given in item.items()} for item in items])[1:-1]


def value(given):
    """boto3's own TypeDeserializer takes twice as long."""
    ((kind, held),) = given.items()
    if kind == "N":
        return float(held) if "." in held or "E" in held else int(held)
    if kind == "L":
        return [value(one) for one in held]
    if kind == "M":
        return {name: value(one) for name, one in held.items()}
    if kind == "NULL":
        return None
    if kind in ("S", "BOOL"):
        return held
    raise TypeError(f"expected a value that plain JSON has, but found {kind}")


def binary(held):
    return b64encode(held).decode()


def keep_unread(response_dict, customized_response_dict, **_):
    """Takes the items out of the answer before boto3 reads it. They must stand first, as this engine's do."""
    body = response_dict["body"]
    end = body.rindex(b'],"Count"')
    response_dict["body"] = b"{" + body[end + 2 :]
    # What is in here becomes part of what boto3 returns.
    customized_response_dict["Items"] = body[len(b'{"Items":[') : end]


if __name__ == "__main__":
    main()
