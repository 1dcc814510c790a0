// Documentation search: a small MCP server over Streamable HTTP with one tool,
// as the public documentation has. The snippets are ours.
//
//   /docs          answers without a handshake
//   /docs/strict   wants one, and a session with every request
//   /docs/renamed  its tool has another name, and says things before it answers
//   /docs/moved    is at /docs now

import {json} from './http.js';

const toolName = 'search_weights_biases_documentation';
const otherName = 'search_example_docs';
const session = 'standin-docs-session';

const pages = [
  ['Log metrics', '/models/track/log',
   'Call run.log with a dictionary at each step. Each call makes one row of '
   + 'the history; a metric that is not in the dictionary has no value there.'],
  ['Sweeps', '/models/sweeps',
   'A sweep searches hyperparameters. Write a configuration with a method '
   + '(grid, random or bayes), a metric and parameters, then start agents.'],
  ['Artifacts', '/models/artifacts',
   'An artifact is a versioned folder of files. Log it from a run to make a '
   + 'version; declare its use in another run, and the lineage is recorded.'],
  ['Registry', '/models/registry',
   'A registry collects the artifact versions that an organization relies on. '
   + 'Link a version to a collection and move aliases such as production.'],
  ['Reports', '/models/reports',
   'A report joins text with charts of runs. It may be shared by its link.'],
  ['Trace with Weave', '/weave/tracing',
   'Decorate a function as an op, and each call is recorded with its inputs, '
   + 'output, latency, cost and exception. Calls form a tree per trace.'],
  ['Evaluations in Weave', '/weave/evaluations',
   'An evaluation runs a model over a dataset and applies scorers to each '
   + 'output; the summary holds a mean or a fraction per scorer.'],
  ['API keys', '/platform/api-keys',
   'A key belongs to one user and acts with all of that user\'s rights. Pass '
   + 'it in an environment variable and never commit it.'],
  ['Alerts', '/models/alerts',
   'Send an alert from a run when a loss is no longer finite.'],
];

function search(query) {
  const wanted = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return pages
    .map(([title, path, text]) => ({
      title, path, text,
      score: wanted.filter(
        (w) => w.length > 2 && `${title} ${text}`.toLowerCase().includes(w))
        .length,
    }))
    .filter(({score}) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({title, path, text}) => ({
      type: 'text',
      text: `Title: ${title}\nLink: https://docs.example.invalid${path}\n`
        + `Content: ${text}`,
    }));
}

function result(method, params, toolName) {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params?.protocolVersion ?? '2025-06-18',
        capabilities: {tools: {listChanged: false}},
        serverInfo: {name: 'standin-docs', version: '1.0.0'},
      };
    case 'ping':
      return {};
    case 'tools/list':
      return {tools: [{
        name: toolName,
        description: 'Searches the documentation.',
        inputSchema: {type: 'object', required: ['query'],
                      properties: {query: {type: 'string'}}},
      }]};
    case 'tools/call':
      if (params?.name !== toolName)
        return {isError: true, content: [
          {type: 'text', text: `unknown tool ${params?.name}`}]};
      if (typeof params.arguments?.query !== 'string')
        return {isError: true,
                content: [{type: 'text', text: 'query must be a string'}]};
      return {content: search(params.arguments.query)};
  }
  return null;
}

export function docs({request, raw, path}) {
  if (path === '/docs/moved')
    return {status: 307, headers: {location: '/docs'}, body: ''};
  if (request.method !== 'POST')
    return json(405, {error: 'POST a JSON-RPC message'}, {allow: 'POST'});
  let message;
  try {
    message = JSON.parse(raw.toString('utf8'));
  } catch {
    return json(400, {jsonrpc: '2.0', id: null,
                      error: {code: -32700, message: 'Parse error'}});
  }
  if (message?.jsonrpc !== '2.0' || typeof message.method !== 'string')
    return json(400, {jsonrpc: '2.0', id: null,
                      error: {code: -32600, message: 'Invalid Request'}});
  if (message.id === undefined)
    return {status: 202, headers: {}, body: ''};
  const strict = path === '/docs/strict';
  if (strict && message.method !== 'initialize'
      && request.headers['mcp-session-id'] !== session)
    return json(400, {jsonrpc: '2.0', id: null, error: {
      code: -32000, message: 'Bad Request: Server not initialized'}});
  const renamed = path === '/docs/renamed';
  const value = result(message.method, message.params,
                       renamed ? otherName : toolName);
  const reply = {jsonrpc: '2.0', id: message.id, ...(value
    ? {result: value}
    : {error: {code: -32601, message: `Method not found: ${message.method}`}})};
  if (!(request.headers.accept ?? '').includes('text/event-stream'))
    return json(200, reply);
  return {
    status: 200,
    headers: {'content-type': 'text/event-stream', 'cache-control': 'no-cache',
              ...(strict ? {'mcp-session-id': session} : {})},
    body: (renamed ? `: hello\n\ndata: ${JSON.stringify({
      jsonrpc: '2.0', method: 'notifications/message',
      params: {level: 'info', data: 'searching'}})}\n\n` : '')
      + `event: message\ndata: ${JSON.stringify(reply)}\n\n`,
  };
}
