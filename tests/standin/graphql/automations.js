// Resolvers of automations and of the integrations that they notify.

import {connection} from './paging.js';
import {isRegistry} from './artifacts.js';

export const User = {
  projects: (u, page, {world}) => connection(
    world.entities.get(u.home).projects.filter((p) => !isRegistry(p)), page),
};

export const Entity = {
  integrations: (e, page) => connection(e.integrations ?? [], page),
};

export const Project = {
  triggers: (p) => p.triggers ?? [],
};

const typed = (object) => object.__typename;

export const TriggerScope = {
  __resolveType: (scope) =>
    (scope.runs ? 'Project'
      : scope.kind === 'PORTFOLIO' ? 'ArtifactPortfolio' : 'ArtifactSequence'),
};
export const TriggeringCondition = {
  __resolveType: () => 'FilterEventTriggeringCondition',
};
export const TriggeredAction = {__resolveType: typed};
export const Integration = {__resolveType: typed};
