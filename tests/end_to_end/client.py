"""Calls a hub with the MCP Python SDK, over streamable HTTP, controlled by a test.

    client.py URL MODE

MODE is a mode of the SDK: "legacy" for a session that begins with `initialize`, "auto" for a
protocol version without sessions. Each line of standard input is a command, and each line of
standard output is an answer, both in JSON. The first line of output describes the server. The end
of the input ends the session, with any calls still in flight.
"""

import json
import signal
import sys

import anyio
import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

# Ends this program if it hangs, even while it waits for a command.
DEADLINE_SECONDS = 120


def write(answer):
    print(json.dumps(answer), flush=True)


async def call(client, tool, arguments):
    """Calls a tool and returns the outcome."""
    try:
        result = await client.call_tool(tool, arguments)
    except MCPError as error:
        return {"outcome": "Refused", "text": error.error.message}
    text = "".join(part.text for part in result.content if part.type == "text")
    outcome = "Error" if result.is_error else "Success"
    return {"outcome": outcome, "text": text, "data": result.structured_content}


async def call_all(client, calls):
    """Makes all calls concurrently and returns the answers in the order of the calls."""
    answers = [None] * len(calls)

    async def one(at, tool, arguments):
        answers[at] = await call(client, tool, arguments)

    async with anyio.create_task_group() as group:
        for at, (tool, arguments) in enumerate(calls):
            group.start_soon(one, at, tool, arguments)
    return answers


async def run_commands(client, group, sent):
    """Executes commands until the end of the input."""
    begun = None
    async for line in anyio.wrap_file(sys.stdin):
        match json.loads(line):
            case {"call": calls}:
                write(await call_all(client, calls))
            case {"begin": calls}:
                begun = anyio.CancelScope()

                async def run(scope, calls):
                    with scope:
                        await call_all(client, calls)

                group.start_soon(run, begun, calls)
                write("begun")
            case {"cancel": _}:
                # The SDK's way to cancel; the SDK notifies the server.
                begun.cancel()
                write("cancelled")
            case {"sent": _}:
                write(sent)
            case command:
                raise ValueError(command)


async def main(url, mode):
    sent = []

    async def record(request):
        if request.method == "POST":
            sent.append(json.loads(request.content)["method"])

    http = httpx2.AsyncClient(
        event_hooks={"request": [record]},
        # No limits, so that all calls are concurrent and long calls do not time out.
        limits=httpx2.Limits(max_connections=None),
        timeout=None,
        # Ignores a proxy in the environment, because the hub is on the same machine.
        trust_env=False,
    )
    async with http, anyio.create_task_group() as group:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=mode) as client:
            tools = await client.list_tools()
            write(
                {
                    "protocol": client.protocol_version,
                    "server": client.server_info.name,
                    "version": client.server_info.version,
                    "tools": sorted(tool.name for tool in tools.tools),
                }
            )
            await run_commands(client, group, sent)


if __name__ == "__main__":
    signal.alarm(DEADLINE_SECONDS)
    anyio.run(main, *sys.argv[1:])
