// Everything the stand-in knows: who there is, and what is whose. Held in
// memory; a reset throws the world away and builds the same one again.
//
// Histories and traces are made when first asked for. Thousands of generated
// users therefore cost little until somebody looks at them.

import {CallStore} from '../traces/store.js';

export const base64 = (text) => Buffer.from(text).toString('base64');

/// The moment at which the seeded data ends. Fixed, so that two starts agree.
export const now = Date.parse('2025-06-30T12:00:00.000Z');
export const iso = (ms) => new Date(ms).toISOString();

export class World {
  constructor() {
    this.users = new Map(); // username -> user
    this.keys = new Map(); // API key -> user
    this.entities = new Map(); // name -> entity
    this.organizations = new Map(); // name -> organization
    this.projects = new Map(); // "entity/project" -> project
    this.views = new Map(); // id -> report
    this.collections = new Map(); // id -> artifact collection
    this.uploads = new Map(); // one-time token -> {run, file}
    this.serial = 1000;
  }

  nextSerial() {
    return ++this.serial;
  }

  addOrganization(name, entityName) {
    const org = {
      id: base64(`Organization:${name}`),
      name,
      orgEntityName: entityName,
    };
    this.organizations.set(name, org);
    this.addEntity(entityName, {isTeam: true, organization: org});
    return org;
  }

  addEntity(name, {isTeam = false, organization = null, owner = null} = {}) {
    const entity = {
      id: base64(`Entity:${this.nextSerial()}`),
      name,
      isTeam,
      organization,
      owner,
      projects: [],
    };
    this.entities.set(name, entity);
    return entity;
  }

  /// `teams` are entities that exist; `home` is what the user's web page opens
  /// with, which W&B lets be a team.
  addUser(username, {name, apiKey, teams = [], organizations = [], home,
                     canary}) {
    if (this.keys.has(apiKey))
      throw new Error(`two users with one key: ${username}`);
    const user = {
      id: base64(`User:${this.nextSerial()}`),
      username,
      name,
      email: `${username}@example.invalid`,
      apiKey,
      canary,
      home: home ?? username,
      teams,
      organizations,
    };
    user.entities = new Set([username, ...teams,
                             ...organizations.map((o) => o.orgEntityName)]);
    this.users.set(username, user);
    this.keys.set(apiKey, user);
    this.addEntity(username, {
      owner: user,
      organization: organizations.length === 1 ? organizations[0] : null,
    });
    return user;
  }

  addProject(entityName, name, details = {}) {
    const serial = this.nextSerial();
    const project = {
      id: base64(`Project:v1:${name}:${entityName}`),
      internalId: base64(`ProjectInternalId:${serial}`),
      numericId: serial,
      name,
      entityName,
      description: '',
      access: 'PRIVATE',
      createdAt: iso(now - 120 * 86400_000),
      updatedAt: iso(now),
      ...details,
      runs: new Map(), // run id -> run
      sweeps: [],
      collections: new Map(), // name -> collection
      types: new Map(), // artifact type name -> createdAt
      views: [],
    };
    let calls;
    Object.defineProperty(project, 'calls', {
      get: () => (calls ??= new CallStore(project,
                                          details.makeCalls?.(project) ?? [])),
    });
    this.projects.set(`${entityName}/${name}`, project);
    this.entities.get(entityName).projects.push(project);
    return project;
  }

  /// What a user may see; another's and a missing one look the same: null.
  entityFor(user, name) {
    return user.entities.has(name) ? (this.entities.get(name) ?? null) : null;
  }

  projectFor(user, entityName, name) {
    return user.entities.has(entityName)
      ? (this.projects.get(`${entityName}/${name}`) ?? null)
      : null;
  }

  organizationFor(user, name) {
    return user.organizations.find(
      (o) => o.name === name || o.orgEntityName === name) ?? null;
  }

  /// The line that `scripts/standin` prints about each user.
  userLines() {
    return [...this.users.values()].map((u) => ({
      username: u.username,
      entity: u.home,
      projects: this.entities.get(u.home).projects.map((p) => p.name),
      api_key: u.apiKey,
      teams: u.teams,
      canary: u.canary,
    }));
  }
}
