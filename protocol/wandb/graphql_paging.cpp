#include "protocol/wandb/graphql_paging.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace mcp::wandb {
namespace {

using namespace graphql;
namespace json = boost::json;

graphql_problem invalid(std::string message) {
  return {.what = graphql_problem::kind::invalid,
          .message = std::move(message)};
}

std::string joined(const std::vector<std::string>& path) {
  std::string out;
  for (const auto& name : path)
    out += (out.empty() ? "" : ".") + name;
  return out;
}

/// How often each variable is used anywhere in the document.
class variable_uses {
public:
  explicit variable_uses(const document& d) {
    for (const auto& o : d.operations) {
      directives(o.directives);
      selections(o.selections);
      for (const auto& v : o.variables)
        count_.try_emplace(v.name, 0);
    }
    for (const auto& f : d.fragments) {
      directives(f.directives);
      selections(f.selections);
    }
  }

  std::size_t of(const std::string& name) const {
    const auto found = count_.find(name);
    return found == count_.end() ? 0 : found->second;
  }
  bool knows(const std::string& name) const { return count_.contains(name); }

private:
  void selections(const std::vector<selection>& list) {
    for (const auto& s : list) {
      arguments(s.arguments);
      directives(s.directives);
      selections(s.selections);
    }
  }
  void directives(const std::vector<directive>& list) {
    for (const auto& d : list)
      arguments(d.arguments);
  }
  void arguments(const std::vector<argument>& list) {
    for (const auto& a : list)
      values(a.given);
  }
  void values(const value& v) {
    if (v.what == value::kind::variable)
      ++count_[v.text];
    for (const auto& item : v.items)
      values(item);
  }

  std::map<std::string, std::size_t> count_;
};

const value* argument_of(const selection& field, std::string_view name) {
  for (const auto& a : field.arguments)
    if (a.name == name)
      return &a.given;
  return nullptr;
}

/// What an argument comes to with the caller's variables; null when it is
/// absent or nothing is given for its variable.
json::value resolve(const value* given, const operation& o,
                    const json::object& variables) {
  if (!given)
    return nullptr;
  switch (given->what) {
  case value::kind::variable: {
    if (const auto* found = variables.if_contains(given->text))
      return *found;
    for (const auto& v : o.variables)
      if (v.name == given->text && v.fallback)
        return resolve(&*v.fallback, o, json::object{});
    return nullptr;
  }
  case value::kind::null:
    return nullptr;
  case value::kind::boolean:
    return given->text == "true";
  case value::kind::integer: {
    std::int64_t number = 0;
    const auto* end = given->text.data() + given->text.size();
    const auto [at, error] = std::from_chars(given->text.data(), end, number);
    if (error == std::errc{} && at == end)
      return number;
    break; // beyond 64 bits: shown as it stands, and refused as a number
  }
  default:
    break;
  }
  // A marker that neither a number nor a cursor can be mistaken for.
  if (given->what == value::kind::string)
    return json::string(given->text);
  return json::array{};
}

/// A page size as callers write it: a number, or digits in a text.
std::optional<std::int64_t> page_size(const json::value& v) {
  if (const auto* text = v.if_string()) {
    std::int64_t out = 0;
    const auto* end = text->data() + text->size();
    const auto [at, error] = std::from_chars(text->data(), end, out);
    if (error != std::errc{} || at != end)
      return std::nullopt;
    return out;
  }
  if (!v.is_number())
    return std::nullopt;
  boost::system::error_code error;
  const auto out = v.to_number<std::int64_t>(error);
  if (error)
    return std::nullopt;
  return out;
}

bool pages_backwards(const graphql_connection& c, const operation& o,
                     const json::object& variables) {
  for (const auto* name : {"last", "before"})
    if (!resolve(argument_of(*c.fields.front(), name), o, variables).is_null())
      return true;
  return false;
}

/// Changes to a text, made all at once so that offsets stay true.
class splices {
public:
  void replace(span where, std::string text) {
    changes_.push_back({where, std::move(text)});
  }
  std::string apply(std::string_view text) {
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const auto& a, const auto& b) {
                       return a.where.begin < b.where.begin;
                     });
    std::string out;
    std::size_t at = 0;
    for (const auto& c : changes_) {
      out += text.substr(at, c.where.begin - at);
      out += c.text;
      at = c.where.end;
    }
    out += text.substr(at);
    return out;
  }

private:
  struct change {
    span where;
    std::string text;
  };
  std::vector<change> changes_;
};

/// Makes one argument of the connection come from a variable.
class argument_rewriter {
public:
  argument_rewriter(const graphql_connection& c, const operation& o,
                    const variable_uses& uses, const json::object& variables)
      : connection_(c), operation_(o), uses_(uses), variables_(variables) {}

