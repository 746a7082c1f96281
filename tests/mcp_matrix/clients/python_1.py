"""The MCP Python SDK 1.x."""

from contextlib import asynccontextmanager
from datetime import timedelta

import commands
from mcp import ClientSession, McpError, StdioServerParameters, types
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
    errors = (McpError,)

    def __init__(self, session, protocol):
        self.session = session
        self.protocol = protocol

    @staticmethod
    def describe(error):
        return {"code": error.error.code, "message": error.error.message}

    def list(self, kind):
        return getattr(self.session, f"list_{kind}")()

    def call(self, tool, arguments, timeout=None):
        timeout = timeout and timedelta(seconds=timeout)
        self.last_id = self.session._request_id
        return self.session.call_tool(tool, arguments, timeout, progress)

    def prompt(self, name):
        return self.session.get_prompt(name)

    def read(self, uri):
        return self.session.read_resource(uri)

    def ping(self):
        return self.session.send_ping()

    def malformed(self):
        params = types.CallToolRequestParams.model_construct(arguments={})
        request = types.CallToolRequest.model_construct(method="tools/call", params=params)
        request = types.ClientRequest.model_construct(root=request)
        return self.session.send_request(request, types.CallToolResult)

    async def cancel(self, begun):
        # The SDK does not notify the server of a cancelled call.
        params = types.CancelledNotificationParams(requestId=self.last_id)
        notification = types.CancelledNotification(params=params)
        await self.session.send_notification(types.ClientNotification(notification))
        begun.cancel()


@asynccontextmanager
async def connect(target):
    if "url" in target:
        transport = streamable_http_client(target["url"])
    else:
        program, *arguments = target["command"]
        transport = stdio_client(StdioServerParameters(command=program, args=arguments))
    async with transport as (read, write, *_):
        async with ClientSession(
            read,
            write,
            sampling_callback=sample,
            elicitation_callback=elicit,
            list_roots_callback=roots,
            client_info=types.Implementation(name="matrix", version="1"),
        ) as session:
            result = await session.initialize()
            yield Client(session, result.protocolVersion)


commands.run(connect)
