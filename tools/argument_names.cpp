#include "tools/argument_names.hpp"

#include "protocol/json/coercion.hpp"
#include "protocol/json/write.hpp"
#include "protocol/mcp/utf8.hpp"
#include "protocol/near_names.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace mcp::tools {
namespace {

constexpr std::size_t most_told = 20;
constexpr std::size_t longest_name = 36;
constexpr std::size_t longest_value = 200;

/// Names that mean one thing, and what tools call it. The words of a group are
/// no arguments' names where they stand on the left.
struct synonyms {
  std::vector<std::string_view> words;
  std::vector<std::string_view> arguments;
  bool sure = true; // false: worth a suggestion, too vague to act on
};

const std::vector<synonyms>& all_synonyms() {
  static const std::vector<synonyms> all{
    {{"entity", "entity_name", "team", "team_name"}, {"entity_name", "entity"}},
    {{"user", "username", "user_name", "owner"},
     {"entity_name", "entity"},
     false},
    {{"project"}, {"project_name"}},
    {{"org", "org_name", "organization_name"}, {"organization"}},
    {{"run"}, {"run_id"}},
    {{"run_name", "display_name", "run_display_name"}, {"run_id"}, false},
    {{"run_a", "run_id_1", "run_id1", "run1"}, {"run_id_a"}},
    {{"run_b", "run_id_2", "run_id2", "run2"}, {"run_id_b"}},
    {{"metrics", "metric", "metric_keys", "metric_names", "keys"},
     {"keys", "history_keys", "summary_keys"}},
    {{"limit", "max_items", "max_results", "num_results", "max_rows", "top_k",
      "n", "count", "page_size"},
     {"limit", "max_items", "max_projects", "max_evals", "samples",
      "sample_size", "sample_runs"}},
    {{"samples", "num_samples", "max_points", "points", "sample_size"},
     {"samples", "sample_size", "sample_runs", "history_samples"}},
    {{"sort", "order_by", "sort_by", "sort_field", "sort_key"},
     {"sort_by", "order"}},
    {{"order"}, {"sort_by", "sort_direction"}},
    {{"direction", "sort_order", "sort_dir", "order_direction"},
     {"sort_direction"}},
    {{"where", "filters", "filter"}, {"filters", "filter"}},
    {{"fields", "select", "column_names"}, {"columns"}},
    {{"start_step", "step_min", "from_step"}, {"min_step"}},
    {{"end_step", "step_max", "to_step"}, {"max_step"}},
    {{"step", "at_step"}, {"target_x"}, false},
    {{"x", "x_key", "x_metric"}, {"x_axis"}},
    {{"registry"}, {"registry_name"}},
    {{"collection", "name"}, {"collection_name"}},
    {{"artifact", "name", "artifact_path"}, {"artifact_name"}},
    {{"artifact_a", "version_a"}, {"artifact_name_a"}},
    {{"artifact_b", "version_b"}, {"artifact_name_b"}},
    {{"type", "artifact_type"}, {"type_name"}},
    {{"type"}, {"kind"}},
    {{"since", "after"}, {"created_after"}},
    {{"until", "before"}, {"created_before"}},
    {{"trace_id", "traces", "ids"}, {"trace_ids"}},
    {{"eval", "evaluation", "evaluation_name", "name"}, {"eval_name"}},
    {{"sweep"}, {"sweep_id"}},
    {{"report", "report_id"}, {"report_name"}},
    {{"next_cursor", "page_token"}, {"cursor"}},
    {{"graphql", "gql", "graphql_query"}, {"query"}},
    {{"detail", "level"}, {"detail_level"}},
    {{"markdown", "body", "content", "report_text", "markdown_text"},
     {"markdown_report_text"}},
    {{"subtitle"}, {"description"}},
    {{"charts"}, {"panels"}},
    {{"plots"}, {"plots_html"}},
    {{"rows"}, {"data"}},
    {{"name", "title", "run_name", "display_name"}, {"analysis_name"}},
    {{"summary"}, {"scalars"}},
    {{"search", "question", "search_query"}, {"query"}, false},
    {{"pattern"}, {"field_pattern"}},
  };
  return all;
}

/// What some agents add to every call of every tool for their own book-keeping.
/// No model wrote it, so none could mend its call.
constexpr std::array<std::string_view, 4> added_by_agents{
  "sessionId", "chatInput", "toolCallId", "action"};

/// An object argument that takes a text for its only member, by its name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 1>
  texts_as_member{{{"plots_html", "chart"}}};

std::string shortened(std::string_view text, std::size_t most) {
  return text.size() <= most ? std::string(text)
                             : std::string(cut_utf8(text, most)) + "...";
}

class settler {
public:
  settler(const tool& t, const argument_schema& schema, json::object given)
      : tool_(t), schema_(schema) {
    // Those with their own name first: what is moved must not displace them.
    for (auto& [name, value] : given)
      if (schema.of(name))
        out_.values.emplace(name, std::move(value));
    texts();
    for (auto& [name, value] : given)
      if (!schema.of(name))
        settle(name, std::move(value));
  }

