#include "protocol/json/schema.hpp"

#include "protocol/json/parse.hpp"

#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <cmath>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

namespace mcp {
namespace {

namespace json = boost::json;
using adapter = valijson::adapters::BoostJsonAdapter;

constexpr std::size_t max_reported = 5;

/// The types a property admits: of "type" and of the branches of "anyOf".
std::set<std::string> types_of(const json::object& schema) {
  std::set<std::string> out;
  if (const auto* type = schema.if_contains("type")) {
    if (const auto* one = type->if_string())
      out.emplace(*one);
    else if (const auto* several = type->if_array())
      for (const auto& t : *several)
        if (const auto* name = t.if_string())
          out.emplace(*name);
  }
  if (const auto* any = schema.if_contains("anyOf"); any && any->is_array())
    for (const auto& branch : any->get_array())
      if (const auto* object = branch.if_object())
        out.merge(types_of(*object));
  return out;
}

std::string_view kind_of(const json::value& v) {
  switch (v.kind()) {
  case json::kind::null:
    return "null";
  case json::kind::bool_:
    return "a boolean";
  case json::kind::int64:
  case json::kind::uint64:
    return "an integer";
  case json::kind::double_:
    return "a number";
  case json::kind::string:
    return "a string";
  case json::kind::array:
    return "an array";
  case json::kind::object:
    return "an object";
  }
  return "nothing";
}

std::string with_article(const std::string& type) {
  if (type == "null")
    return type;
  return (type.find_first_of("aeiou") == 0 ? "an " : "a ") + type;
}

std::string number_text(const json::value& v) {
  return json::serialize(v);
}

/// "an integer from 1 to 200", "one of \"asc\", \"desc\"", "a string or null".
std::string expectation(const json::object& schema) {
  if (const auto* options = schema.if_contains("enum");
      options && options->is_array()) {
    std::string out = "one of ";
    for (const auto& o : options->get_array())
      out += (out.size() > 7 ? ", " : "") + json::serialize(o);
    return out;
  }
  std::string out;
  for (const auto& type : types_of(schema))
    if (type != "null")
      out += (out.empty() ? "" : " or ") + with_article(type);
  const auto* low = schema.if_contains("minimum");
  const auto* high = schema.if_contains("maximum");
  if (low && high)
    out += " from " + number_text(*low) + " to " + number_text(*high);
  else if (low)
    out += " of at least " + number_text(*low);
  else if (high)
    out += " of at most " + number_text(*high);
  if (const auto* least = schema.if_contains("minLength"))
    out += " of at least " + number_text(*least) + " characters";
  if (const auto* most = schema.if_contains("maxLength"))
    out += " of at most " + number_text(*most) + " characters";
  if (const auto* least = schema.if_contains("minItems"))
    out += " of at least " + number_text(*least) + " items";
  if (const auto* most = schema.if_contains("maxItems"))
    out += " of at most " + number_text(*most) + " items";
  if (const auto* items = schema.if_contains("items");
      items && items->is_object())
    out += " (each " + expectation(items->get_object()) + ")";
  if (types_of(schema).contains("null"))
    out += " or null";
  if (const auto* any = schema.if_contains("anyOf"); any && any->is_array())
    for (const auto& branch : any->get_array())
      if (const auto* object = branch.if_object();
          object && (object->contains("enum") || object->contains("minimum")))
        return expectation(*object) + " or null";
  return out.empty() ? "another value" : out;
}

bool is_integral(double d) {
  return std::trunc(d) == d && std::abs(d) <= 9007199254740992.0;
}

void coerce(json::value& v, const std::set<std::string>& types) {
  const auto wants = [&](const char* t) { return types.contains(t); };
  if (auto* text = v.if_string(); text && !wants("string")) {
    auto parsed = parse_json(
      *text, {.max_depth = 64, .max_values = 250'000, .unique_members = true});
    if (!parsed)
      return;
    const bool structure = (parsed->is_object() && wants("object"))
                           || (parsed->is_array() && wants("array"))
                           || (parsed->is_null() && wants("null"));
    const bool scalar =
      (parsed->is_number() && (wants("integer") || wants("number")))
      || (parsed->is_bool() && wants("boolean"));
    if (!structure && !scalar)
      return;
    v = std::move(*parsed);
  }
  if (v.is_double() && wants("integer") && !wants("number")
      && is_integral(v.get_double()))
    v = static_cast<std::int64_t>(v.get_double());
  if (v.is_int64() && wants("boolean") && !wants("integer") && !wants("number")
      && (v.get_int64() == 0 || v.get_int64() == 1))
    v = v.get_int64() == 1;
}

/// "<root>", "[limit]" -> "limit"; "[keys]", "[0]" -> "keys[0]".
std::string path_text(const std::vector<std::string>& context) {
  std::string out;
  for (const auto& step : context) {
    if (step.size() < 2 || step.front() != '[')
      continue;
    const auto name = step.substr(1, step.size() - 2);
    const bool index =
      !name.empty() && name.find_first_not_of("0123456789") == name.npos;
    if (index && !out.empty())
      out += step;
    else
      out += (out.empty() ? "" : ".") + name;
  }
  return out;
}

} // namespace

struct argument_schema::impl {
  json::object document;
  json::object properties;
  std::set<std::string, std::less<>> required;
  valijson::Schema compiled;

  /// The sub-schema a context path leads to, as far as that is simple.
  const json::object* at(const std::vector<std::string>& context) const {
    const json::object* here = &document;
    for (const auto& step : context) {
      if (step.size() < 2 || step.front() != '[')
        continue;
      const auto name = step.substr(1, step.size() - 2);
      const auto* inner = here->if_contains("properties");
      const json::value* next = nullptr;
      if (inner && inner->is_object())
        next = inner->get_object().if_contains(name);
      if (!next)
        next = here->if_contains("items");
      if (!next || !next->is_object())
        return nullptr;
      here = &next->get_object();
    }
    return here == &document ? nullptr : here;
  }
};

argument_schema::argument_schema(std::string_view schema_text) {
  auto made = std::make_unique<impl>();
  auto parsed = parse_json(schema_text, {.unique_members = true});
  if (!parsed || !parsed->is_object())
    throw std::invalid_argument("a tool's input schema is not a JSON object: "
                                + std::string(schema_text.substr(0, 200)));
  made->document = parsed->get_object();
  if (const auto* p = made->document.if_contains("properties"))
    made->properties = p->as_object();
  if (const auto* names = made->document.if_contains("required"))
    for (const auto& name : names->as_array())
      made->required.emplace(name.as_string());
  valijson::SchemaParser parser;
  const json::value root(made->document);
  parser.populateSchema(adapter(root), made->compiled);
  impl_ = std::move(made);
}

argument_schema::~argument_schema() = default;
argument_schema::argument_schema(argument_schema&&) noexcept = default;
argument_schema&
argument_schema::operator=(argument_schema&&) noexcept = default;

result<json::object> argument_schema::accept(json::object arguments) const {
  json::object kept;
  for (const auto& [name, schema] : impl_->properties) {
    const auto& rules = schema.as_object();
    const auto types = types_of(rules);
    auto* given = arguments.if_contains(name);
    // Some clients write null for what they leave out.
    if (given && given->is_null() && !types.empty() && !types.contains("null")
        && !impl_->required.contains(name))
      given = nullptr;
    if (given) {
      if (!types.empty())
        coerce(*given, types);
      kept.emplace(name, std::move(*given));
    } else if (const auto* preset = rules.if_contains("default")) {
      kept.emplace(name, *preset);
    }
  }
  std::string wrong;
  std::size_t count = 0;
  const auto report = [&](const std::string& line) {
    if (++count <= max_reported)
      wrong += (wrong.empty() ? "" : "; ") + line;
  };
  for (const auto& name : impl_->required)
    if (!kept.contains(name)) {
      const auto* rules = impl_->properties.if_contains(name);
      report(name + ": missing, expected "
             + (rules ? expectation(rules->as_object()) : "a value"));
    }
  if (count == 0) {
    const json::value subject(kept);
    valijson::ValidationResults problems;
    valijson::Validator validator;
    if (validator.validate(impl_->compiled, adapter(subject), &problems))
      return kept;
    std::set<std::string> named;
    valijson::ValidationResults::Error problem;
    while (problems.popError(problem)) {
      const auto path = path_text(problem.context);
      if (path.empty() || !named.insert(path).second)
        continue;
      const auto* rules = impl_->at(problem.context);
      std::string line = path + ": ";
      if (rules)
        line += "expected " + expectation(*rules);
      else
        line += problem.description;
      if (const auto* value = kept.if_contains(path))
        line += std::string(", got ") + std::string(kind_of(*value));
      report(line);
    }
    if (count == 0)
      report("the arguments do not fit the tool's input schema");
  }
  if (count > max_reported)
    wrong += "; and " + std::to_string(count - max_reported) + " more";
  return failure{.code = errc::bad_argument, .message = std::move(wrong)};
}

} // namespace mcp
