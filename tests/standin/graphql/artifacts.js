// Resolvers of artifacts, their collections and versions.

import {GraphQLError} from 'graphql';
import {connection} from './paging.js';
import {filtered, ordered} from './filters.js';
import {fileNode} from './files.js';
import {jsonText} from '../json_text.js';
import {base64} from '../data/world.js';
import {registryPrefix} from '../data/artifacts.js';

export const typeOf = (project, name) =>
  project.types.has(name)
    ? {
      id: base64(`ArtifactType:${project.numericId}:${name}`),
      name,
      description: null,
      createdAt: project.types.get(name),
      project,
    }
    : null;

/// The membership behind "collection:alias" or "collection:v3"; no alias means
/// the latest version, as W&B reads it.
export function membershipIn(project, name, typeName) {
  const colon = name.indexOf(':');
  const collection = project.collections.get(
    colon < 0 ? name : name.slice(0, colon));
  if (!collection || (typeName && collection.typeName !== typeName))
    return null;
  return byAlias(collection, colon < 0 ? 'latest' : name.slice(colon + 1));
}

const byAlias = (collection, alias) =>
  collection.memberships.find((m) =>
    m.aliases.includes(alias) || `v${m.versionIndex}` === alias) ?? null;

const aliasNode = (membership, alias) => ({
  id: base64(`ArtifactAlias:${membership.id}:${alias}`),
  alias,
  artifact: membership.artifact,
  artifactCollection: membership.collection,
  artifactCollectionName: membership.collection.name,
});

const aliasNodes = (membership) =>
  membership.aliases.map((alias) => aliasNode(membership, alias));

const tagNode = (name) =>
  ({id: base64(`Tag:${name}`), name, attributes: '{}', tagCategoryName: ''});

function filesOf(artifact, {names, first, after}, url) {
  const files = artifact.files
    .filter((f) => !names || names.includes(f.name));
  return connection(files.map((f) => fileNode(f, url)), {first, after});
}

const snake = {
  createdAt: 'createdAt', created_at: 'createdAt',
  updatedAt: 'updatedAt', updated_at: 'updatedAt',
};

function collectionValue(collection, field) {
  if (field === 'tag' || field === 'tags')
    return collection.tags;
  if (field === 'type')
    return collection.typeName;
  if (['name', 'description', 'state'].includes(field) || field in snake)
    return collection[snake[field] ?? field];
  throw new GraphQLError(`unknown collection field ${field}`);
}

function versionValue({artifact, aliases, versionIndex}, field) {
  if (field === 'tag' || field === 'tags')
    return artifact.tags;
  if (field === 'alias' || field === 'aliases')
    return aliases;
  if (field === 'versionIndex')
    return versionIndex;
  if (field.startsWith('metadata.'))
    return artifact.metadata?.[field.slice(9)];
  if (['state', 'description', 'digest', 'size'].includes(field)
      || field in snake)
    return artifact[snake[field] ?? field];
  throw new GraphQLError(`unknown version field ${field}`);
}

export function projectValue(project, field) {
  if (['name', 'description', 'access'].includes(field) || field in snake)
    return project[snake[field] ?? field];
  throw new GraphQLError(`unknown project field ${field}`);
}

/// A page of the collections that pass the filter.
export function collections(list, {filters, order, first, after}) {
  return connection(
    ordered(filtered(list, filters, collectionValue), order, collectionValue),
    {first, after});
}

/// What an organization's entity lists across its registries.
export const registrySearch = {
  artifactCollections(entity, args) {
    const projects = filtered(entity.projects, args.projectFilters,
                              projectValue);
    const kinds = args.collectionTypes ?? ['SEQUENCE', 'PORTFOLIO'];
    return collections(
      projects.flatMap((p) => [...p.collections.values()])
        .filter((c) => kinds.includes(c.kind)),
      args);
  },
  artifactMemberships(entity, args) {
    const all = filtered(entity.projects, args.projectFilters, projectValue)
      .flatMap((p) => filtered([...p.collections.values()],
                               args.collectionFilters, collectionValue))
      .flatMap((c) => c.memberships);
    // A deleted version is hidden but keeps its place among the pages.
    const kept = new Set(filtered(all, args.filters, versionValue));
    const rows = ordered(all.filter((m) => kept.has(m)), args.order,
                         versionValue)
      .map((m) => (m.artifact.state === 'DELETED' ? null : m));
    return connection(rows, args);
  },
};

