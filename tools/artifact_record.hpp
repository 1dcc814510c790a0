#pragma once

// What W&B says of artifacts, collections and runs, as members of an answer.
// Null, missing and mistyped members are null, empty or zero; nothing throws.

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace mcp::tools {

namespace json = boost::json;

/// Where a collection is.
struct collection_place {
  std::string entity;
  std::string project;
  std::string name;
  bool is_portfolio = false; // linked to, not logged to: as in registries
  bool looked_up = false;    // a request told whose the project is

  bool is_same(const collection_place& other) const {
    return name == other.name && project == other.project
           && entity == other.entity;
  }
  /// "entity/project/name:v3"; without the ":" when `version` is empty.
  std::string text(const std::string& version) const;
};

/// Takes an ArtifactCollection with __typename, name, project { name entity
/// { name } }. Null gives empty names.
[[nodiscard]] collection_place collection_of(const json::object* node);

/// A version's aliases in one collection, taken apart.
struct alias_names {
  json::array named;   // "latest", "production"; no "v3", none twice
  std::string version; // the only alias like "v3"; empty if not exactly one
};

/// Takes a list of ArtifactAlias; of those that say where they are (as
/// `collection_of` reads it) only the ones in `in` count.
[[nodiscard]] alias_names aliases_of(const json::array* list,
                                     const collection_place& in);

/// "v3": by alias, else by the membership's number, else by the artifact's;
/// empty when none of them is known.
[[nodiscard]] std::string version_of(const alias_names& aliases,
                                     const json::object* membership,
                                     const json::object& artifact);

/// True for "v0", "v12".
[[nodiscard]] bool is_version_alias(std::string_view alias);

/// The names in [{"name": ...}] or in {"edges": [{"node": {"name": ...}}]}.
[[nodiscard]] json::array names_of(const json::value* list);

/// A whole number, also when it was sent as text.
[[nodiscard]] std::optional<std::int64_t> whole_at(const json::object& from,
                                                   std::string_view name);
/// The same as JSON: null when there is none.
[[nodiscard]] json::value whole_or_null(const json::object& from,
                                        std::string_view name);

/// {"run_id", "run_name", "project", "entity"}, or null when it is no run.
[[nodiscard]] json::value run_identity(const json::value* node);

} // namespace mcp::tools
