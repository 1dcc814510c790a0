#include "tools/artifact_read.hpp"

#include "protocol/json/lenient.hpp"
#include "protocol/wandb/graphql_reply.hpp"
#include "tools/artifact_documents.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/registry_ask.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t longest_shown = 100;

/// The parts of an answer that the rest is read from; in the older shape the
/// artifact stands for its membership as well.
struct found_artifact {
  const json::object* membership = nullptr;
  const json::object* artifact = nullptr;
  bool by_membership = false;
};

found_artifact find_in(const json::object& data) {
  found_artifact out;
  const auto* project = object_at(data, {"project"});
  if (!project)
    return out;
  if (const auto* found = object_at(*project, {"artifactCollectionMembership"}))
    out = {found, object_at(*found, {"artifact"}), true};
  else if (const auto* own = object_at(*project, {"artifact"}))
    out = {own, own, false};
  return out;
}

json::object variables_for(const artifact_path& path,
                           const artifact_wish& wish) {
  return {{"entity", path.place.entity}, {"project", path.place.project},
          {"name", path.name()},         {"users", wish.most_users + 1},
          {"files", wish.files},         {"withCreator", wish.creator},
          {"withUse", wish.use},         {"withFiles", wish.files > 0}};
}

[[noreturn]] void throw_missing(const asked& answer,
                                const artifact_path& path) {
  const auto place = shorten(path.place.entity, longest_shown) + "/"
                     + shorten(path.place.project, longest_shown);
  throw_errors(answer);
  if (!object_at(answer.data, {"project"}))
    throw tool_error("project_not_found",
                     "There is no project \"" + place
                       + "\" that this user can read. "
                         "query_wandb_entity_projects lists projects, "
                         "list_registries_tool registries.");
  throw tool_error("artifact_not_found",
                   "There is no artifact \"" + shorten(path.name(), 200)
                     + "\" in \"" + place
                     + "\". list_artifact_versions_tool shows the versions "
                       "and aliases of a collection.");
}

json::array sorted(json::array names) {
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return a.get_string() < b.get_string();
  });
  return names;
}

void read_metadata(const json::object& artifact, artifact_info& out) {
  const auto* text = value_at(artifact, {"metadata"});
  if (!text || text->is_null())
    return;
  if (const auto* object = text->if_object()) {
    out.metadata = *object;
    return;
  }
  if (const auto* written = text->if_string()) {
    auto parsed = read_lenient(*written);
    if (parsed && parsed->is_object()) {
      out.metadata = std::move(parsed->get_object());
      return;
    }
    if (parsed && parsed->is_null())
      return;
  }
  out.warnings.emplace_back("The metadata is not a JSON object; it was left "
                            "out.");
}

void read_creator(const json::object& artifact, artifact_info& out) {
  const auto* creator = object_at(artifact, {"createdBy"});
  if (!creator)
    return;
  if (text_at(*creator, "__typename") == "User")
    out.created_by_user = text_at(*creator, "username");
  else
    out.logged_by = run_identity(artifact.if_contains("createdBy"));
}

void read_use(const json::object& artifact, const artifact_wish& wish,
              artifact_info& out) {
  if (const auto* use = object_at(artifact, {"usedBy"})) {
    json::array users;
    std::size_t seen = 0;
    if (const auto* edges = array_at(*use, {"edges"}))
      for (const auto& edge : *edges) {
        const auto* holder = edge.if_object();
        auto run = run_identity(holder ? holder->if_contains("node") : nullptr);
        if (run.is_null())
          continue;
        ++seen;
        if (users.size() < wish.most_users)
          users.push_back(std::move(run));
      }
    out.used_by = std::move(users);
    out.used_by_total = whole_at(*use, "totalCount");
    // A total that is smaller than what was sent tells nothing.
    if (!out.used_by_total
        || *out.used_by_total < static_cast<std::int64_t>(seen))
      out.used_by_total = static_cast<std::int64_t>(seen);
  }
  const auto* list = array_at(artifact, {"artifactMemberships", "edges"});
  if (!list)
    return;
  json::array links;
  for (const auto& edge : *list) {
    const auto* node = object_at(edge, {"node"});
    if (!node)
      continue;
    const auto at = collection_of(object_at(*node, {"artifactCollection"}));
    if (!at.is_portfolio || at.name.empty() || at.is_same(out.path.place))
      continue;
    const auto names = aliases_of(array_at(*node, {"aliases"}), at);
    links.emplace_back(at.text(version_of(names, node, json::object{})));
  }
  out.links = std::move(links);
}

