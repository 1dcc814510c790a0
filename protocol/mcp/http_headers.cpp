#include "protocol/mcp/http_headers.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace mcp {
namespace {

namespace json = boost::json;

constexpr std::string_view mark = "x-mcp-header";
constexpr std::string_view opening = "=?base64?";
constexpr std::string_view closing = "?=";

std::string_view trim(std::string_view s) {
  const auto first = s.find_first_not_of(" \t");
  if (first == s.npos)
    return {};
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

bool is_encoded(std::string_view s) {
  return s.size() >= opening.size() + closing.size() && s.starts_with(opening)
         && s.ends_with(closing);
}

/// RFC 9110, 5.6.2: tchar.
bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9')
         || std::string_view("!#$%&'*+-.^_`|~").find(c)
              != std::string_view::npos;
}

bool is_field_char(char c) {
  return c == '\t' || (c >= 0x20 && c <= 0x7E);
}

std::string lowered(std::string_view s) {
  std::string out(s);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string joined(const std::vector<std::string>& path) {
  std::string out;
  for (const auto& p : path)
    out += (out.empty() ? "" : ".") + p;
  return out;
}

/// Collects the marks of a schema and of all schemas inside it.
class mark_finder {
public:
  std::vector<header_parameter> found;
  std::optional<failure> wrong;

  /// `reachable`: by "properties" alone.
  void schema(const json::value& v, bool reachable) {
    if (wrong)
      return;
    if (const auto* several = v.if_array()) {
      for (const auto& s : *several)
        schema(s, false);
      return;
    }
    const auto* object = v.if_object();
    if (!object)
      return;
    if (const auto* name = object->if_contains(mark))
      take(*object, *name, reachable);
    for (const auto& [keyword, value] : *object) {
      if (keyword == "properties")
        properties(value, reachable);
      else if (is_schema_map(keyword))
        properties(value, false);
      else if (!is_data(keyword))
        schema(value, false);
    }
  }

private:
  /// Keywords whose members are names and schemas.
  static bool is_schema_map(std::string_view keyword) {
    return keyword == "$defs" || keyword == "definitions"
           || keyword == "patternProperties" || keyword == "dependentSchemas";
  }
  /// Keywords whose values are no schemas.
  static bool is_data(std::string_view keyword) {
    return keyword == "const" || keyword == "enum" || keyword == "default"
           || keyword == "examples" || keyword == mark;
  }

  void properties(const json::value& v, bool reachable) {
    const auto* object = v.if_object();
    if (!object)
      return;
    for (const auto& [name, value] : *object) {
      path_.emplace_back(name);
      schema(value, reachable);
      path_.pop_back();
    }
  }

  void take(const json::object& at, const json::value& name, bool reachable) {
    const auto* text = name.if_string();
    if (!text || text->empty()
        || !std::all_of(text->begin(), text->end(), is_token_char))
      return refuse("is not a header token");
    if (!reachable || path_.empty())
      return refuse("is not on a property reached by \"properties\" alone");
    const auto* type = at.if_contains("type");
    const auto* type_name = type ? type->if_string() : nullptr;
    if (!type_name
        || (*type_name != "string" && *type_name != "integer"
            && *type_name != "boolean"))
      return refuse("is not on a string, an integer or a boolean");
    if (!names_.insert(lowered(*text)).second)
      return refuse("is there twice");
    found.push_back({"Mcp-Param-" + std::string(*text), path_});
  }

  void refuse(const char* why) {
    wrong =
      failure{.code = errc::bad_argument,
              .message = "x-mcp-header at \"" + joined(path_) + "\" " + why};
  }

  std::vector<std::string> path_;
  std::set<std::string> names_;
};

/// A header's number against the body's.
bool same_number(std::string_view text, const json::value& body) {
  // from_chars would also take "inf" and "nan".
  if (text.empty() || (text[0] != '-' && (text[0] < '0' || text[0] > '9')))
    return false;
  const auto* end = text.data() + text.size();
  if (body.is_int64()) {
    std::int64_t whole = 0;
    const auto read = std::from_chars(text.data(), end, whole);
    if (read.ec == std::errc{} && read.ptr == end)
      return whole == body.get_int64();
  }
  double number = 0;
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end
         && number == body.to_number<double>();
}

bool same_value(std::string_view text, const json::value& body) {
  if (const auto* s = body.if_string())
    return text == std::string_view(*s);
  if (body.is_bool())
    return text == (body.get_bool() ? "true" : "false");
  return body.is_number() && same_number(text, body);
}

/// The value at a path; null when there is none.
const json::value* value_at(const json::object& in,
                            const std::vector<std::string>& path) {
  const json::object* at = &in;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto* v = at->if_contains(path[i]);
    if (!v || v->is_null())
      return nullptr;
    if (i + 1 == path.size())
      return v;
    at = v->if_object();
    if (!at)
      return nullptr;
  }
  return nullptr;
}

/// The member of the params that Mcp-Name mirrors; empty when none is.
std::string_view name_member(std::string_view method) {
  if (method == "tools/call" || method == "prompts/get")
    return "name";
  if (method == "resources/read")
    return "uri";
  if (method == "tasks/get" || method == "tasks/update"
      || method == "tasks/cancel")
    return "taskId";
  return {};
}

} // namespace

