#include "tools/tailored.hpp"

#include "protocol/json/write.hpp"
#include "tools/query_wandb.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>

namespace mcp::tools {
namespace {

using cap = std::optional<std::int64_t> caps::*;

/// An argument that a cap holds for: its number, or the length of its list.
struct capped_argument {
  std::string_view tool;
  std::string_view name;
  cap most;
};

constexpr capped_argument capped[] = {
  {"query_weave_traces_tool", "limit", &caps::traces},
  {"get_run_history_tool", "samples", &caps::history_samples},
  {"compare_runs_tool", "history_samples", &caps::history_samples},
  {"diagnose_run_tool", "samples", &caps::history_samples},
  {"get_run_history_tool", "keys", &caps::history_keys},
  {"compare_runs_tool", "history_keys", &caps::history_keys},
  {"compare_runs_tool", "config_keys", &caps::history_keys},
  {"compare_runs_tool", "summary_keys", &caps::history_keys},
  {"diagnose_run_tool", "config_keys", &caps::history_keys},
  {"diagnose_run_tool", "summary_keys", &caps::history_keys},
  {"probe_project_tool", "sample_runs", &caps::probe_runs},
  {"infer_trace_schema_tool", "sample_size", &caps::schema_sample_rows},
};

/// Where altered tools and their texts live. A deque, because tools point into
/// it while it grows.
struct workshop {
  std::deque<tool> tools;
  std::deque<std::string> texts;
};

bool is_list(const json::object& property) {
  return property.contains("items");
}

/// Sets `name` to `most`, unless it is less already.
void lower(json::object& property, std::string_view name, std::int64_t most) {
  auto& v = property[name];
  if (!v.is_int64() || v.get_int64() > most)
    v = most;
}

void put_cap(json::object& property, std::int64_t most) {
  lower(property, is_list(property) ? "maxItems" : "maximum", most);
  if (is_list(property))
    return;
  const auto* usual = property.if_contains("default");
  if (usual && usual->is_int64() && usual->get_int64() > most)
    property["default"] = most;
  // A null would mean the tool's own default, which knows no cap. One that is
  // not admitted counts as absent.
  if (auto* type = property.if_contains("type"); type && type->is_array())
    *type = "integer";
  std::string words;
  if (const auto* told = property.if_contains("description"))
    words = std::string(told->as_string()) + " ";
  property["description"] =
    words + "This server takes at most " + std::to_string(most) + ".";
}

/// The input schema with the caps of this tool; empty when it has none.
std::string capped_schema(const tool& t, const caps& most) {
  auto schema = json::parse(t.input_schema).as_object();
  bool changed = false;
  for (const auto& c : capped)
    if (const auto value = most.*c.most; value && c.tool == t.name)
      if (auto* p = schema.at("properties").as_object().if_contains(c.name)) {
        put_cap(p->as_object(), *value);
        changed = true;
      }
  return changed ? write_json(schema) : std::string();
}

std::string schema_without(std::string_view schema_text,
                           std::span<const std::string_view> names) {
  auto schema = json::parse(schema_text).as_object();
  auto& properties = schema.at("properties").as_object();
  for (const auto name : names)
    properties.erase(name);
  return write_json(schema);
}

/// The output schema without what the GraphQL form answers.
std::string typed_output(std::string_view schema_text) {
  auto schema = json::parse(schema_text).as_object();
  schema.at("properties").as_object().erase("_pagination");
  auto& forms = schema.at("anyOf").as_array();
  for (auto it = forms.begin(); it != forms.end();)
    it = it->at("title") == "GraphQL form" ? forms.erase(it) : it + 1;
  return write_json(schema);
}

} // namespace

tailored_tools tailored(const std::vector<const tool*>& from,
                        const tailoring& how) {
  auto shop = std::make_shared<workshop>();
  tailored_tools out;
  for (const auto* original : from) {
    tool t = *original;
    bool changed = false;
    const auto keep = [&](std::string text) -> std::string_view {
      changed = true;
      return shop->texts.emplace_back(std::move(text));
    };
    if (auto schema = capped_schema(t, how.most); !schema.empty())
      t.input_schema = keep(std::move(schema));
    if (!how.raw_graphql && t.name == "query_wandb_tool") {
      t.input_schema = keep(schema_without(t.input_schema, graphql_form));
      t.output_schema = keep(typed_output(t.output_schema));
      t.description = typed_form_description;
      t.refused = graphql_form;
      t.refusal = "This server takes no GraphQL: its operator turned it off. "
                  "Use the typed form: entity_name, project_name, resource.";
    }
    if (how.budget && t.budget != *how.budget) {
      t.budget = *how.budget;
      changed = true;
    }
    out.tools.push_back(changed ? &shop->tools.emplace_back(t) : original);
  }
  if (!shop->tools.empty())
    out.owner = std::move(shop);
  return out;
}

void apply(const caps& most, list_limits& limits) {
  const auto set = [](std::int64_t& limit, std::optional<std::int64_t> value) {
    limit = std::min(limit, value.value_or(limit));
  };
  set(limits.max_items, most.query_items);
  set(limits.max_per_request, most.query_items_per_page);
  set(limits.max_full_detail, most.full_detail_items);
  set(limits.max_keys, most.history_keys);
  set(limits.max_graphql_items, most.gql_items);
  set(limits.max_graphql_per_request, most.gql_items_per_page);
}

} // namespace mcp::tools
