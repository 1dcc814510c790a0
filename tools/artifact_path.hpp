#pragma once

#include "tools/artifact_record.hpp"
#include "tools/tool.hpp"

#include <string>

namespace mcp::tools {

/// Names one version of an artifact. Complete: nothing is left to guess.
struct artifact_path {
  collection_place place; // is_portfolio: not known
  std::string alias;      // "latest" when none was given

  /// "model:v3", as W&B looks it up.
  std::string name() const { return place.name + ":" + alias; }
};

/// A path as it was written, taken apart; empty parts were not given.
struct path_parts {
  std::string entity;
  std::string project;
  std::string name;
  std::string alias;
};

/// Takes "[[entity/]project/]name[:alias]"; the first ":" ends the name.
/// Throws `tool_error` invalid_input, which names `argument`: more than three
/// parts, an empty part, more than 1024 bytes.
[[nodiscard]] path_parts split_path(std::string_view text,
                                    std::string_view argument);

/// Fills in what was left out: the user's default entity; and for a project
/// that is a registry the organization's entity, whether the organization or
/// the entity was written. A project and its entity, when both are written and
/// no registry, cost no request; everything else one that is remembered.
/// Throws invalid_input when there is no project; what `resolve_organization`
/// throws.
task<collection_place> resolve_place(call_context& context, path_parts parts,
                                     std::string argument);

/// Both, for a whole path.
task<artifact_path> resolve_artifact(call_context& context, std::string text,
                                     std::string argument);

} // namespace mcp::tools
