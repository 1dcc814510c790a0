#pragma once

#include "tools/registry_ask.hpp"
#include "tools/tool.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

/// An organization by its display name, and the entity that owns its
/// registries ("northwind-org"; empty when the user can not see it).
struct organization {
  std::string name;
  std::string entity;
};

/// What the call's user may see of organizations.
struct registry_access {
  std::string username;
  std::string default_entity;
  std::vector<organization> organizations;
  bool has_registries = true; // false: the server says that it has none
};

/// One request, whose answer is kept for ten minutes per user.
/// Throws `failure_exception`: `unauthorized` when the key has no viewer.
task<registry_access> read_registry_access(call_context& context);

/// The organization that a text means: its display name or its entity's name,
/// upper and lower case being the same. Nothing given: the only organization
/// of the user, else that of the default entity.
/// Throws `tool_error`: organization_required (several, none named; with
/// organization_candidates), organization_not_found (with the same),
/// organization_resolution_failed (the user has none), unsupported_server.
task<organization> resolve_organization(call_context& context,
                                        std::optional<std::string> named);

/// An answer about one organization: data has it as "organization", never
/// null, with "orgEntity" inside, never null.
struct organization_answer {
  std::string name;
  std::string entity;
  asked reply;
};

/// Runs a document that selects organization(name: $organization) { name
/// orgEntity { name ... } }. A display name that is given costs no request of
/// its own. Throws what `resolve_organization` and `ask_wandb` throw.
task<organization_answer> ask_organization(call_context& context,
                                           std::optional<std::string> named,
                                           query_texts texts,
                                           json::object variables);

} // namespace mcp::tools
