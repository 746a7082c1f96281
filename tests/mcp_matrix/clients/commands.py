"""Runs an MCP client of a Python SDK, controlled by a test.

Each line of standard input is a command, and each line of standard output is its answer, both in
JSON. The end of the input ends the session.
"""

import json
import signal
import sys

import anyio

# Ends this program if it hangs, even while it waits for a command.
DEADLINE_SECONDS = 150

TIMEOUT_SECONDS = 0.1


def write(answer):
    print(json.dumps(answer), flush=True)


def dump(result):
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)


async def attempt(client, request):
    """Awaits a request, and returns its result or its error."""
    try:
        return {"result": dump(await request)}
    except client.errors as error:
        return {"error": client.describe(error)}


async def run_session(client, lines, group):
    """Executes commands until the end of the session."""
    begun = done = answer = None
    while line := await lines.readline():
        match json.loads(line):
            case {"list": kind}:
                write(await attempt(client, client.list(kind)))
            case {"call": tool, "arguments": arguments}:
                write(await attempt(client, client.call(tool, arguments)))
            case {"prompt": name}:
                write(await attempt(client, client.prompt(name)))
            case {"read": uri}:
                write(await attempt(client, client.read(uri)))
            case {"ping": _}:
                write(await attempt(client, client.ping()))
            case {"malformed": _}:
                write(await attempt(client, client.malformed()))
            case {"begin": tool}:
                begun, done, answer = anyio.CancelScope(), anyio.Event(), []

                async def run(scope, done, answer, tool):
                    with scope:
                        answer.append(await attempt(client, client.call(tool, {})))
                    done.set()

                group.start_soon(run, begun, done, answer, tool)
                write("begun")
            case {"cancel": _}:
                await client.cancel(begun)
                await done.wait()
                write("cancelled")
            case {"await": _}:
                await done.wait()
                write(answer[0])
            case {"timeout": tool}:
                write(await attempt(client, client.call(tool, {}, timeout=TIMEOUT_SECONDS)))
            case {"end": _}:
                return
            case command:
                raise ValueError(command)


async def main(connect):
    lines = anyio.wrap_file(sys.stdin)
    while line := await lines.readline():
        target = json.loads(line)["connect"]
        async with connect(target) as client, anyio.create_task_group() as group:
            write({"protocol": client.protocol})
            await run_session(client, lines, group)
            group.cancel_scope.cancel()
        write("ended")


def run(connect):
    signal.alarm(DEADLINE_SECONDS)
    anyio.run(main, connect)
