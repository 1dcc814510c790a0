// What people see beside the sign-in page: the landing page, /connect, and the
// page for devices. And what nobody sees when sign-in is off.

import assert from 'node:assert/strict';
import http from 'node:http';
import {describe, test} from 'node:test';
import {bearer, exchange, initialize} from './support/mcp.js';
import {browser, connected, postForm, register, signInWorld}
  from './support/oauth.js';
import {startServer} from './support/server.js';

const it = await signInWorld();
const person = await browser();
const {alice, bob} = it.by;

const desktop = {width: 1280, height: 800};
const phone = {width: 360, height: 740};

/// A page in a browser of its own, which writes down what it complains about
/// and what it asks of others.
async function open(t, path, {origin = it.origin, ...how} = {}) {
  const context = await person.newContext({viewport: desktop, ...how});
  t.after(() => context.close());
  const page = await context.newPage();
  page.troubles = [];
  page.on('console', (said) => {
    if (['error', 'warning'].includes(said.type()))
      page.troubles.push(said.text());
  });
  page.on('pageerror', (error) => page.troubles.push(String(error)));
  page.on('request', (asked) => {
    if (new URL(asked.url()).origin !== origin
        && !asked.url().startsWith('data:'))
      page.troubles.push(`asked ${asked.url()}`);
  });
  await page.goto(origin + path);
  return page;
}

const calls = async (token) => (await exchange(it.url, {
  body: initialize(), headers: bearer(token)})).status;

async function authorizePath(redirect_uri = 'http://127.0.0.1:53682/callback') {
  return `/authorize?${new URLSearchParams({
    response_type: 'code', redirect_uri, code_challenge_method: 'S256',
    client_id: await register(it.origin, 'A client',
                              {redirect_uris: [redirect_uri]}),
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    scope: 'wandb:write'})}`;
}

test('the sign-in page outlives a wrong key, a reload and its own address',
     async (t) => {
  const page = await open(t, await authorizePath());
  for (const again of [() => page.reload(), () => page.goto(page.url())]) {
    await page.fill('#api_key', 'wrong');
    await page.click('button[value=allow]');
    await page.waitForSelector('#problem');
    await again();
    assert.ok(await page.isVisible('#api_key'));
    assert.match(await page.title(), /A client/);
  }
});

/// What a person does on a page before it is looked at.
const wrongKey = async (page) => {
  await page.fill('#api_key', 'nonsense');
  await page.locator('button[name=action], button[value=allow]').click();
};
const wrongCode = async (page) => {
  await page.fill('#user_code', 'BBBB-BBBB');
  await page.getByRole('button', {name: 'Continue'}).click();
};

describe('every page', () => {
  for (const [name, path, first = async () => {}] of [
    ['landing', () => '/'], ['connect', () => '/connect'],
    ['connect, wrong key', () => '/connect', wrongKey],
    ['device', () => '/device'],
    ['device, wrong code', () => '/device', wrongCode],
    ['device, code of a link', () => '/device?user_code=BCDF-GHJK'],
    ['sign-in', () => authorizePath()],
    ['sign-in, wrong key', () => authorizePath(), wrongKey],
    ['unknown client', () => '/authorize'], ['no page', () => '/nowhere'],
    ['the endpoint', () => '/mcp']])
    for (const [how, viewport, colorScheme] of [
      ['a desktop', desktop, 'light'], ['a phone', phone, 'dark']])
      test(`${name}: sound on ${how}, ${colorScheme}`, async (t) => {
        const page = await open(t, await path(), {viewport, colorScheme});
        await first(page);
        const found = await page.evaluate(() => {
          const all = (what) => [...document.querySelectorAll(what)];
          return {
            lang: document.documentElement.lang,
            title: document.title,
            headings: all('h1').length,
            mains: all('main').length,
            unnamed: all('input:not([type=hidden]), button, a').filter(
              (e) => !e.labels?.length && !e.textContent.trim()
                     && !e.ariaLabel).map((e) => e.outerHTML),
            wider: document.scrollingElement.scrollWidth - innerWidth,
            inline: all('script:not([src]), [style], style, [onclick]').length,
            dangling: all('[aria-describedby], [aria-labelledby]').flatMap(
              (e) => `${e.getAttribute('aria-describedby') ?? ''} `
                + (e.getAttribute('aria-labelledby') ?? ''))
              .flatMap((ids) => ids.split(' ').filter(Boolean))
              .filter((id) => !document.getElementById(id)),
            wrong: all('[aria-invalid]').length,
            focused: document.activeElement?.getAttribute('aria-invalid'),
          };
        });
        assert.equal(found.lang, 'en');
        assert.notEqual(found.title, '');
        assert.equal(found.headings, 1);
        assert.equal(found.mains, 1);
        assert.deepEqual(found.unnamed, []);
        assert.ok(found.wider <= 0, `${found.wider} pixels too wide`);
        assert.equal(found.inline, 0);
        assert.deepEqual(found.dangling, []);
        // Who is told that a field is wrong can mend it at once.
        assert.equal(found.wrong, /wrong/.test(name) ? 1 : 0);
        assert.equal(found.focused ?? null, found.wrong ? 'true' : null);
        assert.deepEqual(
          page.troubles.filter((t) => !/status of 40[014]/.test(t)), []);
        // Last, because it puts a style into the page.
        if (process.env.PAGES_SHOTS)
          await page.screenshot({fullPage: true, path:
            `${process.env.PAGES_SHOTS}/${name.replaceAll(/\W+/g, '-')}-`
            + `${viewport.width}-${colorScheme}.png`});
      });
});

