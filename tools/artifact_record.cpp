#include "tools/artifact_record.hpp"

#include "tools/models_json.hpp"

#include <algorithm>
#include <charconv>

namespace mcp::tools {

std::string collection_place::text(const std::string& version) const {
  auto out = entity + "/" + project + "/" + name;
  if (!version.empty())
    out += ":" + version;
  return out;
}

collection_place collection_of(const json::object* node) {
  collection_place out;
  if (!node)
    return out;
  out.name = text_at(*node, "name");
  out.is_portfolio = text_at(*node, "__typename") == "ArtifactPortfolio";
  if (const auto* project = object_at(*node, {"project"}))
    out.project = text_at(*project, "name");
  if (const auto* entity = object_at(*node, {"project", "entity"}))
    out.entity = text_at(*entity, "name");
  return out;
}

bool is_version_alias(std::string_view alias) {
  return alias.size() > 1 && alias[0] == 'v'
         && alias.find_first_not_of("0123456789", 1) == alias.npos;
}

alias_names aliases_of(const json::array* list, const collection_place& in) {
  alias_names out;
  if (!list)
    return out;
  std::size_t versions = 0;
  for (const auto& item : *list) {
    const auto* node = item.if_object();
    if (!node)
      continue;
    if (const auto* at = object_at(*node, {"artifactCollection"})) {
      const auto place = collection_of(at);
      if (place.name != in.name
          || (!place.project.empty() && place.project != in.project)
          || (!place.entity.empty() && place.entity != in.entity))
        continue;
    }
    auto alias = text_at(*node, "alias");
    if (alias.empty())
      continue;
    if (is_version_alias(alias)) {
      if (alias != out.version)
        ++versions;
      out.version = std::move(alias);
    } else if (std::find(out.named.begin(), out.named.end(), json::value(alias))
               == out.named.end()) {
      out.named.emplace_back(std::move(alias));
    }
  }
  if (versions != 1)
    out.version.clear();
  return out;
}

std::string version_of(const alias_names& aliases,
                       const json::object* membership,
                       const json::object& artifact) {
  if (!aliases.version.empty())
    return aliases.version;
  auto index =
    membership ? whole_at(*membership, "versionIndex") : std::nullopt;
  if (!index)
    index = whole_at(artifact, "versionIndex");
  return index ? "v" + std::to_string(*index) : std::string();
}

json::array names_of(const json::value* list) {
  json::array out;
  if (!list)
    return out;
  const auto* items = list->if_array();
  if (const auto* connection = list->if_object())
    items = array_at(*connection, {"edges"});
  if (!items)
    return out;
  for (const auto& item : *items) {
    const auto* node = item.if_object();
    if (const auto* inner = node ? object_at(*node, {"node"}) : nullptr)
      node = inner;
    if (node)
      if (auto name = text_at(*node, "name"); !name.empty())
        out.emplace_back(std::move(name));
  }
  return out;
}

std::optional<std::int64_t> whole_at(const json::object& from,
                                     std::string_view name) {
  const auto* found = from.if_contains(name);
  if (!found)
    return std::nullopt;
  if (const auto* text = found->if_string()) {
    std::int64_t out = 0;
    const auto* end = text->data() + text->size();
    const auto [last, error] = std::from_chars(text->data(), end, out);
    if (error != std::errc{} || last != end)
      return std::nullopt;
    return out;
  }
  if (!found->is_number())
    return std::nullopt;
  boost::system::error_code error;
  const auto out = found->to_number<std::int64_t>(error);
  if (error)
    return std::nullopt;
  return out;
}

json::value whole_or_null(const json::object& from, std::string_view name) {
  if (const auto found = whole_at(from, name))
    return *found;
  return nullptr;
}

json::value run_identity(const json::value* node) {
  const auto* run = node ? node->if_object() : nullptr;
  auto id = run ? text_at(*run, "name") : std::string();
  if (id.empty())
    return nullptr;
  json::object out{{"run_id", std::move(id)},
                   {"run_name", value_or_null(*run, "displayName")},
                   {"project", nullptr},
                   {"entity", nullptr}};
  if (const auto* project = object_at(*run, {"project"})) {
    out["project"] = value_or_null(*project, "name");
    if (const auto* entity = object_at(*project, {"entity"}))
      out["entity"] = value_or_null(*entity, "name");
  }
  return out;
}

} // namespace mcp::tools
