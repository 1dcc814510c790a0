#include "tools/catalog_names.hpp"

#include "protocol/mcp/uri_template.hpp"
#include "protocol/mcp/utf8.hpp"
#include "protocol/near_names.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

const withheld* find_withheld(const offer& all, withheld::kind kind,
                              std::string_view name) {
  const auto found = std::find_if(
    all.off.begin(), all.off.end(), [&](const withheld& w) {
      return w.what == kind && w.name == name;
    });
  return found == all.off.end() ? nullptr : &*found;
}

struct wording {
  withheld::kind kind;
  std::string_view noun;
  std::string_view list; // the method that names them
};

std::string unknown(const offer& all, const wording& w, std::string_view name,
                    const std::vector<std::string_view>& offered) {
  const std::string noun(w.noun);
  if (const auto* off = find_withheld(all, w.kind, name))
    return "the " + noun + " \"" + off->name
           + "\" is switched off on this server by its operator (" + off->why
           + ")";
  auto out = "unknown " + noun + " \"" + quotable(name) + "\"";
  if (const auto near = near_names(name, offered); !near.empty())
    return out + "; " + did_you_mean(near) + " " + std::string(w.list)
           + " names all there are";
  std::vector<std::string_view> hidden;
  for (const auto& h : all.off)
    if (h.what == w.kind)
      hidden.push_back(h.name);
  if (const auto near = near_names(name, hidden, 1); !near.empty())
    out += "; " + near.front()
           + " is near, but switched off on this server by its operator ("
           + find_withheld(all, w.kind, near.front())->why + ")";
  return out + (offered.empty() ? "; there is none"
                                : "; there are: " + listed(offered));
}

template <class T>
std::vector<std::string_view> names_of(const std::vector<const T*>& all) {
  std::vector<std::string_view> out;
  for (const auto* one : all)
    out.push_back(one->name);
  return out;
}

} // namespace

std::string unknown_tool(const offer& all, std::string_view name) {
  return unknown(all, {withheld::kind::tool, "tool", "tools/list"}, name,
                 names_of(all.tools));
}

std::string unknown_prompt(const offer& all, std::string_view name) {
  return unknown(all, {withheld::kind::prompt, "prompt", "prompts/list"}, name,
                 names_of(all.prompts));
}

std::string unknown_uri(const offer& all, std::string_view uri) {
  for (const auto& w : all.off)
    if (w.what == withheld::kind::resource_template)
      if (const auto t = uri_template::compile(w.name); t && t->match(uri))
        return "resources like " + w.name
               + " are switched off on this server by its operator (" + w.why
               + ")";
  std::vector<std::string_view> uris;
  for (const auto* r : all.resources)
    uris.push_back(r->uri);
  auto out = "there is no such resource \"" + quotable(uri, 128) + "\"";
  if (const auto near = near_names(uri, uris); !near.empty())
    return out + "; " + did_you_mean(near);
  for (const auto* t : all.templates)
    uris.push_back(t->uri_template);
  return out
         + (uris.empty() ? "; there is none" : "; there are: " + listed(uris));
}

} // namespace mcp::tools
