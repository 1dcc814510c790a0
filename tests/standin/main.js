// The stand-in as a process: says where it is, and serves until told to stop.

import {parseArgs} from 'node:util';
import {startStandin} from './server.js';

function wholeNumber(text, name, most) {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 0 || n > most) {
    console.error(`--${name} must be a whole number from 0 to ${most}`);
    process.exit(2);
  }
  return n;
}

let values;
try {
  ({values} = parseArgs({options: {
    port: {type: 'string', default: '0'},
    users: {type: 'string', default: '0'},
  }}));
} catch (error) {
  console.error(`${error.message}\nusage: standin [--port N] [--users N]`);
  process.exit(2);
}

const standin = await startStandin({
  port: wholeNumber(values.port, 'port', 65535),
  extraUsers: wholeNumber(values.users, 'users', 99_999),
});
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => process.exit(0));
console.log(JSON.stringify({
  url: standin.url,
  trace_url: `${standin.url}/traces`,
  docs_url: `${standin.url}/docs`,
  users: standin.users(),
}));
