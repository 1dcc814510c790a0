#include "protocol/mcp/completion.hpp"

#include <array>
#include <unordered_set>

namespace mcp {
namespace {

namespace json = boost::json;

failure wrong(const char* what) {
  return {.code = errc::invalid_params,
          .message = std::string("completion/complete: ") + what};
}

const json::object* object_in(const json::object& in, std::string_view name) {
  const auto* v = in.if_contains(name);
  return v ? v->if_object() : nullptr;
}

const json::string* text_in(const json::object& in, std::string_view name) {
  const auto* v = in.if_contains(name);
  return v ? v->if_string() : nullptr;
}

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

/// Also the bytes of characters beyond ASCII: they do not end a word.
bool is_word(char c) {
  return is_capital(c) || is_small(c) || (c >= '0' && c <= '9')
         || static_cast<unsigned char>(c) >= 0x80;
}

std::string lowered(std::string_view s) {
  std::string out(s);
  for (auto& c : out)
    if (is_capital(c))
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool starts_word(std::string_view s, std::size_t at) {
  return at == 0 || !is_word(s[at - 1])
         || (is_capital(s[at]) && is_small(s[at - 1]));
}

/// 0 from the start, 1 from a word's start, 2 from within, 3 not at all.
std::size_t rank(std::string_view candidate, const std::string& typed) {
  if (typed.empty())
    return 0;
  const auto low = lowered(candidate);
  std::size_t best = 3;
  for (auto at = low.find(typed); at != low.npos;
       at = low.find(typed, at + 1)) {
    if (at == 0)
      return 0;
    best = 2;
    if (starts_word(candidate, at))
      return 1;
  }
  return best;
}

} // namespace

result<completion_question> read_completion(const json::object& params) {
  completion_question out;
  const auto* ref = object_in(params, "ref");
  const auto* type = ref ? text_in(*ref, "type") : nullptr;
  if (!type || (*type != "ref/prompt" && *type != "ref/resource"))
    return wrong("\"ref.type\" must be ref/prompt or ref/resource");
  const bool prompt = *type == "ref/prompt";
  out.of = prompt ? completion_question::subject::prompt
                  : completion_question::subject::resource_template;
  const auto* name = text_in(*ref, prompt ? "name" : "uri");
  if (!name)
    return wrong(prompt ? "\"ref.name\" must be a string"
                        : "\"ref.uri\" must be a string");
  out.name = *name;
  const auto* argument = object_in(params, "argument");
  const auto* argument_name = argument ? text_in(*argument, "name") : nullptr;
  const auto* value = argument ? text_in(*argument, "value") : nullptr;
  if (!argument_name || !value)
    return wrong("\"argument\" needs \"name\" and \"value\", both strings");
  out.argument = *argument_name;
  out.typed = *value;
  const auto* context = object_in(params, "context");
  const auto* decided = context ? object_in(*context, "arguments") : nullptr;
  if (decided)
    for (const auto& [key, v] : *decided)
      if (v.is_string())
        out.context.emplace(key, v.get_string());
  return out;
}

completion_matches
match_completion(std::string_view typed,
                 const std::vector<std::string>& candidates) {
  const auto low = lowered(typed);
  std::array<std::vector<const std::string*>, 3> groups;
  std::unordered_set<std::string_view> seen;
  for (const auto& c : candidates) {
    const auto group = rank(c, low);
    if (group < groups.size() && seen.insert(c).second)
      groups[group].push_back(&c);
  }
  completion_matches out;
  out.total = seen.size();
  for (const auto& group : groups)
    for (const auto* c : group)
      if (out.values.size() < completion_matches::max_values)
        out.values.push_back(*c);
  return out;
}

json::object completion_result(const completion_matches& matches) {
  json::array values;
  for (const auto& v : matches.values)
    values.emplace_back(v);
  return {{"completion", json::object{{"values", std::move(values)},
                                      {"total", matches.total},
                                      {"hasMore", matches.has_more()}}}};
}

} // namespace mcp