  /// Gives the variable's name: the caller's own if nothing else depends on it,
  /// else a new one, declared as `type`.
  std::string use(std::string_view argument_name, const std::string& wish,
                  const std::string& type) {
    const auto* given = argument_of(*connection_.fields.front(), argument_name);
    if (given && given->what == value::kind::variable) {
      std::size_t here = 0;
      for (const auto* f : connection_.fields)
        if (const auto* v = argument_of(*f, argument_name))
          here += v->what == value::kind::variable && v->text == given->text;
      if (here == uses_.of(given->text) && here == connection_.fields.size())
        return given->text;
    }
    auto name = wish;
    for (int i = 2; uses_.knows(name) || variables_.contains(name); ++i)
      name = wish + std::to_string(i);
    declarations_ += (declarations_.empty() ? "$" : ", $") + name + ": " + type;
    for (const auto* f : connection_.fields)
      if (const auto* v = argument_of(*f, argument_name))
        changes_.replace(v->where, "$" + name);
      else
        missing_[f] += (missing_[f].empty() ? "" : ", ")
                       + std::string(argument_name) + ": $" + name;
    return name;
  }

  std::string rewritten(std::string_view text) {
    for (const auto& [field, arguments] : missing_) {
      const auto at = field->arguments_at;
      if (at.begin == at.end)
        changes_.replace(at, "(" + arguments + ")");
      else
        changes_.replace({at.end - 1, at.end - 1}, ", " + arguments);
    }
    if (!declarations_.empty()) {
      const auto& o = operation_;
      auto list =
        o.variables.empty() ? "(" + declarations_ + ")" : ", " + declarations_;
      if (o.shorthand)
        list = "query " + list + " ";
      changes_.replace({o.variables_at, o.variables_at}, std::move(list));
    }
    return changes_.apply(text);
  }

private:
  const graphql_connection& connection_;
  const operation& operation_;
  const variable_uses& uses_;
  const json::object& variables_;
  std::string declarations_;
  std::map<const selection*, std::string> missing_;
  splices changes_;
};

} // namespace

graphql_result<page_plan> plan_pages(std::string_view text,
                                     const document& parsed,
                                     const json::object& variables,
                                     const page_request& request) {
  const auto& o = parsed.operations.front();
  const auto all = find_connections(parsed);
  page_plan plan;
  plan.document = std::string(text);
  const auto blocked = [&](const graphql_connection& c) -> std::string {
    if (c.shared)
      return "shared_fragment";
    return pages_backwards(c, o, variables) ? "pages_backwards" : "";
  };
  const graphql_connection* chosen = nullptr;
  for (const auto& c : all.outer) {
    if (request.path && joined(c.path) != *request.path)
      continue;
    const auto why_not = blocked(c);
    if (why_not.empty()) {
      chosen = &c;
      break;
    }
    if (plan.why_not.empty())
      plan.why_not = why_not;
  }
  for (const auto& c : all.outer)
    if (&c != chosen)
      plan.others.push_back(joined(c.path));
  for (const auto& path : all.nested)
    plan.others.push_back(joined(path));
  if (!chosen) {
    if (request.path && plan.why_not.empty()) {
      std::string known;
      for (const auto& c : all.outer)
        known += (known.empty() ? "" : ", ") + joined(c.path);
      return invalid("there is no connection at that path to follow; "
                     + (known.empty()
                          ? "the document has none with edges and pageInfo "
                            "{ hasNextPage endCursor }"
                          : "the document has: " + known));
    }
    if (plan.why_not.empty())
      plan.why_not = "no_connection";
    return plan;
  }

  const auto& field = *chosen->fields.front();
  const auto wrong = [&](const value* v, std::string message) {
    auto problem = graphql_problem_at(text, v->where.begin, std::move(message));
    problem.what = graphql_problem::kind::invalid;
    return problem;
  };
  plan.max_items = request.max_items;
  const auto* first = argument_of(field, "first");
  if (const auto asked = resolve(first, o, variables); !asked.is_null()) {
    const auto size = page_size(asked);
    if (!size || *size < 1)
      return wrong(first, "\"first\" must be a whole number of at least 1");
    plan.max_items = std::min(plan.max_items, *size);
  }
  const auto* after = argument_of(field, "after");
  plan.start = resolve(after, o, variables);
  if (!plan.start.is_null() && !plan.start.is_string())
    return wrong(after, "\"after\" must be a cursor, which is a text");

  const variable_uses uses(parsed);
  argument_rewriter rewriter(*chosen, o, uses, variables);
  plan.paged = true;
  plan.why_not.clear();
  plan.path = chosen->path;
  plan.names = chosen->names;
  plan.first_variable = rewriter.use("first", "wbFirst", "Int!");
  plan.after_variable = rewriter.use("after", "wbAfter", "String");
  plan.document = rewriter.rewritten(text);
  return plan;
}

} // namespace mcp::wandb
