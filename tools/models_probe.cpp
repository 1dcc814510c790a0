#include "tools/models_probe.hpp"

#include "tools/models_budget.hpp"
#include "tools/models_config.hpp"
#include "tools/models_json.hpp"
#include "tools/models_run.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_fields = 200;
constexpr std::size_t most_tags = 20;
constexpr std::size_t most_groups = 10;
constexpr std::size_t max_characters = 100;
constexpr std::size_t max_name = 200;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_letters(std::string_view a, std::string_view b) {
  return a.size() == b.size()
         && std::equal(a.begin(), a.end(), b.begin(),
                       [](char x, char y) { return lower(x) == lower(y); });
}

std::size_t find_letters(std::string_view in, std::string_view what,
                         std::size_t from) {
  for (auto at = from; at + what.size() <= in.size(); ++at)
    if (same_letters(in.substr(at, what.size()), what))
      return at;
  return in.npos;
}

/// The first `count` characters, where a character may be several bytes.
std::string first_characters(std::string_view text, std::size_t count) {
  std::size_t seen = 0, at = 0;
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80
        && seen++ == count)
      break;
  return std::string(text.substr(0, at));
}

json::array fields_json(const std::map<std::string, std::string>& fields) {
  json::array out;
  for (const auto& [path, type] : fields) {
    if (out.size() == most_fields)
      break;
    json::object one{{"path", path}, {"type", type}};
    out.push_back(std::move(one));
  }
  return out;
}

template <class Value>
json::object first_members(const std::map<std::string, Value>& from) {
  json::object out;
  for (const auto& [name, v] : from) {
    if (out.size() == most_fields)
      break;
    out.emplace(name, v);
  }
  return out;
}

/// "train/loss" and "train/accuracy" are of one family.
json::object families_of(const std::map<std::string, std::string>& fields) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [path, type] : fields) {
    const auto end = path.find_first_of("/.");
    if (end != path.npos && end > 0)
      ++counts[path.substr(0, end)];
  }
  return first_members(counts);
}

} // namespace

bool matches_pattern(std::string_view name, std::string_view pattern) {
  // Parts between stars must follow each other; no anchors.
  std::size_t at = 0;
  while (!pattern.empty()) {
    const auto star = pattern.find('*');
    const auto part = pattern.substr(0, star);
    pattern =
      star == pattern.npos ? std::string_view{} : pattern.substr(star + 1);
    const auto found = find_letters(name, part, at);
    if (found == name.npos)
      return false;
    at = found + part.size();
  }
  return true;
}

json::value sample_value(const json::value& v) {
  if (v.is_null())
    return "None";
  if (const auto* list = v.if_array())
    return json::string("[list, len=" + std::to_string(list->size()) + "]");
  if (const auto* object = v.if_object())
    return json::string("{dict, keys=" + std::to_string(object->size()) + "}");
  if (const auto* text = v.if_string()) {
    const auto start = first_characters(*text, max_characters);
    return json::string(start.size() < text->size() ? start + "..." : start);
  }
  return v;
}

