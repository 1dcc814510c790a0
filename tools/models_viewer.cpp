#include "tools/models_viewer.hpp"

#include "tools/models_json.hpp"

namespace mcp::tools {
namespace {

constexpr std::size_t most_teams = 500; // as in the document

} // namespace

task<viewer_info> read_viewer(call_context& context) {
  static constexpr std::string_view document = R"(query Viewer {
  viewer {
    username
    entity
    teams(first: 500) { edges { node { name } } }
  }
})";
  const auto data = co_await context.graphql(document, json::object{});
  const auto* viewer = object_at(data, {"viewer"});
  if (!viewer)
    throw failure_exception(
      {.code = errc::unauthorized,
       .message = "W&B does not know the user of this API key."});
  viewer_info out{.username = text_at(*viewer, "username"),
                  .default_entity = text_at(*viewer, "entity"),
                  .teams = {}};
  if (const auto* edges = array_at(*viewer, {"teams", "edges"})) {
    // This list says nothing of further pages.
    out.more_teams = edges->size() >= most_teams;
    for (const auto& edge : *edges)
      if (const auto* node = object_at(edge, {"node"}))
        if (auto name = text_at(*node, "name"); !name.empty())
          out.teams.push_back(std::move(name));
  }
  co_return out;
}

} // namespace mcp::tools
