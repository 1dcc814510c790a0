#include "tools/models_older.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mcp::tools {
namespace {

// How validators say that a field, an argument or a type is not in the schema,
// in small letters: graphql-js, gqlgen, graphql-go and most others repeat the
// reference's words; the rest have their own.
constexpr std::array<std::string_view, 23> refusals{
  "cannot query field", // the reference's, Sangria's, Lacinia's
  "can't query field",
  "unknown argument",
  "unknown field", // Juniper, async-graphql; "unknown field argument" of Java
  "unknown type",
  "unknown directive",
  "field must not be",
  "must not have a selection", // it became a scalar
  "must not have a sub selection",
  "must have a selection", // it was one once
  "must have a sub selection",
  "doesn't exist on type", // Ruby
  "does not exist on type",
  "does not exist on the type", // Hot Chocolate
  "doesn't accept argument",
  "does not accept argument",
  "has no argument named", // Hasura
  "not found in type",
  "has no field",
  "no such field",
  "undefined field",
  "is not defined by type", // a member of an input object
  "is not defined on type",
};

} // namespace

bool is_unknown_name(const failure& why) {
  std::string text = why.message;
  for (char& c : text)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  // GraphQL Java names its rules as well: "(FieldUndefined@[run/x])".
  if (text.find("fieldundefined") != text.npos
      || text.find("unknownargument") != text.npos
      || (text.find("field") != text.npos
          && text.find("is undefined") != text.npos))
    return true;
  return std::any_of(refusals.begin(), refusals.end(), [&text](auto words) {
    return text.find(words) != text.npos;
  });
}

task<json::object> graphql_or_reduced(call_context& context, query_texts texts,
                                      json::object variables) {
  // Nothing can be awaited inside a handler.
  try {
    co_return co_await context.graphql(texts.full, variables);
  } catch (const failure_exception& error) {
    if (!is_unknown_name(error.reason))
      throw;
  }
  co_return co_await context.graphql(texts.reduced, std::move(variables));
}

} // namespace mcp::tools
