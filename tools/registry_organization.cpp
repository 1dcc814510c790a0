#include "tools/registry_organization.hpp"

#include "protocol/near_names.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr auto keep = std::chrono::minutes(10);
constexpr std::size_t most_candidates = 20;
constexpr std::size_t longest_shown = 100;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

organization read_organization(const json::object& node) {
  organization out{.name = text_at(node, "name"), .entity = {}};
  if (const auto* entity = object_at(node, {"orgEntity"}))
    out.entity = text_at(*entity, "name");
  return out;
}

void add(std::vector<organization>& to, organization one) {
  if (one.name.empty())
    return;
  for (auto& known : to)
    if (known.name == one.name) {
      if (known.entity.empty())
        known.entity = std::move(one.entity);
      return;
    }
  to.push_back(std::move(one));
}

void add_all(std::vector<organization>& to, const json::array* list) {
  if (list)
    for (const auto& item : *list)
      if (const auto* node = item.if_object())
        add(to, read_organization(*node));
}

/// Unknown counts as supported: the request itself will tell.
bool has_search(const json::object& data) {
  const auto* features = array_at(data, {"serverInfo", "features"});
  if (!features)
    return true;
  for (const auto& item : *features) {
    const auto* feature = item.if_object();
    if (!feature || text_at(*feature, "name") != "ARTIFACT_REGISTRY_SEARCH")
      continue;
    const auto* on = feature->if_contains("isEnabled");
    return on && on->is_bool() && on->get_bool();
  }
  return false;
}

json::object candidates_of(const std::vector<organization>& known) {
  json::array names;
  for (const auto& one : known)
    if (names.size() < most_candidates)
      names.emplace_back(shorten(one.name, longest_shown));
  return {{"organization_candidates", std::move(names)},
          {"candidates_truncated", known.size() > most_candidates}};
}

std::string suggestion(const std::string& named,
                       const std::vector<organization>& known) {
  std::vector<std::string> names;
  for (const auto& one : known)
    names.push_back(one.name);
  const auto near = near_names(named, names);
  return near.empty() ? std::string() : " D" + did_you_mean(near).substr(1);
}

[[noreturn]] void not_found(const std::string& named,
                            const std::vector<organization>& known) {
  throw tool_error("organization_not_found",
                   "There is no organization \"" + shorten(named, longest_shown)
                     + "\" that this user can read."
                     + suggestion(named, known)
                     + " organization_candidates holds those that there are.",
                   candidates_of(known));
}

const organization* find_named(const std::vector<organization>& known,
                               std::string_view name) {
  // The exact name first: two may differ in nothing but case.
  for (const auto& one : known)
    if (one.name == name || one.entity == name)
      return &one;
  for (const auto& one : known)
    if (same_name(one.name, name) || same_name(one.entity, name))
      return &one;
  return nullptr;
}

void require_registries(const registry_access& access) {
  if (!access.has_registries)
    throw tool_error("unsupported_server",
                     "This W&B server has no registries, or has them switched "
                     "off. list_artifact_versions_tool with source "
                     "\"project\" reads artifacts of projects.");
}

/// What the default entity adds: the organization that it belongs to, first,
/// and those of its user. For a key of a service account it is all there is.
task<std::vector<organization>> organizations_of_entity(call_context& context,
                                                        std::string entity,
                                                        bool& belongs) {
  static constexpr std::string_view document =
    R"(query OrganizationsForEntity($entity: String!) {
  entity(name: $entity) {
    organization { name orgEntity { name } }
    user { organizations { name orgEntity { name } } }
  }
})";
  std::vector<organization> out;
  belongs = false;
  if (entity.empty())
    co_return out;
  const query_texts texts{.full = document, .reduced = {}};
  json::object variables{{"entity", std::move(entity)}};
  const auto answer =
    co_await ask_wandb(context, texts, std::move(variables), keep);
  if (const auto* own = object_at(answer.data, {"entity", "organization"})) {
    add(out, read_organization(*own));
    belongs = !out.empty();
  }
  add_all(out, array_at(answer.data, {"entity", "user", "organizations"}));
  co_return out;
}

} // namespace

