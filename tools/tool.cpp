#include "tools/tool.hpp"

namespace mcp::tools {
namespace {

// Null stands for absent: many clients send null for what they leave out.
const json::value* given(const json::object& values, std::string_view name) {
  const auto* found = values.if_contains(name);
  return found && !found->is_null() ? found : nullptr;
}

// A tool that asks for what its schema does not promise is our mistake.
const json::value& promised(const json::object& values, std::string_view name) {
  if (const auto* found = given(values, name))
    return *found;
  throw std::logic_error("argument " + std::string(name)
                         + " is neither required nor has it a default");
}

std::int64_t whole(const json::value& value, std::string_view name) {
  boost::system::error_code error;
  const auto out = value.to_number<std::int64_t>(error);
  if (error)
    invalid_input(std::string(name)
                  + ": expected an integer of at most 64 bits.");
  return out;
}

} // namespace

std::string arguments::text(std::string_view name) const {
  return std::string(promised(values_, name).as_string());
}

std::optional<std::string>
arguments::text_or_null(std::string_view name) const {
  const auto* found = given(values_, name);
  if (!found)
    return std::nullopt;
  return std::string(found->as_string());
}

std::int64_t arguments::integer(std::string_view name) const {
  return whole(promised(values_, name), name);
}

std::optional<std::int64_t>
arguments::integer_or_null(std::string_view name) const {
  const auto* found = given(values_, name);
  if (!found)
    return std::nullopt;
  return whole(*found, name);
}

std::optional<double> arguments::number_or_null(std::string_view name) const {
  const auto* found = given(values_, name);
  if (!found)
    return std::nullopt;
  return found->to_number<double>();
}

bool arguments::flag(std::string_view name) const {
  return promised(values_, name).as_bool();
}

const json::object* arguments::object(std::string_view name) const {
  const auto* found = given(values_, name);
  return found ? &found->as_object() : nullptr;
}

const json::array* arguments::array(std::string_view name) const {
  const auto* found = given(values_, name);
  return found ? &found->as_array() : nullptr;
}

std::vector<std::string> arguments::texts(std::string_view name) const {
  std::vector<std::string> out;
  if (const auto* items = array(name))
    for (const auto& item : *items)
      out.emplace_back(item.as_string());
  return out;
}

void invalid_input(const std::string& message) {
  throw tool_error("invalid_input", message);
}

} // namespace mcp::tools
