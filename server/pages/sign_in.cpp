#include "server/pages/sign_in.hpp"

#include "server/pages/assets.hpp"

namespace mcp {
namespace {

html alert(const std::string& problem) {
  if (problem.empty())
    return {};
  return fill(R"(<p class="alert" role="alert" id="problem">{{text}}</p>)",
              {{"text", problem}});
}

} // namespace

std::string sign_in_page(const sign_in_view& v, const std::string& key_url) {
  html who;
  if (!v.client_uri.empty())
    who += fill(R"(<p class="soft">Its website: {{uri}}</p>)",
                {{"uri", v.client_uri}});
  if (v.registered_itself)
    who += fill(
      R"(<p class="soft">It gave itself this name, and nobody checked it. Go on only if you started this sign-in yourself.</p>)");
  if (v.device)
    who += fill(
      R"(<p class="alert" role="note">A device asks, and this browser can not tell which. Go on only if the code is on a device in front of you, and you started it.</p>)");
  html leads;
  if (!v.device)
    leads = fill(R"(<p>Afterwards you go to <strong>{{target}}</strong>.</p>)",
                 {{"target", v.target}});
  html write;
  if (v.wants_write)
    write = fill(R"(<label class="choice"><input type="checkbox" name="write"
  value="yes"{{checked}}> <span>Also let it <strong>write</strong>: create
  reports and log analyses in my projects</span></label>)",
                 {{"checked", v.chose_write ? " checked" : ""}});
  const auto body = fill(
    R"(<main class="narrow">
<p class="brand">wandb-mcp-server</p>
<div class="card">
<h1>Connect {{client}} to Weights &amp; Biases</h1>
{{who}}
<p>It will be able to</p>
<ul class="plain asks">
<li>read your runs, metrics, Weave traces, artifacts, registries and reports</li>
</ul>
{{leads}}
{{alert}}
<form method="post" action="{{action}}">
<input type="hidden" name="request" value="{{request}}">
{{write}}
<label for="api_key">W&amp;B API key</label>
<input type="password" id="api_key" name="api_key" autocomplete="off"
  autocapitalize="none" spellcheck="false" {{described}}>
<p class="soft" id="key_help">Copy it from <a href="{{key_url}}" target="_blank"
  rel="noopener noreferrer">{{key_url}}</a>. The client never sees it: it gets a
  token of its own, which expires and which you can revoke at
  <a href="/connect" target="_blank">/connect</a>.</p>
<div class="buttons">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny" class="quiet">Deny</button>
</div>
</form>
</div>
</main>)",
    {{"client", v.client_name},
     {"who", who},
     {"leads", leads},
     {"alert", alert(v.problem)},
     {"action", v.action},
     {"request", v.request},
     {"write", write},
     {"described",
      v.problem.empty()
        ? fill(R"(aria-describedby="key_help")")
        : fill(R"(aria-describedby="problem key_help" aria-invalid="true")")},
     {"key_url", key_url}});
  return whole_page("Connect " + v.client_name, body);
}

std::string device_page(const device_view& v) {
  const auto body = fill(
    R"(<main class="narrow">
<p class="brand">wandb-mcp-server</p>
<div class="card">
<h1>Connect a device</h1>
<p>Type the code that the device shows.</p>
{{alert}}
<form method="post" action="/device">
<input type="hidden" name="csrf" value="{{csrf}}">
<label for="user_code">Code</label>
<input type="text" class="code" id="user_code" name="user_code"
  value="{{code}}" placeholder="BCDF-GHJK" autocomplete="off"
  autocapitalize="characters" spellcheck="false" maxlength="16" required>
<div class="buttons"><button type="submit">Go on</button></div>
</form>
</div>
</main>)",
    {{"alert", alert(v.problem)}, {"csrf", v.csrf}, {"code", v.user_code}});
  return whole_page("Connect a device", body);
}

std::string note_page(const note_view& v) {
  html link;
  if (!v.link.empty())
    link = fill(R"(<p><a href="{{link}}" rel="noreferrer">{{text}}</a></p>)",
                {{"link", v.link}, {"text", v.link_text}});
  const auto body = fill(
    R"(<main class="narrow">
<p class="brand">wandb-mcp-server</p>
<div class="card">
<h1>{{title}}</h1>
<p role="{{role}}">{{text}}</p>
{{link}}
</div>
</main>)",
    {{"title", v.title},
     {"role", v.good ? "status" : "alert"},
     {"text", v.text},
     {"link", link}});
  return whole_page(v.title, body);
}

} // namespace mcp
