#include "protocol/json/schema.hpp"

#include "protocol/json/coercion.hpp"
#include "protocol/json/parse.hpp"
#include "protocol/mcp/utf8.hpp"
#include "protocol/near_names.hpp"

#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

namespace mcp {
namespace {

namespace json = boost::json;
using adapter = valijson::adapters::BoostJsonAdapter;

constexpr std::size_t max_reported = 5;
constexpr std::size_t longest_name = 36;
constexpr std::size_t longest_shown = 24; // far below that of an API key

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

/// What came, for whom it would help: a short text, or its kind.
std::string shown(const json::value& v) {
  const auto* text = v.if_string();
  if (text && text->size() <= longest_shown)
    return "the string " + json::serialize(v);
  return std::string(kind_of(v));
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

/// "; did you mean desc?" for a choice that is near one there is.
std::string advice(const json::object& schema, const json::value* given) {
  const auto* choices = schema.if_contains("enum");
  if (!choices || !choices->is_array() || !given || !given->is_string())
    return {};
  std::vector<std::string> names;
  for (const auto& choice : choices->get_array())
    if (const auto* text = choice.if_string())
      names.emplace_back(*text);
  const auto near = near_names(given->get_string(), names);
  return near.empty() ? std::string() : "; " + did_you_mean(near);
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
  std::vector<std::string> names;
  std::set<std::string, std::less<>> required;
  valijson::Schema compiled;

  std::string unknown(std::string_view name) const {
    const auto near = near_names(name, std::span<const std::string>(names));
    std::string out(cut_utf8(name, longest_name));
    out += ": there is no such argument";
    return near.empty() ? out : out + "; " + did_you_mean(near);
  }

  std::string all() const {
    if (names.empty())
      return "The tool takes no arguments.";
    return "The arguments there are: " + listed(names) + ".";
  }

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
  for (const auto& member : made->properties)
    made->names.emplace_back(member.key());
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

const json::object* argument_schema::of(std::string_view name) const {
  const auto* found = impl_->properties.if_contains(name);
  return found ? found->if_object() : nullptr;
}

std::span<const std::string> argument_schema::names() const {
  return impl_->names;
}

result<json::object>
argument_schema::accept(json::object arguments,
                        std::vector<std::string> refused) const {
  std::string wrong;
  std::size_t count = 0;
  const auto report = [&](const std::string& line) {
    if (++count <= max_reported)
      wrong += (wrong.empty() ? "" : "; ") + line;
  };
  for (const auto& line : refused)
    report(line);
  bool unknown = !refused.empty();
  for (const auto& member : arguments)
    if (!impl_->properties.contains(member.key())) {
      unknown = true;
      report(count < max_reported ? impl_->unknown(member.key())
                                  : std::string());
    }
  json::object kept;
  for (const auto& [name, schema] : impl_->properties) {
    const auto& rules = schema.as_object();
    auto* given = arguments.if_contains(name);
    if (given && !is_left_out(*given))
      coerce(*given, rules);
    if (given && is_left_out(*given) && !impl_->required.contains(name))
      given = nullptr;
    if (given)
      kept.emplace(name, std::move(*given));
    else if (const auto* preset = rules.if_contains("default"))
      kept.emplace(name, *preset);
  }
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
      const auto* value = kept.if_contains(path);
      if (value)
        line += ", got " + shown(*value);
      if (rules)
        line += advice(*rules, value);
      report(line);
    }
    if (count == 0)
      report("the arguments do not fit the tool's input schema");
  }
  if (count > max_reported)
    wrong += "; and " + std::to_string(count - max_reported) + " more";
  if (unknown)
    wrong += ". " + impl_->all();
  return failure{.code = errc::bad_argument, .message = std::move(wrong)};
}

} // namespace mcp
