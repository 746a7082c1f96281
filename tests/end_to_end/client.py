"""Drives a hub with the MCP Python SDK, over streamable HTTP, as a test tells it to.

    client.py URL MODE

MODE is the SDK's: "legacy" for a session that begins with `initialize`, or a protocol version that
has no sessions. Each line on standard input is a command, each line on standard output the answer
to one, both JSON; the first answer, to no command, says who the server is. The end of the input
ends the session, with whatever call is still under way.
"""

import json
import signal
import sys

import anyio
import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

# Ends this program if something hangs, even while it waits for a command.
DEADLINE_SECONDS = 120


def say(answer):
    print(json.dumps(answer), flush=True)


async def call(client, tool, arguments):
    """Calls a tool and tells what came of it."""
    try:
        result = await client.call_tool(tool, arguments)
    except MCPError as error:
        return {"outcome": "Refused", "text": error.error.message}
    text = "".join(part.text for part in result.content if part.type == "text")
    outcome = "Error" if result.is_error else "Success"
    return {"outcome": outcome, "text": text, "data": result.structured_content}


async def call_all(client, calls):
    """Makes all calls at once; the answers are in the order of the calls."""
    answers = [None] * len(calls)

    async def one(at, tool, arguments):
        answers[at] = await call(client, tool, arguments)

    async with anyio.create_task_group() as group:
        for at, (tool, arguments) in enumerate(calls):
            group.start_soon(one, at, tool, arguments)
    return answers


async def obey(client, group, sent):
    """Carries commands out, until there are no more."""
    begun = None
    async for line in anyio.wrap_file(sys.stdin):
        match json.loads(line):
            case {"call": calls}:
                say(await call_all(client, calls))
            case {"begin": calls}:
                begun = anyio.CancelScope()

                async def run(scope, calls):
                    with scope:
                        await call_all(client, calls)

                group.start_soon(run, begun, calls)
                say("begun")
            case {"cancel": _}:
                # How a user of the SDK gives up: what tells the server is the SDK's business.
                begun.cancel()
                say("cancelled")
            case {"sent": _}:
                say(sent)
            case command:
                raise ValueError(command)


async def main(url, mode):
    sent = []

    async def record(request):
        if request.method == "POST":
            sent.append(json.loads(request.content)["method"])

    http = httpx2.AsyncClient(
        event_hooks={"request": [record]},
        # So that concurrent calls really are, and calls may take their time.
        limits=httpx2.Limits(max_connections=None),
        timeout=None,
        # A proxy of the machine's has no business with a server on the same machine.
        trust_env=False,
    )
    async with http, anyio.create_task_group() as group:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=mode) as client:
            tools = await client.list_tools()
            say(
                {
                    "protocol": client.protocol_version,
                    "server": client.server_info.name,
                    "version": client.server_info.version,
                    "tools": sorted(tool.name for tool in tools.tools),
                }
            )
            await obey(client, group, sent)


if __name__ == "__main__":
    signal.alarm(DEADLINE_SECONDS)
    anyio.run(main, *sys.argv[1:])