describe('the key', () => {
  test('can be shown, and is hidden again before it is sent', async (t) => {
    const page = await open(t, await authorizePath());
    const key = page.locator('#api_key');
    assert.equal(await key.getAttribute('type'), 'password');
    await page.getByRole('button', {name: 'Show key'}).click();
    assert.equal(await key.getAttribute('type'), 'text');
    await key.evaluate((field) => field.form.addEventListener(
      'submit', (sent) => { sent.preventDefault(); }));
    await page.getByRole('button', {name: 'Continue'}).click();
    assert.equal(await key.getAttribute('type'), 'password');
  });

  test('is asked for without script, too', async (t) => {
    const page = await open(t, await authorizePath(),
                            {javaScriptEnabled: false});
    assert.equal(await page.getByRole('button', {name: 'Show key'}).count(), 0);
    assert.match(await page.textContent('form'), /You'll be sent to/);
  });
});

describe('/connect', () => {
  test('tells every client where to go', async (t) => {
    const page = await open(t, '/connect');
    for (const name of ['Claude (web and apps)', 'Claude Desktop',
                        'Claude Code', 'Cursor', 'VS Code', 'LeChat', 'ChatGPT',
                        'Gemini CLI', 'Codex', 'Python', 'curl']) {
      const part = page.locator('details', {
        has: page.locator('summary', {hasText: name})}).filter({
          has: page.getByText(name, {exact: true})});
      assert.equal(await part.count(), 1, name);
      if (name !== 'Claude Desktop')
        assert.match(await part.textContent(), new RegExp(it.url), name);
    }
  });

  test('its curl line and its JSON work as they stand', async (t) => {
    const page = await open(t, '/connect');
    const texts = await page.locator('pre').allTextContents();
    for (const text of texts.filter((x) => x.startsWith('{')))
      assert.match(JSON.stringify(JSON.parse(text)), new RegExp(it.url));
    const {execFileSync} = await import('node:child_process');
    const answer = execFileSync('sh', [
      '-c', texts.find((x) => x.startsWith('curl'))],
                                {env: {...process.env,
                                       WANDB_API_KEY: alice.api_key}});
    assert.match(String(answer), /list_entities_tool/);
  });

  test('a button copies a snippet', async (t) => {
    const page = await open(t, '/connect', {
      permissions: ['clipboard-read', 'clipboard-write']});
    await page.getByRole('button', {name: 'Copy'}).first().click();
    await page.getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()),
                 it.url);
  });

  for (const script of [true, false])
    test(`lists what is connected, and ends it, ${script ? 'with' : 'without'} `
         + 'script', async (t) => {
      const name = `<b>Client</b> & "co" ${script}`;
      const hers = await connected(it, person, name, {key: alice.api_key});
      const his = await connected(it, person, name, {key: bob.api_key});
      const page = await open(t, '/connect', {javaScriptEnabled: script});
      await page.fill('#api_key', alice.api_key);
      await page.getByRole('button', {name: 'Show my connections'}).click();
      await page.getByText('Connected in the name of alice').waitFor();
      assert.ok(!page.url().includes(alice.api_key));
      const row = page.locator('tbody tr', {hasText: name});
      assert.equal(await row.count(), 1);
      assert.match(await row.textContent(), /reads/);
      assert.equal(await calls(hers.access_token), 200);
      await row.getByRole('button').click();
      await page.getByText(`${name} is not connected any more`).waitFor();
      assert.equal(await row.count(), 0);
      assert.equal(await calls(hers.access_token), 401);
      assert.equal((await postForm(`${it.origin}/token`, {
        grant_type: 'refresh_token', client_id: hers.client_id,
        refresh_token: hers.refresh_token})).body.error, 'invalid_grant');
      assert.equal(await calls(his.access_token), 200);
      await page.getByRole('button', {name: 'Sign out here'}).click();
      await page.getByLabel('W&B API key').waitFor();
      assert.deepEqual(page.troubles, []);
    });

  test('says what is wrong with a key', async (t) => {
    const page = await open(t, '/connect');
    for (const [wrong, says] of [['nonsense', /isn't a whole/],
                                 ['x'.repeat(40), /doesn't accept/]]) {
      await page.fill('#api_key', wrong);
      await page.getByRole('button', {name: 'Show my connections'}).click();
      await page.getByText(says).waitFor();
    }
  });
});

test('two sign-ins in two tabs do not disturb each other', async (t) => {
  // A client's web site: browsers treat a link there unlike a typed address.
  const client = http.createServer((request, response) => {
    const {pathname, searchParams} = new URL(request.url, 'http://localhost');
    response.setHeader('content-type', 'text/html');
    response.end(pathname === '/callback' ? 'back at the client'
      : `<a href="${searchParams.get('to')?.replaceAll('&', '&amp;')}">connect`
        + '</a>');
  });
  await new Promise((resolve) => { client.listen(0, 'localhost', resolve); });
  t.after(() => client.close());
  const site = `http://localhost:${client.address().port}`;
  const context = await person.newContext();
  t.after(() => context.close());
  const tabs = [];
  for (let i = 0; i < 2; ++i) {
    const page = await context.newPage();
    const to = it.origin + await authorizePath(`${site}/callback`);
    await page.goto(`${site}/?to=${encodeURIComponent(to)}`);
    await page.getByText('connect').click();
    await page.getByLabel('W&B API key').waitFor();
    tabs.push(page);
  }
  for (const page of tabs) {
    await page.fill('#api_key', alice.api_key);
    await page.getByRole('button', {name: 'Continue'}).click();
    await page.getByText('back at the client').waitFor();
    assert.ok(new URL(page.url()).searchParams.get('code'));
  }
});

describe('a device without a browser', () => {
  const grant = 'urn:ietf:params:oauth:grant-type:device_code';

  async function begin() {
    const client_id = await register(it.origin, 'A terminal', {
      grant_types: [grant, 'refresh_token']});
    const {body} = await postForm(`${it.origin}/device_authorization`,
                                  {client_id, scope: 'wandb:read'});
    return {...body, poll: () => postForm(`${it.origin}/token`, {
      grant_type: grant, client_id, device_code: body.device_code})};
  }

  async function decide(t, device, decision) {
    const page = await open(
      t, device.verification_uri_complete.slice(it.origin.length),
      {viewport: phone, javaScriptEnabled: false});
    assert.equal(await page.inputValue('#user_code'), device.user_code);
    await page.getByText('Check that this code matches').waitFor();
    await page.getByRole('button', {name: 'Continue'}).click();
    assert.match(await page.textContent('h1'), /A terminal/);
    assert.match(await page.textContent('main'), /device in front of you/);
    if (decision === 'Continue')
      await page.fill('#api_key', alice.api_key);
    await page.getByRole('button', {name: decision}).click();
    return page.textContent('h1');
  }

  test('gets its tokens when its user agreed elsewhere', async (t) => {
    const device = await begin();
    assert.equal(device.verification_uri, `${it.origin}/device`);
    assert.equal((await device.poll()).body.error, 'authorization_pending');
    assert.equal((await device.poll()).body.error, 'slow_down');
    assert.equal(await decide(t, device, 'Continue'), 'Connected');
    // Decided devices need not wait.
    const {status, body} = await device.poll();
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(await calls(body.access_token), 200);
    assert.equal((await device.poll()).body.error, 'invalid_grant');
  });

  test('hears when its user said no', async (t) => {
    const device = await begin();
    assert.equal(await decide(t, device, 'Deny'), 'Not connected');
    assert.equal((await device.poll()).body.error, 'access_denied');
  });

  test('a code that nobody has is answered so', async (t) => {
    const page = await open(t, '/device');
    await wrongCode(page);
    await page.getByText('This code has expired, was already used')
      .waitFor();
    // To correct it, not to type it again.
    assert.equal(await page.inputValue('#user_code'), 'BBBB-BBBB');
  });
});

describe('with sign-in alone', async () => {
  const alone = await signInWorld({auth: 'oauth'});

  test('API keys are no way in, and tokens are', async () => {
    const {access_token} = await connected(
      {...alone}, person, 'A client', {key: alone.by.alice.api_key});
    const ask = (token) => exchange(alone.url, {
      body: initialize(), headers: bearer(token)});
    assert.equal((await ask(access_token)).status, 200);
    const no = await ask(alone.by.alice.api_key);
    assert.equal(no.status, 401);
    assert.match(no.headers['www-authenticate'], /resource_metadata=/);
    assert.doesNotMatch(no.text, new RegExp(alone.by.alice.api_key));
  });

  test('/connect offers no keys', async (t) => {
    const page = await open(t, '/connect', {origin: alone.origin});
    const text = await page.textContent('main');
    assert.doesNotMatch(text, /Authorization: Bearer|WANDB_API_KEY/);
  });
});

describe('without sign-in', async () => {
  const {standin} = it;

  test('nothing invites to it', async (t) => {
    const server = await startServer({standin});
    t.after(() => server.stop());
    const refused = await exchange(server.url, {body: initialize()});
    assert.equal(refused.status, 401);
    assert.equal(refused.headers['www-authenticate'], undefined);
    for (const path of ['/.well-known/oauth-protected-resource',
                        '/.well-known/oauth-protected-resource/mcp',
                        '/.well-known/oauth-authorization-server',
                        '/.well-known/openid-configuration', '/authorize',
                        '/token', '/register', '/device'])
      for (const method of ['GET', 'POST'])
        assert.equal(
          (await exchange(server.origin + path, {method})).status, 404, path);
    const page = await open(t, '/connect', {origin: server.origin});
    const text = await page.textContent('main');
    assert.match(text, /Authorization: Bearer/);
    assert.equal(await page.locator('form').count(), 0);
    assert.doesNotMatch(text, /OAuth|ChatGPT|device|[Rr]evoke|[Ss]ign/);
  });

  test('pages show the address in the address bar', async (t) => {
    const server = await startServer({standin});
    t.after(() => server.stop());
    // As behind a proxy that hands on a Host of its own.
    const proxy = http.createServer((request, response) => {
      http.get(server.origin + request.url, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
    });
    await new Promise((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
    t.after(() => proxy.close());
    const outside = `http://127.0.0.1:${proxy.address().port}`;
    for (const [origin, script] of [[server.origin, false],
                                    [server.origin, true], [outside, true]])
      for (const path of ['/', '/connect']) {
        const page = await open(t, path, {origin, javaScriptEnabled: script});
        const texts = await page.locator('pre').allTextContents();
        assert.equal(texts[0], `${origin}/mcp`);
        if (origin === outside)
          assert.ok(texts.every((x) => !x.includes(server.origin)), path);
        assert.deepEqual(page.troubles, []);
      }
  });

  test('a program still gets JSON where a browser gets a page', async (t) => {
    const server = await startServer({standin});
    t.after(() => server.stop());
    for (const [path, status] of [['/nowhere', 404], ['/mcp', 401]]) {
      const page = await exchange(server.origin + path, {
        method: 'GET', headers: {accept: 'text/html,*/*;q=0.8'}});
      assert.equal(page.status, status);
      assert.match(page.headers['content-type'], /^text\/html/);
      const json = await exchange(server.origin + path, {
        method: 'GET', headers: {accept: '*/*'}});
      assert.equal(json.status, status);
      assert.ok(JSON.parse(json.text).error);
    }
  });
});
