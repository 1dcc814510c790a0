#include "server/pages/connect.hpp"

#include "server/pages/assets.hpp"
#include "server/pages/clients.hpp"
#include "server/pages/sign_in.hpp"

namespace mcp {
namespace {

html connected(const connect_view& v) {
  if (v.connected.empty())
    return fill("<p>No client is connected by sign-in.</p>\n");
  html rows;
  for (const auto& c : v.connected)
    rows += fill(
      R"(<tr><td><strong>{{name}}</strong></td>
<td>{{scope}}</td><td>since {{since}}, last used {{used}}</td>
<td><form method="post" action="/connect">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="family" value="{{family}}">
<button class="quiet small" name="action" value="revoke"
  aria-label="Revoke {{name}}">Revoke</button></form></td></tr>
)",
      {{"name", c.name},
       {"scope",
        c.scope.find("write") == c.scope.npos ? "reads" : "reads and writes"},
       {"since", c.since},
       {"used", c.last_used},
       {"csrf", v.csrf},
       {"family", c.family}});
  return fill(R"(<table>
<thead><tr><th>Client</th><th>May</th><th>Connected</th><th></th></tr></thead>
<tbody>
{{rows}}</tbody></table>
)",
              {{"rows", rows}});
}

html yours(const connect_view& v, const std::string& key_url) {
  if (!v.offers_sign_in)
    return {};
  if (v.user.empty())
    return fill(R"(<h2 id="yours">See and end your connections</h2>
<p>Clients that you signed in to W&amp;B here. Your key only looks them up; this
server doesn't keep it.</p>
<form method="post" action="/connect">
<input type="hidden" name="csrf" value="{{csrf}}">
<label for="api_key">W&amp;B API key</label>
<input type="password" id="api_key" name="api_key" autocomplete="off"
  autocapitalize="none" spellcheck="false" {{state}}>
{{problem}}<p class="soft" id="key_help">Copy it from
  <a href="{{key_url}}" target="_blank"
  rel="noopener noreferrer">{{key_url}}</a>.</p>
<div class="buttons"><button name="action" value="sign_in">Show my
  connections</button></div>
</form>
)",
                {{"problem", field_problem(v.problem)},
                 {"state", field_state(!v.problem.empty(), "key_help")},
                 {"csrf", v.csrf},
                 {"key_url", key_url}});
  html alerts;
  if (!v.problem.empty())
    alerts += fill(R"(<p class="alert" role="alert">{{text}}</p>)",
                   {{"text", v.problem}});
  if (!v.done.empty())
    alerts += fill(R"(<p class="alert good" role="status">{{text}}</p>)",
                   {{"text", v.done}});
  return fill(R"(<h2 id="yours">Connected in the name of {{user}}</h2>
{{alerts}}
{{table}}
<form method="post" action="/connect" class="buttons">
<input type="hidden" name="csrf" value="{{csrf}}">
<button class="quiet small" name="action" value="sign_out">Sign out
  here</button>
</form>
)",
              {{"user", v.user},
               {"alerts", alerts},
               {"table", connected(v)},
               {"csrf", v.csrf}});
}

} // namespace

std::string connect_page(const connect_view& v, const std::string& key_url) {
  html key;
  if (v.takes_keys && !v.offers_sign_in)
    key = fill(R"(<p>You need your W&amp;B API key from
  <a href="{{key_url}}" rel="noopener noreferrer">{{key_url}}</a>. Keep it in an
  environment variable where you can: whoever has it can do what you can.</p>)",
               {{"key_url", key_url}});
  const auto body = fill(R"(<main data-shown-origin="{{guess}}">
<p class="brand"><a href="/">wandb-mcp-server</a></p>
<h1>Connect a client</h1>
{{first}}
<p>The address of this server:</p>
{{address}}
{{key}}
{{clients}}
{{yours}}
</main>)",
                         {{"guess", v.guessed_origin},
                          {"address", snippet(v.url)},
                          {"key", key},
                          {"clients", client_list(v)},
                          // Who signed in came for this.
                          {v.user.empty() ? "yours" : "first",
                           yours(v, key_url)}});
  return whole_page("Connect a client", body, true);
}

} // namespace mcp
