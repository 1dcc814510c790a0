#include "protocol/wandb/weave_expression.hpp"

#include <utility>

namespace mcp::wandb::expression {
namespace {

object binary(std::string_view name, object left, object right) {
  array operands;
  operands.emplace_back(std::move(left));
  operands.emplace_back(std::move(right));
  object out;
  out.emplace(name, std::move(operands));
  return out;
}

object combine(std::string_view name, array operations) {
  if (operations.size() == 1)
    return std::move(operations.front().as_object());
  object out;
  out.emplace(name, std::move(operations));
  return out;
}

} // namespace

object literal(value v) {
  object out;
  out.emplace("$literal", std::move(v));
  return out;
}

object field(std::string_view path) {
  object out;
  out.emplace("$getField", path);
  return out;
}

object number_field(std::string_view path) {
  object conversion;
  conversion.emplace("input", field(path));
  conversion.emplace("to", "double");
  object out;
  out.emplace("$convert", std::move(conversion));
  return out;
}

object eq(object left, object right) {
  return binary("$eq", std::move(left), std::move(right));
}

object gt(object left, object right) {
  return binary("$gt", std::move(left), std::move(right));
}

object gte(object left, object right) {
  return binary("$gte", std::move(left), std::move(right));
}

object negate(object operation) {
  array operands;
  operands.emplace_back(std::move(operation));
  object out;
  out.emplace("$not", std::move(operands));
  return out;
}

object contains(std::string_view path, std::string_view text,
                bool case_insensitive) {
  object inner;
  inner.emplace("input", field(path));
  inner.emplace("substr", literal(boost::json::string(text)));
  inner.emplace("case_insensitive", case_insensitive);
  object out;
  out.emplace("$contains", std::move(inner));
  return out;
}

object in(object operand, const array& values) {
  array literals;
  literals.reserve(values.size());
  for (const auto& v : values)
    literals.emplace_back(literal(v));
  array operands;
  operands.emplace_back(std::move(operand));
  operands.emplace_back(std::move(literals));
  object out;
  out.emplace("$in", std::move(operands));
  return out;
}

object all_of(array operations) {
  return combine("$and", std::move(operations));
}

object any_of(array operations) {
  return combine("$or", std::move(operations));
}

} // namespace mcp::wandb::expression