export const ArtifactType = {
  artifact: (type, {name}) =>
    membershipIn(type.project, name, type.name)?.artifact ?? null,
  artifactCollection(type, {name}) {
    const collection = type.project.collections.get(name);
    return collection?.typeName === type.name ? collection : null;
  },
  artifactCollections: (type, args) =>
    collections([...type.project.collections.values()]
      .filter((c) => c.typeName === type.name), args),
};

const collectionFields = {
  defaultArtifactType: (c) => typeOf(c.project, c.typeName),
  artifacts(collection, {filters, order, first, after}) {
    const rows = ordered(
      filtered([...collection.memberships].reverse(), filters, versionValue),
      order, versionValue);
    const page = connection(rows, {first, after});
    return {
      ...page,
      edges: page.edges.map(({node, cursor}) => ({
        node: node.artifact, cursor, version: `v${node.versionIndex}`})),
    };
  },
  aliases: (c, page) => connection(c.memberships.flatMap(aliasNodes), page),
  artifactMemberships: (c, page) => connection(c.memberships, page),
  artifactMembership: (c, {aliasName}) => byAlias(c, aliasName),
  tags: (c) => connection(c.tags.map(tagNode), {first: 1000}),
};

export const ArtifactCollection = {
  __resolveType: (c) =>
    (c.kind === 'PORTFOLIO' ? 'ArtifactPortfolio' : 'ArtifactSequence'),
};
export const ArtifactPortfolio = collectionFields;
export const ArtifactSequence = {
  ...collectionFields,
  latestArtifact: (c) => c.memberships.at(-1)?.artifact ?? null,
};

export const ArtifactCollectionMembership = {
  artifactCollection: (m) => m.collection,
  aliases: aliasNodes,
  files: (m, args, {url}) => filesOf(m.artifact, args, url),
};

/// A membership in the collection asked for, else the one that logged it.
const chosen = (artifact, name) =>
  artifact.memberships.find((m) => m.collection.name === name)
  ?? artifact.memberships[0];

export const Artifact = {
  commitHash: (a) => a.commitHash,
  versionIndex: (a, {artifactCollectionName}) =>
    chosen(a, artifactCollectionName).versionIndex,
  aliases: (a, {artifactCollectionName: name}) =>
    a.memberships.filter((m) => !name || m.collection.name === name)
      .flatMap(aliasNodes),
  labels: () => '{}',
  metadata: (a) => (a.metadata === null ? null : jsonText(a.metadata)),
  storageBytes: (a) => a.size,
  fileCount: (a) => a.files.length,
  artifactType: (a) => typeOf(a.sequence.project, a.sequence.typeName),
  artifactSequence: (a) => a.sequence,
  artifactCollections: (a) =>
    connection(a.memberships.map((m) => m.collection), {first: 1000}),
  artifactMemberships: (a) => connection(a.memberships, {first: 1000}),
  createdBy: (a, _, {world}) =>
    a.run ?? world.users.get(a.createdByUser) ?? null,
  usedCount: (a) => a.usedBy.length,
  usedBy: (a, {first, after}) => connection(a.usedBy, {first, after}),
  historyStep: () => null,
  ttlDurationSeconds: () => -2,
  ttlIsInherited: () => true,
  tags: (a) => a.tags.map(tagNode),
  files: (a, args, {url}) => filesOf(a, args, url),
};

export const Initiator = {
  __resolveType: (who) => (who.rows ? 'Run' : 'User'),
};

export const isRegistry = (project) =>
  project.name.startsWith(registryPrefix);
