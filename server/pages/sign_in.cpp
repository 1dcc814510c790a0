#include "server/pages/sign_in.hpp"

#include "server/pages/assets.hpp"

namespace mcp {

html field_problem(const std::string& problem) {
  if (problem.empty())
    return {};
  return fill(R"(<p class="wrong" id="problem" role="alert">{{text}}</p>
)",
              {{"text", problem}});
}

html field_state(bool has_problem, const char* help) {
  return has_problem
           ? fill(R"(aria-describedby="problem {{help}}" aria-invalid="true"
  autofocus)",
                  {{"help", help}})
           : fill(R"(aria-describedby="{{help}}")", {{"help", help}});
}

std::string sign_in_page(const sign_in_view& v, const std::string& key_url) {
  html who;
  if (!v.client_uri.empty())
    who += fill(R"(<p class="soft">Its website: {{uri}}</p>)",
                {{"uri", v.client_uri}});
  if (v.device)
    who += fill(
      R"(<p class="alert" role="note">Continue only if you started this on
a device in front of you and it shows the code you entered.</p>)");
  else if (v.registered_itself)
    who += fill(
      R"(<p class="soft">The client chose this name; nobody checked it.
Continue only if you started this sign-in yourself.</p>)");
  html leads;
  if (!v.device)
    leads = fill(R"(<p class="soft">You'll be sent to
<strong>{{target}}</strong>.</p>)",
                 {{"target", v.target}});
  html write;
  if (v.wants_write)
    write = fill(R"(<li><label class="choice"><input type="checkbox"
  name="write" value="yes"{{checked}}> <span><strong>Write</strong> reports and
  log analyses in your projects (optional)</span></label></li>
)",
                 {{"checked", v.chose_write ? " checked" : ""}});
  const auto body = fill(
    R"(<main class="narrow">
<p class="brand">wandb-mcp-server</p>
<div class="card">
<h1>Connect {{client}} to Weights &amp; Biases</h1>
{{who}}
<form method="post" action="{{action}}">
<input type="hidden" name="request" value="{{request}}">
<p id="may">It will be able to:</p>
<ul class="plain may" aria-labelledby="may">
<li class="always"><strong>Read</strong> your runs, metrics, Weave traces,
  artifacts, registries and reports</li>
{{write}}</ul>
<label for="api_key">W&amp;B API key</label>
<input type="password" id="api_key" name="api_key" autocomplete="off"
  autocapitalize="none" spellcheck="false" {{state}}>
{{problem}}<p class="soft" id="key_help">Copy it from <a href="{{key_url}}"
  target="_blank" rel="noopener noreferrer">{{key_url}}</a>. The client doesn't
  see your key. It gets a token that expires, and that you can revoke at
  <a href="/connect" target="_blank">/connect</a>.</p>
<div class="buttons">
<button type="submit" name="decision" value="allow">Continue</button>
<button type="submit" name="decision" value="deny" class="quiet">Deny</button>
</div>
{{leads}}
</form>
</div>
</main>)",
    {{"client", v.client_name},
     {"who", who},
     {"leads", leads},
     {"action", v.action},
     {"request", v.request},
     {"write", write},
     {"state", field_state(!v.problem.empty(), "key_help")},
     {"problem", field_problem(v.problem)},
     {"key_url", key_url}});
  return whole_page("Connect " + v.client_name, body, true);
}

std::string device_page(const device_view& v) {
  const bool check = !v.user_code.empty() && v.problem.empty();
  const auto body = fill(
    R"(<main class="narrow">
<p class="brand">wandb-mcp-server</p>
<div class="card">
<h1>Connect a device</h1>
<form method="post" action="/device">
<input type="hidden" name="csrf" value="{{csrf}}">
<p id="code_help">{{task}}</p>
<label for="user_code">Code</label>
<input type="text" class="code" id="user_code" name="user_code"
  value="{{code}}" placeholder="XXXX-XXXX" autocomplete="off"
  autocapitalize="characters" spellcheck="false" maxlength="16" required
  {{state}}>
{{problem}}<div class="buttons"><button type="submit">Continue</button></div>
</form>
</div>
</main>)",
    {{"csrf", v.csrf},
     {"task", check ? "Check that this code matches the one on your device."
                    : "Type the code that your device shows."},
     {"code", v.user_code},
     {"state", field_state(!v.problem.empty(), "code_help")},
     {"problem", field_problem(v.problem)}});
  return whole_page("Connect a device", body);
}

std::string note_page(const note_view& given) {
  auto v = given;
  if (v.link.empty() && !v.good && !v.alone) {
    v.link = "/connect";
    v.link_text = "How to connect a client";
  }
  html link;
  if (!v.link.empty())
    link = fill(R"(<p class="buttons"><a class="button" href="{{link}}"
  rel="noreferrer">{{text}}</a></p>)",
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
