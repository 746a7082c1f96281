// The MCP TypeScript SDK, controlled by a test with the commands of commands.py.

import { createInterface } from "node:readline";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
    CallToolResultSchema,
    CreateMessageRequestSchema,
    ElicitRequestSchema,
    ListRootsRequestSchema,
    McpError,
} from "@modelcontextprotocol/sdk/types.js";

// Ends this program if it hangs.
setTimeout(() => process.exit(1), 150_000).unref();

const TIMEOUT_MS = 100;
const LISTS = { tools: "listTools", prompts: "listPrompts", resources: "listResources" };

const write = (answer) => console.log(JSON.stringify(answer));

async function connect({ url, command }) {
    const capabilities = { sampling: {}, elicitation: { form: {} }, roots: {} };
    const client = new Client({ name: "matrix", version: "1" }, { capabilities });
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
        role: "assistant",
        content: { type: "text", text: "because" },
        model: "test",
    }));
    client.setRequestHandler(ElicitRequestSchema, () => ({
        action: "accept",
        content: { name: "x" },
    }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [] }));
    const transport = url
        ? new StreamableHTTPClientTransport(new URL(url))
        : new StdioClientTransport({ command: command[0], args: command.slice(1) });
    await client.connect(transport);
    return { client, transport };
}

async function attempt(request) {
    try {
        return { result: await request };
    } catch (error) {
        // Errors of the transport contain the response's status.
        const code = error instanceof McpError ? error.code : (error.code ?? error.name);
        return { error: { code, message: error.message } };
    }
}

let client, transport, begun;

async function execute(command) {
    const call = (name, arguments_, options) =>
        client.callTool({ name, arguments: arguments_ }, undefined, {
            onprogress: () => {},
            ...options,
        });
    if (command.connect) {
        ({ client, transport } = await connect(command.connect));
        return { protocol: transport._protocolVersion ?? null };
    } else if (command.list) {
        return attempt(client[LISTS[command.list]]());
    } else if (command.call) {
        return attempt(call(command.call, command.arguments));
    } else if (command.prompt) {
        return attempt(client.getPrompt({ name: command.prompt }));
    } else if (command.read) {
        return attempt(client.readResource({ uri: command.read }));
    } else if (command.ping) {
        return attempt(client.ping());
    } else if (command.malformed) {
        const params = { arguments: {} };
        return attempt(client.request({ method: "tools/call", params }, CallToolResultSchema));
    } else if (command.begin) {
        const abort = new AbortController();
        begun = { abort, answer: attempt(call(command.begin, {}, { signal: abort.signal })) };
        return "begun";
    } else if (command.cancel) {
        begun.abort.abort("cancelled by the test");
        await begun.answer;
        return "cancelled";
    } else if (command.await) {
        return begun.answer;
    } else if (command.timeout) {
        return attempt(call(command.timeout, {}, { timeout: TIMEOUT_MS }));
    } else if (command.end) {
        // The SDK leaves it to the application to end the session.
        await transport.terminateSession?.();
        await client.close();
        return "ended";
    }
    throw new Error(JSON.stringify(command));
}

for await (const line of createInterface({ input: process.stdin })) {
    write(await execute(JSON.parse(line)));
}
process.exit(0);