  named_arguments take() { return std::move(out_); }

private:
  void texts() {
    for (const auto& [name, member] : texts_as_member) {
      auto* value = out_.values.if_contains(name);
      if (!value || !schema_.of(name))
        continue;
      coerce(*value, *schema_.of(name));
      if (value->is_string())
        *value = json::object{{member, *value}};
    }
  }

  void settle(std::string_view name, json::value value) {
    if (++seen_ > most_told) // `accept` counts them
      return keep(name, std::move(value));
    if (is_left_out(value))
      return note(name, "is no argument, and was empty");
    auto meant = meant_by(name);
    if (meant.sure.size() == 1)
      return move(name, meant.sure.front(), std::move(value));
    if (tool_.is_filter && tool_.is_filter(name, value))
      return filter(name, std::move(value));
    auto advice = std::move(meant.sure);
    for (auto& one : meant.vague)
      advice.push_back(std::move(one));
    if (advice.empty()
        && std::find(added_by_agents.begin(), added_by_agents.end(), name)
             != added_by_agents.end())
      return note(name, "is no argument of this tool and was not used");
    if (advice.empty())
      return keep(name, std::move(value)); // `accept` says what is near
    refuse(name, "there is no such argument; " + did_you_mean(advice));
  }

  struct candidates {
    std::vector<std::string> sure;
    std::vector<std::string> vague;
  };

  candidates meant_by(std::string_view name) const {
    candidates out;
    const auto add = [](std::vector<std::string>& to, std::string_view one) {
      if (std::find(to.begin(), to.end(), one) == to.end())
        to.emplace_back(one);
    };
    const std::string plural = std::string(name) + "s";
    for (const auto& own : schema_.names())
      if (same_name(name, own) || same_name(plural, own)
          || same_name(name, own + "s"))
        add(out.sure, own);
    if (!out.sure.empty())
      return out;
    for (const auto& group : all_synonyms())
      for (const auto word : group.words)
        if (same_name(word, name))
          for (const auto target : group.arguments)
            if (schema_.of(target))
              add(group.sure ? out.sure : out.vague, target);
    return out;
  }

  void move(std::string_view name, const std::string& to, json::value value) {
    const auto* there = out_.values.if_contains(to);
    if (there && !is_left_out(*there)) {
      if (*there != value)
        refuse(name, "there is no such argument; it means " + to
                       + ", which is given as well");
      else
        note(name, "was taken for " + to);
      return;
    }
    out_.values[to] = std::move(value);
    note(name, "was taken for " + to);
  }

  void filter(std::string_view name, json::value value) {
    const std::string_view argument =
      schema_.of("filters") ? "filters" : "filter";
    auto& filters = out_.values[argument];
    if (is_left_out(filters))
      filters = json::object{};
    else
      coerce(filters, *schema_.of(argument));
    auto* members = filters.if_object();
    const auto* there = members ? members->if_contains(name) : nullptr;
    if (!members || (there && *there != value))
      return refuse(name, "there is no such argument; it belongs into "
                            + std::string(argument)
                            + (there ? ", which has another" : ""));
    const json::object taken{{name, value}};
    note(name, "was taken for " + std::string(argument) + " "
                 + shortened(write_json(taken), longest_value));
    members->insert_or_assign(name, std::move(value));
  }

  void keep(std::string_view name, json::value value) {
    out_.values.emplace(name, std::move(value));
  }

  void note(std::string_view name, const std::string& what) {
    out_.notes.push_back(shortened(name, longest_name) + " " + what + ".");
  }

  void refuse(std::string_view name, const std::string& why) {
    out_.refused.push_back(shortened(name, longest_name) + ": " + why);
  }

  const tool& tool_;
  const argument_schema& schema_;
  named_arguments out_;
  std::size_t seen_ = 0;
};

} // namespace

named_arguments settle_names(const tool& t, const argument_schema& schema,
                             json::object given) {
  return settler(t, schema, std::move(given)).take();
}

} // namespace mcp::tools
