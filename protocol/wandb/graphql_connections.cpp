#include "protocol/wandb/graphql_connections.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace mcp::wandb {
namespace {

using namespace graphql;

/// All fields that become one member of the answer (October 2021, 6.3.2,
/// CollectFields): the same field may stand in several places.
struct group {
  std::vector<const selection*> fields; // never empty, each once
  const std::string& response_name() const {
    return fields.front()->response_name();
  }
  const std::string& name() const { return fields.front()->name; }
};

using selection_lists = std::vector<const std::vector<selection>*>;

class collector {
public:
  explicit collector(const document& d) : document_(d) {}

  std::vector<group> operator()(const selection_lists& lists) {
    std::vector<group> out;
    std::map<std::string_view, std::size_t> index;
    for (const auto* list : lists)
      add(*list, out, index);
    return out;
  }

  std::vector<group> below(const group& g) {
    selection_lists lists;
    for (const auto* f : g.fields)
      lists.push_back(&f->selections);
    return (*this)(lists);
  }

private:
  void add(const std::vector<selection>& list, std::vector<group>& out,
           std::map<std::string_view, std::size_t>& index) {
    for (const auto& s : list) {
      if (s.what == selection::kind::inline_fragment) {
        add(s.selections, out, index);
      } else if (s.what == selection::kind::fragment_spread) {
        if (const auto* f = document_.find_fragment(s.name))
          add(f->selections, out, index);
      } else {
        const auto [at, added] = index.emplace(s.response_name(), out.size());
        if (added)
          out.emplace_back();
        auto& fields = out[at->second].fields;
        if (std::find(fields.begin(), fields.end(), &s) == fields.end())
          fields.push_back(&s);
      }
    }
  }

  const document& document_;
};

/// The only group of that field name; null when there is none, or two aliases.
const group* only(const std::vector<group>& groups, std::string_view name) {
  const group* found = nullptr;
  for (const auto& g : groups) {
    if (g.name() != name)
      continue;
    if (found)
      return nullptr;
    found = &g;
  }
  return found;
}

std::string response_name_of(const group* g) {
  return g ? g->response_name() : std::string();
}

class finder {
public:
  explicit finder(const document& d) : collect_(d) {
    const auto& root = d.operations.front().selections;
    walk(collect_(selection_lists{&root}), false);
    for (auto& c : found.outer)
      c.shared = std::any_of(c.fields.begin(), c.fields.end(),
                             [this](auto* f) { return places_.at(f) > 1; });
  }

  graphql_connections found;

private:
  void walk(const std::vector<group>& groups, bool inside_edges) {
    for (const auto& g : groups) {
      for (const auto* f : g.fields)
        ++places_[f];
      const auto below = collect_.below(g);
      path_.push_back(g.response_name());
      const auto names = connection_of(below);
      if (names && !inside_edges)
        found.outer.push_back({path_, g.fields, *names});
      else if (names)
        found.nested.push_back(path_);
      if (names) {
        for (const auto& member : below)
          walk({member}, inside_edges || member.name() == "edges");
      } else {
        walk(below, inside_edges);
      }
      path_.pop_back();
    }
  }

  std::optional<connection_names>
  connection_of(const std::vector<group>& members) {
    const auto* edges = only(members, "edges");
    const auto* page_info = only(members, "pageInfo");
    if (!edges || !page_info)
      return std::nullopt;
    const auto page = collect_.below(*page_info);
    const auto* has_next = only(page, "hasNextPage");
    const auto* end_cursor = only(page, "endCursor");
    if (!has_next || !end_cursor)
      return std::nullopt;
    const auto edge = collect_.below(*edges);
    const auto* node = only(edge, "node");
    const auto in_node = node ? collect_.below(*node) : std::vector<group>{};
    return connection_names{
      .edges = edges->response_name(),
      .page_info = page_info->response_name(),
      .has_next_page = has_next->response_name(),
      .end_cursor = end_cursor->response_name(),
      .node = response_name_of(node),
      .node_id = response_name_of(only(in_node, "id")),
      .cursor = response_name_of(only(edge, "cursor")),
    };
  }

  collector collect_;
  std::vector<std::string> path_;
  std::map<const selection*, std::size_t> places_; // of each field, in groups
};

} // namespace

graphql_connections find_connections(const document& parsed) {
  return finder(parsed).found;
}

} // namespace mcp::wandb
