#include "tools/artifact_files.hpp"

#include "tools/models_json.hpp"
#include "tools/registry_ask.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

// A thousand files, should a server give no more than fifty at a time.
constexpr int most_pages = 20;

constexpr std::string_view by_membership = R"(query ArtifactFilesByMembership(
  $entity: String!, $project: String!, $collection: String!, $alias: String!,
  $first: Int!, $after: String
) {
  project(name: $project, entityName: $entity) {
    artifactCollection(name: $collection) {
      artifactMembership(aliasName: $alias) {
        files(first: $first, after: $after) {
          totalCount
          pageInfo { endCursor hasNextPage }
          edges { node { name: displayName sizeBytes digest md5 } }
        }
      }
    }
  }
})";

constexpr std::string_view by_type = R"(query ArtifactFiles(
  $entity: String!, $project: String!, $type: String!, $name: String!,
  $first: Int!, $after: String
) {
  project(name: $project, entityName: $entity) {
    artifactType(name: $type) {
      artifact(name: $name) {
        files(first: $first, after: $after) {
          pageInfo { endCursor hasNextPage }
          edges { node { name: displayName sizeBytes digest md5 } }
        }
      }
    }
  }
})";

const json::object* files_in(const json::object& data) {
  const auto* found = object_at(
    data, {"project", "artifactCollection", "artifactMembership", "files"});
  return found
           ? found
           : object_at(data, {"project", "artifactType", "artifact", "files"});
}

} // namespace

json::object artifact_file::row() const {
  json::object out{{"name", name}, {"size", nullptr}, {"digest", nullptr}};
  if (size)
    out["size"] = *size;
  if (!digest.empty())
    out["digest"] = digest;
  return out;
}

file_listing read_files(const json::object& connection, json::value& cursor) {
  file_listing out;
  cursor = nullptr;
  out.total = whole_at(connection, "totalCount");
  if (const auto* edges = array_at(connection, {"edges"}))
    for (const auto& edge : *edges) {
      const auto* node = object_at(edge, {"node"});
      auto name = node ? text_at(*node, "name") : std::string();
      if (name.empty())
        continue;
      auto digest = text_at(*node, "digest");
      if (digest.empty())
        digest = text_at(*node, "md5");
      out.files.push_back({.name = std::move(name),
                           .size = whole_at(*node, "sizeBytes"),
                           .digest = std::move(digest)});
    }
  if (const auto* more = value_at(connection, {"pageInfo", "hasNextPage"}))
    out.more = more->is_bool() && more->get_bool();
  const auto* end = value_at(connection, {"pageInfo", "endCursor"});
  if (out.more && end && end->is_string() && !end->get_string().empty())
    cursor = *end;
  return out;
}

task<file_listing> read_more_files(call_context& context, artifact_path path,
                                   std::string type, file_listing so_far,
                                   json::value cursor, std::size_t wanted,
                                   bool tell) {
  json::object variables{
    {"entity", path.place.entity},   {"project", path.place.project},
    {"collection", path.place.name}, {"alias", path.alias},
    {"type", std::move(type)},       {"name", path.name()}};
  query_texts texts{.full = by_membership, .reduced = by_type};
  std::size_t told = 0;
  for (int pages = 0;
       so_far.files.size() < wanted && !cursor.is_null() && pages < most_pages;
       ++pages) {
    if (tell && so_far.files.size() > told) {
      told = so_far.files.size();
      context.progress(static_cast<double>(told), static_cast<double>(wanted),
                       "Reading the list of files");
    }
    variables["first"] = wanted - so_far.files.size();
    variables["after"] = cursor.as_string().empty() ? json::value() : cursor;
    auto answer = co_await ask_wandb(context, texts, variables);
    throw_errors(answer);
    texts = {.full = answer.document, .reduced = {}};
    const auto* connection = files_in(answer.data);
    if (!connection)
      throw failure_exception({.code = errc::upstream_garbage,
                               .message = "W&B did not list the files."});
    json::value next;
    auto page = read_files(*connection, next);
    std::move(page.files.begin(), page.files.end(),
              std::back_inserter(so_far.files));
    so_far.more = page.more;
    if (page.total)
      so_far.total = page.total;
    if (next == cursor)
      break; // the server does not move on
    cursor = std::move(next);
  }
  if (so_far.files.size() > wanted) {
    so_far.files.resize(wanted);
    so_far.more = true;
  }
  co_return so_far;
}

} // namespace mcp::tools