artifact_info read_info(const found_artifact& found, artifact_path path,
                        const artifact_wish& wish) {
  const auto& artifact = *found.artifact;
  artifact_info out;
  out.path = std::move(path);
  // W&B's own spelling of the place, where it says one.
  const auto at =
    collection_of(object_at(*found.membership, {"artifactCollection"}));
  if (!at.name.empty() && !at.project.empty() && !at.entity.empty())
    out.path.place = at;
  auto names =
    aliases_of(array_at(*found.membership, {"aliases"}), out.path.place);
  out.version = version_of(
    names, found.by_membership ? found.membership : nullptr, artifact);
  out.aliases = sorted(std::move(names.named));
  out.tags = sorted(names_of(artifact.if_contains("tags")));
  out.digest = text_at(artifact, "digest");
  if (const auto* type = object_at(artifact, {"artifactType"}))
    out.type = text_at(*type, "name");
  read_metadata(artifact, out);
  read_creator(artifact, out);
  read_use(artifact, wish, out);
  const auto source = collection_of(object_at(artifact, {"artifactSequence"}));
  if (!source.name.empty() && !source.is_same(out.path.place)) {
    const auto index = whole_at(artifact, "versionIndex");
    out.source =
      json::value(source.text(index ? "v" + std::to_string(*index) : ""));
  }
  if (const auto* files = object_at(*found.membership, {"files"}))
    out.files = read_files(*files, out.files_cursor);
  return out;
}

void fill_record(const json::object& artifact, artifact_info& out) {
  const auto& place = out.path.place;
  out.record = {{"id", value_or_null(artifact, "id")},
                {"name", place.name + ":" + out.path.alias},
                {"full_name", place.text(out.version.empty() ? out.path.alias
                                                             : out.version)},
                {"type", nullptr},
                {"version", nullptr},
                {"state", value_or_null(artifact, "state")},
                {"description", value_or_null(artifact, "description")},
                {"size", whole_or_null(artifact, "size")},
                {"file_count", whole_or_null(artifact, "fileCount")},
                {"tags", out.tags},
                {"aliases", out.aliases},
                {"metadata", out.metadata},
                {"created_at", value_or_null(artifact, "createdAt")},
                {"updated_at", value_or_null(artifact, "updatedAt")},
                {"digest", value_or_null(artifact, "digest")},
                {"commit_hash", value_or_null(artifact, "commitHash")}};
  if (!out.type.empty())
    out.record["type"] = out.type;
  if (!out.version.empty())
    out.record["version"] = out.version;
}

/// True when leaving the lineage and the files out may help.
bool has_extras(const artifact_wish& wish) {
  return wish.creator || wish.use || wish.files > 0;
}

} // namespace

task<artifact_info> read_artifact(call_context& context, artifact_path path,
                                  artifact_wish wish,
                                  std::optional<std::string> type) {
  auto texts = artifact_documents();
  auto answer = co_await ask_wandb(context, texts, variables_for(path, wish));
  auto found = find_in(answer.data);
  json::array errors = std::move(answer.errors);
  bool without_extras = false;
  if (!found.artifact && !errors.empty() && has_extras(wish)
      && object_at(answer.data, {"project"})) {
    // An error in a member that may not be null takes the artifact with it.
    texts = {.full = answer.document, .reduced = {}};
    wish = {.creator = false, .use = false, .files = 0};
    without_extras = true;
    answer = co_await ask_wandb(context, texts, variables_for(path, wish));
    found = find_in(answer.data);
  } else if (!found.artifact) {
    answer.errors = errors;
  }
  if (!found.artifact)
    throw_missing(answer, path);

  auto out = read_info(found, std::move(path), wish);
  fill_record(*found.artifact, out);
  if (!errors.empty()) {
    const auto why = wandb::graphql_failure(errors).message;
    out.warnings.push_back((without_extras
                              ? "Lineage and files could not be read: "
                              : "A part could not be read and is null: ")
                           + why);
    out.files_failed = why;
  }
  if (type && !out.type.empty() && *type != out.type)
    throw tool_error("type_mismatch",
                     "The artifact is of type \"" + shorten(out.type, 100)
                       + "\", not \"" + shorten(*type, 100)
                       + "\". Leave type_name out, or name another artifact.",
                     json::object{{"type", out.type}});
  co_return out;
}

} // namespace mcp::tools
