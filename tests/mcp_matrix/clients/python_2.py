"""The MCP Python SDK 2.x."""

from contextlib import asynccontextmanager

import commands
from mcp import Client as SdkClient
from mcp import MCPError, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client


async def sample(context, params):
    content = types.TextContent(type="text", text="because")
    return types.CreateMessageResult(role="assistant", content=content, model="test")


async def elicit(context, params):
    return types.ElicitResult(action="accept", content={"name": "x"})


async def roots(context):
    return types.ListRootsResult(roots=[])


async def progress(*_):
    pass


class Client:
    errors = (MCPError,)

    def __init__(self, client):
        self.client = client
        self.protocol = client.protocol_version

    @staticmethod
    def describe(error):
        return {"code": error.error.code, "message": error.error.message}

    def list(self, kind):
        # Without the cache, whose entries would depend on the clock.
        return getattr(self.client, f"list_{kind}")(cache_mode="bypass")

    def call(self, tool, arguments, timeout=None):
        return self.client.call_tool(tool, arguments, timeout, progress)

    def prompt(self, name):
        return self.client.get_prompt(name)

    def read(self, uri):
        return self.client.read_resource(uri, cache_mode="bypass")

    def ping(self):
        return self.client.send_ping()

    def malformed(self):
        params = types.CallToolRequestParams.model_construct(name="", arguments={})
        request = types.CallToolRequest.model_construct(method="tools/call", params=params)
        del params.name
        return self.client.session.send_request(request, types.CallToolResult)

    async def cancel(self, begun):
        # The SDK notifies the server, or closes the request's connection.
        begun.cancel()


@asynccontextmanager
async def connect(target):
    if "url" in target:
        transport = streamable_http_client(target["url"])
    else:
        program, *arguments = target["command"]
        transport = stdio_client(StdioServerParameters(command=program, args=arguments))
    async with SdkClient(
        transport,
        mode=target["mode"],
        sampling_callback=sample,
        elicitation_callback=elicit,
        list_roots_callback=roots,
        client_info=types.Implementation(name="matrix", version="1"),
    ) as client:
        yield Client(client)


commands.run(connect)
