#pragma once

// A W&B for the tests of registries and artifacts, made of what each test says.

#include "tests/tools/catalog_call.hpp"
#include "tests/tools/fake_context.hpp"

#include <functional>
#include <string>
#include <vector>

namespace mcp::tools {

inline upstream_result answer_with(json::object data) {
  upstream_reply reply;
  const json::object body{{"data", std::move(data)}};
  reply.body = std::make_shared<const std::string>(json::serialize(body));
  return reply;
}

inline json::object variables_of(const upstream_request& r) {
  return json::parse(r.body).at("variables").as_object();
}

/// {"a": {"b": inner}} for {"a", "b"}.
inline json::object inside(const std::vector<std::string>& path,
                           json::value inner) {
  for (auto it = path.rbegin(); it != path.rend(); ++it) {
    json::object outer;
    outer[*it] = std::move(inner);
    inner = std::move(outer);
  }
  return inner.as_object();
}

/// One list of W&B, served in pages.
struct fake_list {
  std::size_t total = 2;
  std::size_t page = 1000; // the server's longest page
  std::function<json::value(std::size_t i)> edge = {};
  bool counts = false;
  /// Puts the connection where the document looks for it.
  std::function<json::object(json::object connection, const json::object& vars)>
    wrap = {};
};

inline void serve_list(fake_context& c, const std::string& operation,
                       fake_list list) {
  c.answer(at("/graphql", operation + "("), [list](upstream_request& r) {
    const auto vars = variables_of(r);
    const auto& after = vars.at("after");
    const auto from =
      after.is_string() ? std::stoul(std::string(after.as_string())) : 0ul;
    const auto asked = vars.at("first").to_number<std::size_t>();
    const auto to = std::min({list.total, from + asked, from + list.page});
    json::array edges;
    for (auto i = from; i < to; ++i)
      edges.push_back(list.edge(i));
    json::object info{{"hasNextPage", to < list.total},
                      {"endCursor", std::to_string(to)}};
    json::object connection{{"edges", edges}, {"pageInfo", info}};
    if (list.counts)
      connection["totalCount"] = list.total;
    return answer_with(list.wrap(std::move(connection), vars));
  });
}

/// An organization's answer: {"organization": {"name", "orgEntity": {...}}};
/// null when it is not called Northwind.
inline json::object in_northwind(json::object entity,
                                 const json::object& vars) {
  if (vars.at("organization") != "Northwind")
    return {{"organization", nullptr}};
  entity["name"] = "northwind-org";
  json::object org{{"name", "Northwind"}, {"orgEntity", std::move(entity)}};
  return {{"organization", std::move(org)}};
}

/// A viewer who is a member of these organizations; the entity of "Acme" is
/// "acme-org".
inline void serve_access(fake_context& c, std::vector<std::string> names,
                         bool with_feature = true) {
  json::array list;
  for (const auto& name : names) {
    std::string entity = name + "-org";
    for (auto& ch : entity)
      ch = static_cast<char>(std::tolower(ch));
    json::object owner{{"name", entity}};
    json::object org{{"name", name}, {"orgEntity", owner}};
    list.push_back(std::move(org));
  }
  json::object feature{{"name", "ARTIFACT_REGISTRY_SEARCH"},
                       {"isEnabled", with_feature}};
  json::object info{{"features", json::array{std::move(feature)}}};
  json::object viewer{
    {"username", "alice"}, {"entity", "alice"}, {"organizations", list}};
  json::object data{{"viewer", viewer}, {"serverInfo", info}};
  c.answer(at("/graphql", "query RegistryAccess"),
           [data](upstream_request&) { return answer_with(data); });
}

/// The default entity belongs to no organization of its own.
inline void serve_entity(fake_context& c, const char* organization = nullptr) {
  json::object entity{{"organization", nullptr}};
  if (organization) {
    json::object org{{"name", organization}};
    entity["organization"] = std::move(org);
  }
  json::object data{{"entity", entity}};
  c.answer(at("/graphql", "OrganizationsForEntity"),
           [data](upstream_request&) { return answer_with(data); });
}

/// What an older server says to a field that it does not have.
inline failure unknown_field(const std::string& field) {
  return {.code = errc::upstream_error,
          .message = "W&B answered with HTTP status 400: Cannot query field \""
                     + field + "\" on type \"Project\".",
          .http_status = 400};
}

} // namespace mcp::tools