std::optional<std::string> decode_header_value(std::string_view header) {
  const auto value = trim(header);
  if (!std::all_of(value.begin(), value.end(), is_field_char))
    return {};
  if (!is_encoded(value))
    return std::string(value);
  const auto payload = value.substr(
    opening.size(), value.size() - opening.size() - closing.size());
  std::string out(payload.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()),
                        out.size(), payload.data(), payload.size(), nullptr,
                        &size, nullptr, sodium_base64_VARIANT_ORIGINAL)
      != 0)
    return {};
  out.resize(size);
  return out;
}

std::string encode_header_value(std::string_view value) {
  if (trim(value) == value && !is_encoded(value)
      && std::all_of(value.begin(), value.end(), is_field_char))
    return std::string(value);
  std::string text(
    sodium_base64_encoded_len(value.size(), sodium_base64_VARIANT_ORIGINAL),
    '\0');
  sodium_bin2base64(text.data(), text.size(),
                    reinterpret_cast<const unsigned char*>(value.data()),
                    value.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back(); // the terminating zero it counts
  return std::string(opening) + text + std::string(closing);
}

result<std::vector<header_parameter>>
header_parameters(const json::object& input_schema) {
  mark_finder finder;
  finder.schema(input_schema, true);
  if (finder.wrong)
    return *finder.wrong;
  return std::move(finder.found);
}

objection check_standard_headers(const jsonrpc::message& m,
                                 const header_lookup& headers) {
  if (m.kind != jsonrpc::message_kind::request)
    return {};
  const auto method = headers("Mcp-Method");
  if (!method)
    return refuse_headers("the Mcp-Method header is missing");
  if (trim(*method) != m.method)
    return refuse_headers("the Mcp-Method header is not the body's method");
  const auto member = name_member(m.method);
  const auto* body = member.empty() ? nullptr : m.params.if_contains(member);
  if (!body || !body->is_string())
    return {};
  const auto where = "params." + std::string(member);
  const auto name = headers("Mcp-Name");
  if (!name)
    return refuse_headers("the Mcp-Name header is missing: it must be "
                          + where);
  const auto decoded = decode_header_value(*name);
  if (!decoded)
    return refuse_headers("the Mcp-Name header is malformed");
  if (*decoded != std::string_view(body->get_string()))
    return refuse_headers("the Mcp-Name header is not " + where);
  return {};
}

objection
check_parameter_headers(const std::vector<header_parameter>& parameters,
                        const json::object& arguments,
                        const header_lookup& headers) {
  for (const auto& p : parameters) {
    const auto given = headers(p.header);
    const auto* body = value_at(arguments, p.path);
    if (!given && !body)
      continue;
    const auto where = "argument " + joined(p.path);
    if (!given)
      return refuse_headers("the " + p.header + " header is missing: it must "
                            + "be the " + where);
    const auto decoded = decode_header_value(*given);
    if (!decoded)
      return refuse_headers("the " + p.header + " header is malformed");
    if (!body || !same_value(*decoded, *body))
      return refuse_headers("the " + p.header + " header is not the " + where);
  }
  return {};
}

} // namespace mcp