task<registry_access> read_registry_access(call_context& context) {
  static constexpr std::string_view document = R"(query RegistryAccess {
  viewer {
    username
    entity
    organizations { name orgEntity { name } }
  }
  serverInfo { features { name isEnabled } }
})";
  static constexpr std::string_view older = R"(query ViewerEntity {
  viewer { username entity }
})";
  const query_texts texts{.full = document, .reduced = older};
  const auto answer = co_await ask_wandb(context, texts, json::object{}, keep);
  const auto* viewer = object_at(answer.data, {"viewer"});
  if (!viewer) {
    throw_errors(answer);
    throw failure_exception(
      {.code = errc::unauthorized,
       .message = "W&B does not know the user of this API key."});
  }
  registry_access out{.username = text_at(*viewer, "username"),
                      .default_entity = text_at(*viewer, "entity"),
                      .organizations = {},
                      .has_registries =
                        answer.document == document && has_search(answer.data)};
  add_all(out.organizations, array_at(*viewer, {"organizations"}));
  co_return out;
}

task<organization> resolve_organization(call_context& context,
                                        std::optional<std::string> named) {
  const auto access = co_await read_registry_access(context);
  require_registries(access);
  auto known = access.organizations;
  if (named) {
    if (const auto* one = find_named(known, *named))
      co_return *one;
  } else if (known.size() == 1) {
    co_return known.front();
  }
  bool belongs = false;
  const auto more =
    co_await organizations_of_entity(context, access.default_entity, belongs);
  if (!named && belongs)
    co_return more.front();
  for (const auto& one : more)
    add(known, one);
  if (named) {
    if (const auto* one = find_named(known, *named))
      co_return *one;
    not_found(*named, known);
  }
  if (known.size() == 1)
    co_return known.front();
  if (known.empty())
    throw tool_error("organization_resolution_failed",
                     "W&B names no organization of this user, so it is not "
                     "clear whose registries are meant. Pass organization.");
  throw tool_error("organization_required",
                   "This user belongs to several organizations. Pass one of "
                   "organization_candidates as organization.",
                   candidates_of(known));
}

task<organization_answer> ask_organization(call_context& context,
                                           std::optional<std::string> named,
                                           query_texts texts,
                                           json::object variables) {
  organization_answer out;
  // What is counted afterwards are rows, of which there are none yet.
  const auto tell = [&context](const organization& found) {
    context.progress(0, std::nullopt,
                     "Reading from the organization "
                       + shorten(found.name, longest_shown));
  };
  const bool as_given = named.has_value();
  if (as_given) {
    out.name = *named;
  } else {
    const auto only = co_await resolve_organization(context, std::nullopt);
    tell(only);
    out.name = only.name;
  }
  variables["organization"] = out.name;
  out.reply = co_await ask_wandb(context, texts, variables);
  throw_errors(out.reply);
  if (as_given && !object_at(out.reply.data, {"organization"})) {
    // Not a display name; it may be the name of the organization's entity, or
    // written differently.
    const auto found = co_await resolve_organization(context, named);
    if (found.name == out.name)
      not_found(*named, {});
    tell(found);
    out.name = found.name;
    variables["organization"] = out.name;
    out.reply = co_await ask_wandb(context, texts, std::move(variables));
    throw_errors(out.reply);
  }
  const auto* found = object_at(out.reply.data, {"organization"});
  if (!found)
    not_found(out.name, {});
  const auto* entity = object_at(*found, {"orgEntity"});
  if (!entity)
    throw tool_error("organization_not_found",
                     "The organization \"" + shorten(out.name, longest_shown)
                       + "\" has no registries that this user can read.");
  if (auto name = text_at(*found, "name"); !name.empty())
    out.name = std::move(name);
  out.entity = text_at(*entity, "name");
  co_return out;
}

} // namespace mcp::tools
