// The official TypeScript SDK, second generation, with sessions.
import {randomUUID} from 'node:crypto';
import {createServer} from 'node:http';
import {NodeStreamableHTTPServerTransport} from '@modelcontextprotocol/node';
import {McpServer} from '@modelcontextprotocol/server';
import {answer, ready} from './text.js';

const sessions = new Map();

async function open() {
  const server = new McpServer({name: 'peer', version: '1'});
  server.registerTool('test_simple_text', {description: 'Gives one text.'},
                      () => ({content: [{type: 'text', text: answer}]}));
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID, enableJsonResponse: true,
    onsessioninitialized: (id) => { sessions.set(id, transport); },
    onsessionclosed: (id) => { sessions.delete(id); }});
  await server.connect(transport);
  return transport;
}

const http = createServer(async (request, response) => {
  const id = request.headers['mcp-session-id'];
  const transport = id ? sessions.get(id) : await open();
  if (!transport)
    return response.writeHead(404).end();
  return transport.handleRequest(request, response);
});
http.listen(0, '127.0.0.1', () => ready(http.address().port));
process.on('SIGTERM', () => process.exit(0));
