#include "protocol/wandb/graphql_query.hpp"

#include <algorithm>
#include <optional>

namespace mcp::wandb {
namespace {

using namespace graphql;

graphql_problem too_complex(std::string message) {
  return {.what = graphql_problem::kind::too_complex,
          .message = std::move(message)};
}

std::size_t count_fields(const std::vector<selection>& list) {
  std::size_t out = 0;
  for (const auto& s : list)
    out += (s.what == selection::kind::field) + count_fields(s.selections);
  return out;
}

// Counts selections with every fragment put in its places, and finds fragments
// that are missing or inside themselves. The count stops at its limit, so a
// chain of fragments that doubles at every link costs no more than that; the
// depth is limited again, because fragments add up.
class expander {
public:
  expander(const document& d, const graphql_limits& limits)
      : document_(d), limits_(limits) {}

  std::optional<graphql_problem> check(const std::vector<selection>& list,
                                       std::size_t depth = 1) {
    if (depth > limits_.max_field_depth)
      return too_complex("fields are nested deeper than "
                         + std::to_string(limits_.max_field_depth)
                         + " levels, fragments included");
    for (const auto& s : list) {
      if (++count_ > limits_.max_selections)
        return too_complex("more than " + std::to_string(limits_.max_selections)
                           + " selections, fragments included");
      const bool is_field = s.what == selection::kind::field;
      if (s.what == selection::kind::fragment_spread) {
        if (auto problem = check_spread(s.name, depth))
          return problem;
      } else if (!s.selections.empty()) {
        if (auto problem = check(s.selections, depth + (is_field ? 1 : 0)))
          return problem;
      }
    }
    return std::nullopt;
  }

private:
  std::optional<graphql_problem> check_spread(const std::string& name,
                                              std::size_t depth) {
    const auto invalid = [](std::string message) {
      return graphql_problem{.what = graphql_problem::kind::invalid,
                             .message = std::move(message)};
    };
    const auto* found = document_.find_fragment(name);
    if (!found)
      return invalid("fragment \"" + name.substr(0, 100)
                     + "\" is used but not defined");
    if (std::find(open_.begin(), open_.end(), found) != open_.end())
      return invalid("fragment \"" + name.substr(0, 100)
                     + "\" contains itself");
    open_.push_back(found);
    auto problem = check(found->selections, depth);
    open_.pop_back();
    return problem;
  }

  const document& document_;
  const graphql_limits& limits_;
  std::size_t count_ = 0;
  std::vector<const fragment*> open_;
};

} // namespace

graphql_result<document> parse_graphql_query(std::string_view text,
                                             const graphql_limits& limits) {
  auto parsed = parse_graphql(text, limits);
  if (!parsed)
    return parsed;
  // Looked for before anything else: that the document would change something
  // matters more than what else is wrong with it.
  for (const auto& o : parsed->operations) {
    if (o.type == "query")
      continue;
    auto problem = graphql_problem_at(
      text, o.where.begin, "a " + o.type + " is refused: only queries are run");
    problem.what = graphql_problem::kind::not_read_only;
    return problem;
  }
  const auto problem = [](graphql_problem::kind what, std::string message) {
    return graphql_problem{.what = what, .message = std::move(message)};
  };
  if (parsed->operations.empty())
    return problem(graphql_problem::kind::invalid,
                   "the document holds no query");
  if (parsed->operations.size() > 1)
    return too_complex("the document holds several operations; send one");
  const auto& fragments = parsed->fragments;
  if (fragments.size() > limits.max_fragments)
    return too_complex("more than " + std::to_string(limits.max_fragments)
                       + " fragments");
  auto fields = count_fields(parsed->operations.front().selections);
  for (const auto& f : fragments)
    fields += count_fields(f.selections);
  if (fields > limits.max_fields)
    return too_complex("more than " + std::to_string(limits.max_fields)
                       + " fields");
  for (const auto& f : fragments)
    if (parsed->find_fragment(f.name) != &f)
      return problem(graphql_problem::kind::invalid, "fragment \""
                                                       + f.name.substr(0, 100)
                                                       + "\" is defined twice");
  expander expanded(*parsed, limits);
  if (auto found = expanded.check(parsed->operations.front().selections))
    return *found;
  return parsed;
}

} // namespace mcp::wandb
