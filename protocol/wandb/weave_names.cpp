#include "protocol/wandb/weave_names.hpp"

#include "protocol/wandb/weave_expression.hpp"

namespace mcp::wandb {
namespace {

namespace json = boost::json;

constexpr std::string_view all_versions = ":*";

bool is_reference(std::string_view name) {
  return name.starts_with("weave://");
}

// The version stands behind a colon in the last part of a reference.
bool has_version(std::string_view name) {
  return name.substr(name.rfind('/') + 1).find(':') != name.npos;
}

// "predict:" of "predict" and of "predict:*": what all versions begin with.
std::string stem_of(std::string_view name) {
  if (name.ends_with(all_versions))
    name.remove_suffix(all_versions.size());
  return std::string(name) + ":";
}

json::object is_equal(std::string_view field, std::string_view text) {
  return expression::eq(expression::field(field),
                        expression::literal(json::string(text)));
}

bool is_literal(char c) {
  return std::string_view(".^$*+?()[]{}|\\").find(c) == std::string_view::npos;
}

bool take_front(std::string_view& text, std::string_view part) {
  if (!text.starts_with(part))
    return false;
  text.remove_prefix(part.size());
  return true;
}

} // namespace

std::vector<std::string> op_names_of(std::string_view name,
                                     std::string_view project_id) {
  const auto versioned = has_version(name);
  const std::string all = versioned ? "" : ":*";
  if (is_reference(name))
    return {std::string(name) + all};
  const auto reference =
    "weave:///" + std::string(project_id) + "/op/" + std::string(name) + all;
  if (name.ends_with(all_versions))
    return {reference};
  return {std::string(name), reference};
}

json::object op_is(std::string_view name) {
  const bool all = name.ends_with(all_versions) || !has_version(name);
  if (is_reference(name))
    return all ? expression::contains("op_name", stem_of(name), false)
               : is_equal("op_name", name);
  const auto part = "/op/" + (all ? stem_of(name) : std::string(name));
  auto reference = expression::contains("op_name", part, false);
  if (name.ends_with(all_versions))
    return reference;
  json::array either;
  either.emplace_back(is_equal("op_name", name));
  either.emplace_back(std::move(reference));
  return expression::any_of(std::move(either));
}

std::string run_id_of(std::string_view id, std::string_view project_id) {
  if (id.find('/') != id.npos || project_id.empty())
    return std::string(id);
  return std::string(project_id) + "/" + std::string(id);
}

json::object run_is(std::string_view id) {
  const auto run = id.substr(id.rfind('/') + 1);
  json::array either;
  if (run.size() < id.size())
    either.emplace_back(is_equal("wb_run_id", id));
  else
    either.emplace_back(
      expression::contains("wb_run_id", "/" + std::string(run), false));
  either.emplace_back(
    expression::contains("wb_run_id", ":" + std::string(run), false));
  return expression::any_of(std::move(either));
}

std::optional<plain_regex> read_regex(std::string_view pattern) {
  plain_regex out;
  out.any_case = take_front(pattern, "(?i)");
  const bool begins = take_front(pattern, "^");
  const bool anything_before = take_front(pattern, ".*");
  bool ends = false, anything_behind = false;
  while (!pattern.empty()) {
    if (pattern == "$" || pattern == ".*" || pattern == ".*$") {
      ends = pattern == "$";
      anything_behind = !ends;
      break;
    }
    if (pattern.front() == '\\') {
      // A backslash before a letter or digit means a class or a control.
      if (pattern.size() < 2 || is_literal(pattern[1]))
        if (pattern.size() < 2 || std::string_view("-/_ ").find(pattern[1])
                                    == std::string_view::npos)
          return std::nullopt;
      pattern.remove_prefix(1);
    } else if (!is_literal(pattern.front())) {
      return std::nullopt;
    }
    out.text += pattern.front();
    pattern.remove_prefix(1);
  }
  const bool from_start = begins && !anything_before;
  if (out.text.empty() || from_start != ends
      || (from_start && anything_behind))
    return std::nullopt;
  out.whole = from_start;
  if (out.whole && out.any_case)
    return std::nullopt;
  return out;
}

} // namespace mcp::wandb