void project_shape::add(const json::object& run) {
  const auto id = text_at(run, "name");
  if (id.empty() || !ids_.insert(id).second)
    return;
  const auto state = text_at(run, "state");
  ++states_[state.empty() ? "unknown" : state];
  const auto config = config_in(run), summary = summary_in(run);
  if (!config || !summary)
    ++unreadable_;
  if (config)
    for (const auto& [name, v] : *config)
      if (!name.starts_with('_') && !name.starts_with("wandb")
          && matches_pattern(name, pattern_))
        config_.emplace(name, sample_value(v));
  if (config)
    each_leaf(*config, [this](const std::string& path, const json::value& v) {
      if (!path.starts_with('_') && !path.starts_with("wandb")
          && matches_pattern(path, pattern_))
        config_fields_.emplace(path, type_name(v));
    });
  if (summary)
    for (const auto& [name, v] : *summary)
      if (matches_pattern(name, pattern_))
        metrics_.emplace(name, type_name(v));
  if (summary)
    each_leaf(*summary, [this](const std::string& path, const json::value& v) {
      if (matches_pattern(path, pattern_))
        metric_fields_.emplace(path, type_name(v));
    });
  json::array tags;
  if (const auto* list = array_at(run, {"tags"}))
    for (const auto& tag : *list)
      if (const auto* text = tag.if_string()) {
        tags_.insert(std::string(*text));
        if (tags.size() < most_tags)
          tags.emplace_back(shorten(*text, max_name));
      }
  const auto group = text_at(run, "group");
  if (!group.empty()
      && std::find(groups_.begin(), groups_.end(), group) == groups_.end())
    groups_.push_back(group);
  const run_path path{.entity = {}, .project = {}, .run = id};
  const auto header = header_in(run, path);
  if (samples_.empty())
    logged_ = header.metrics;
  if (header.line_count.value_or(0) > 0 || header.last_step.value_or(-1) > 0)
    has_history_ = true;
  if (header.last_step.value_or(-1) > 0)
    last_steps_.push_back(*header.last_step);
  json::object shown{
    {"id", id},
    {"display_name", shorten(header.display_name, max_name)},
    {"state", state},
    {"created_at", value_or_null(run, "createdAt")},
    {"group", group.empty() ? json::value(nullptr) : json::value(group)},
    {"job_type", value_or_null(run, "jobType")},
    {"tags", std::move(tags)},
    {"last_step", nullptr},
    {"history_line_count", nullptr}};
  if (header.last_step)
    shown["last_step"] = *header.last_step;
  if (header.line_count)
    shown["history_line_count"] = *header.line_count;
  samples_.push_back(std::move(shown));
}

std::int64_t project_shape::typical_steps() const {
  if (last_steps_.empty())
    return 0;
  double sum = 0;
  for (const auto step : last_steps_)
    sum += static_cast<double>(step);
  return static_cast<std::int64_t>(sum
                                   / static_cast<double>(last_steps_.size()));
}

std::vector<std::string> project_shape::main_metrics(std::size_t most) const {
  std::vector<std::string> out;
  // A summary holds more than was ever logged, like "best.accuracy".
  const auto is_curve = [this](const std::string& name,
                               const std::string& type) {
    return (type == "float" || type == "int")
           && (!logged_ || logged_->contains(name));
  };
  for (const bool quality : {true, false})
    for (const auto& [name, type] : metric_fields_)
      if (is_quality_name(name) == quality && out.size() < most
          && is_curve(name, type))
        out.push_back(name);
  return out;
}

std::vector<std::string> project_shape::run_ids() const {
  std::vector<std::string> out;
  for (const auto& run : samples_)
    out.emplace_back(run.at("id").as_string());
  return out;
}

void count_fields(json::object& answer) {
  std::size_t listed = 0;
  for (const auto* name : {"summary_fields", "config_fields"})
    if (const auto* fields = array_at(answer, {name}))
      listed += fields->size();
  auto& inventory = answer.at("field_inventory").get_object();
  inventory["returned_count"] = listed;
  inventory["has_more"] =
    listed < inventory.at("total_count").to_number<std::size_t>();
}

void project_shape::describe(json::object& answer) const {
  json::array tags, groups;
  for (const auto& tag : tags_)
    if (tags.size() < most_tags)
      tags.emplace_back(tag);
  for (const auto& group : groups_)
    if (groups.size() < most_groups)
      groups.emplace_back(group);
  answer["sampled_runs"] = samples_.size();
  answer["run_samples"] = samples_;
  answer["run_states"] = first_members(states_);
  answer["metric_keys"] = first_members(metrics_);
  answer["metric_count"] = metrics_.size();
  answer["config_keys"] = first_members(config_);
  answer["config_count"] = config_.size();
  answer["summary_fields"] = fields_json(metric_fields_);
  answer["config_fields"] = fields_json(config_fields_);
  answer["metric_families"] = families_of(metric_fields_);
  answer["field_inventory"] = {
    {"pattern",
     pattern_.empty() ? json::value(nullptr) : json::value(pattern_)},
    {"returned_count", 0},
    {"total_count", metric_fields_.size() + config_fields_.size()},
    {"has_more", true}};
  count_fields(answer);
  answer["has_history"] = has_history_;
  answer["has_history_in_sample"] = has_history_;
  answer["typical_steps"] = typical_steps();
  answer["tags_in_sample"] = tags;
  answer["tags"] = std::move(tags);
  answer["groups_in_sample"] = groups;
  answer["groups"] = std::move(groups);
  if (unreadable_ > 0)
    answer["unreadable_runs"] = unreadable_;
}

} // namespace mcp::tools
