// A stand-in W&B in this process and a server in front of it, for the tests of
// one file.

import {after} from 'node:test';
import {buildWorld} from '../../standin/data/seed.js';
import {startStandin} from '../../standin/server.js';
import {startServer, until} from './server.js';

/// The stand-in with its controls.
export async function standIn({extraUsers = 0, port = 0} = {}) {
  const it = await startStandin({extraUsers, port});
  const send = async (path, body) => {
    const answer = await fetch(it.url + path, {
      method: 'POST', body: body && JSON.stringify(body)});
    if (!answer.ok)
      throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  const users = it.users();
  return {
    ...it, userList: users,
    by: Object.fromEntries(users.map((u) => [u.username, u])),
    /// The very data that it serves, to compare answers with.
    data: buildWorld({extraUsers}),
    fault: (order) => send('/__control', order),
    reset: () => send('/__reset'),
    async requests(query = '') {
      return (await fetch(`${it.url}/__requests${query}`)).json();
    },
    /// Waits for a request that `which` accepts.
    request(which, what) {
      return until(async () => (await this.requests()).find(which), what);
    },
  };
}

/// Starts both, and stops both after the tests of the file.
export async function world({extraUsers = 0, env = {}, args = []} = {}) {
  const standin = await standIn({extraUsers});
  let server;
  after(async () => {
    try {
      await server?.stop();
    } finally {
      await standin.close();
    }
  });
  server = await startServer({standin, env, args});
  return {standin, server, url: server.url, by: standin.by};
}
