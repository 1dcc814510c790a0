// A stand-in W&B in this process and a server in front of it, for the tests of
// one file.

import {after, before} from 'node:test';
import {buildWorld} from '../../standin/data/seed.js';
import {startStandin} from '../../standin/server.js';
import {startServer, until} from './server.js';

/// The stand-in with its controls.
export async function standIn({extraUsers = 0} = {}) {
  const it = await startStandin({extraUsers});
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

/// Starts both before the tests of a file and stops both after.
export function world({extraUsers = 0, env = {}, args = []} = {}) {
  const it = {};
  before(async () => {
    it.standin = await standIn({extraUsers});
    it.server = await startServer({standin: it.standin, env, args});
    it.url = it.server.url;
    it.by = it.standin.by;
  });
  after(async () => {
    await it.server?.stop();
    await it.standin?.close();
  });
  return it;
}
