// fastmcp, a framework on top of the TypeScript SDK.
import net from 'node:net';
import {FastMCP} from 'fastmcp';
import {answer} from './text.js';

// It wants to be told a port, so a free one is looked for.
const port = await new Promise((resolve) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const found = probe.address().port;
    probe.close(() => resolve(found));
  });
});
const server = new FastMCP({name: 'peer', version: '1.0.0'});
server.addTool({name: 'test_simple_text', description: 'Gives one text.',
                execute: async () => answer});
// It logs on stdout; ours is the only line there.
console.log = () => {};
console.info = () => {};
await server.start({transportType: 'httpStream',
                    httpStream: {port, host: '127.0.0.1',
                                 enableJsonResponse: true}});
process.stdout.write(`${JSON.stringify({port})}\n`);
process.on('SIGTERM', () => process.exit(0));
