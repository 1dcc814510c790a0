#include "tools/artifact_path.hpp"

#include "tools/registry_names.hpp"
#include "tools/registry_organization.hpp"

namespace mcp::tools {
namespace {

constexpr std::size_t longest_path = 1024;

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos)
    return {};
  return std::string(
    text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

} // namespace

path_parts split_path(std::string_view text, std::string_view argument) {
  const std::string name(argument);
  if (text.size() > longest_path)
    invalid_input(name + ": at most 1024 bytes.");
  path_parts out;
  const auto colon = text.find(':');
  if (colon != text.npos) {
    out.alias = trimmed(text.substr(colon + 1));
    if (out.alias.empty())
      invalid_input(name
                    + ": after \":\" comes a version like v3 or an "
                      "alias.");
    if (out.alias.find_first_of("/:") != out.alias.npos)
      invalid_input(name
                    + ": a version or alias holds no \"/\" and no \":\". "
                      "Write entity/project/name:v3.");
  }
  auto path = text.substr(0, colon);
  std::vector<std::string> parts;
  for (;;) {
    const auto slash = path.find('/');
    parts.push_back(trimmed(path.substr(0, slash)));
    if (parts.back().empty())
      invalid_input(name
                    + ": a part of the path is empty. Write "
                      "entity/project/name:v3.");
    if (slash == path.npos)
      break;
    path.remove_prefix(slash + 1);
  }
  if (parts.size() > 3)
    invalid_input(name
                  + ": a path has at most three parts: "
                    "entity/project/name.");
  out.name = std::move(parts.back());
  if (parts.size() > 1)
    out.project = std::move(parts[parts.size() - 2]);
  if (parts.size() > 2)
    out.entity = std::move(parts.front());
  return out;
}

task<collection_place> resolve_place(call_context& context, path_parts parts,
                                     std::string argument) {
  if (parts.project.empty())
    invalid_input(argument
                  + ": the project is missing. Write entity/project/name, for "
                    "a registry organization/wandb-registry-NAME/collection.");
  collection_place out{.entity = std::move(parts.entity),
                       .project = std::move(parts.project),
                       .name = std::move(parts.name)};
  if (out.project.starts_with(registry_prefix)) {
    std::optional<std::string> named;
    if (!out.entity.empty())
      named = out.entity;
    out.looked_up = true;
    auto owner = co_await resolve_organization(context, std::move(named));
    if (owner.entity.empty())
      throw tool_error("organization_not_found",
                       "This user can not read the registries of the "
                       "organization.");
    out.entity = std::move(owner.entity);
  } else if (out.entity.empty()) {
    out.looked_up = true;
    auto access = co_await read_registry_access(context);
    out.entity = access.default_entity.empty()
                   ? std::move(access.username)
                   : std::move(access.default_entity);
    if (out.entity.empty())
      invalid_input(argument
                    + ": the user of this key has no default entity. Write "
                      "entity/project/name.");
  }
  co_return out;
}

task<artifact_path> resolve_artifact(call_context& context, std::string text,
                                     std::string argument) {
  auto parts = split_path(text, argument);
  artifact_path out;
  out.alias = parts.alias.empty() ? "latest" : std::move(parts.alias);
  out.place =
    co_await resolve_place(context, std::move(parts), std::move(argument));
  co_return out;
}

} // namespace mcp::tools
