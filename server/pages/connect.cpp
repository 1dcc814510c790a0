#include "server/pages/connect.hpp"

#include "server/pages/assets.hpp"

#include <fmt/format.h>

namespace mcp {
namespace {

html snippet(const std::string& text) {
  return fill(R"(<div class="snippet"><pre tabindex="0">{{text}}</pre></div>)",
              {{"text", text}});
}

html client(const char* name, const html& inside, bool open = false) {
  return fill(R"(<details{{open}}><summary>{{name}}</summary><div>
{{inside}}
</div></details>
)",
              {{"open", open ? fill(" open") : html()},
               {"name", name},
               {"inside", inside}});
}

html say(const char* text) {
  return fill("<p>{{text}}</p>\n", {{"text", text}});
}

/// The clients, each with what it needs: with OAuth the address alone, with a
/// key a header, too.
html clients(const connect_view& v) {
  const bool oauth = v.offers_sign_in;
  const bool keys = v.takes_keys;
  const auto& url = v.url;
  html out;

  html claude;
  if (oauth) {
    claude += say("Settings, Connectors, Add custom connector. Name it W&B, "
                  "and paste the address:");
    claude += snippet(url);
    claude += say("Connect, and sign in on the page that opens. The same "
                  "connector serves Claude Desktop and the phone apps.");
  } else {
    claude += say("Claude on the web signs in by OAuth, which this server has "
                  "not turned on. Claude Code and Claude Desktop can use an "
                  "API key.");
  }
  out += client("Claude (web and apps)", claude, true);

  html desktop;
  if (oauth)
    desktop += say("Settings, Connectors, Add custom connector, with the "
                   "address above.");
  else
    desktop += say("In claude_desktop_config.json; it starts a bridge from "
                   "npm, because the app itself sends no headers:");
  if (!oauth)
    desktop += snippet(fmt::format(R"({{
  "mcpServers": {{
    "wandb": {{
      "command": "npx",
      "args": ["mcp-remote", "{}", "--header", "Authorization:${{AUTH}}"],
      "env": {{ "AUTH": "Bearer <W&B API key>" }}
    }}
  }}
}})",
                                   url));
  out += client("Claude Desktop", desktop);

  html code;
  if (oauth) {
    code += snippet("claude mcp add --transport http wandb " + url);
    code += say("Then /mcp in Claude Code, and Authenticate.");
  }
  if (keys) {
    code += say("With an API key:");
    code += snippet("claude mcp add --transport http wandb " + url
                    + " \\\n  --header \"Authorization: Bearer "
                      "$WANDB_API_KEY\"");
  }
  out += client("Claude Code", code);

  html cursor = say("In ~/.cursor/mcp.json:");
  cursor += snippet(oauth ? fmt::format(R"({{
  "mcpServers": {{
    "wandb": {{ "url": "{}" }}
  }}
}})",
                                        url)
                          : fmt::format(R"({{
  "mcpServers": {{
    "wandb": {{
      "url": "{}",
      "headers": {{ "Authorization": "Bearer <W&B API key>" }}
    }}
  }}
}})",
                                        url));
  out += client("Cursor", cursor);

  html vscode = say("In .vscode/mcp.json:");
  vscode += snippet(oauth ? fmt::format(R"({{
  "servers": {{
    "wandb": {{ "type": "http", "url": "{}" }}
  }}
}})",
                                        url)
                          : fmt::format(R"({{
  "inputs": [{{ "type": "promptString", "id": "wandb",
               "description": "W&B API key", "password": true }}],
  "servers": {{
    "wandb": {{
      "type": "http",
      "url": "{}",
      "headers": {{ "Authorization": "Bearer ${{input:wandb}}" }}
    }}
  }}
}})",
                                        url));
  out += client("VS Code", vscode);

  html lechat = say("Connectors, Add connector, Custom MCP connector, with the "
                    "address:");
  lechat += snippet(url);
  lechat += say(oauth ? "Authentication: OAuth 2.1 (it is found by itself)."
                      : "Authentication: API token, with the W&B API key.");
  out += client("LeChat", lechat);

  html chatgpt;
  if (oauth) {
    chatgpt += say("Settings, Apps and connectors, Advanced: turn on developer "
                   "mode. Then Create, with OAuth as authentication and the "
                   "address:");
    chatgpt += snippet(url);
  } else {
    chatgpt += say("ChatGPT signs in by OAuth alone, which this server has not "
                   "turned on.");
  }
  out += client("ChatGPT", chatgpt);

  html gemini = say("In ~/.gemini/settings.json:");
  gemini += snippet(oauth ? fmt::format(R"({{
  "mcpServers": {{
    "wandb": {{ "httpUrl": "{}" }}
  }}
}})",
                                        url)
                          : fmt::format(R"({{
  "mcpServers": {{
    "wandb": {{
      "httpUrl": "{}",
      "headers": {{ "Authorization": "Bearer $WANDB_API_KEY" }}
    }}
  }}
}})",
                                        url));
  if (oauth)
    gemini += say("Then /mcp auth wandb.");
  out += client("Gemini CLI", gemini);

  html codex = say("In ~/.codex/config.toml:");
  codex += snippet("[mcp_servers.wandb]\nurl = \"" + url + "\""
                   + (oauth ? ""
                            : "\nbearer_token_env_var = "
                              "\"WANDB_API_KEY\""));
  if (oauth)
    codex += say("Then codex mcp login wandb.");
  out += client("Codex", codex);

  if (keys) {
    html python = say("With the package mcp:");
    python += snippet(fmt::format(R"(import asyncio, os
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

async def main():
    headers = {{"Authorization": "Bearer " + os.environ["WANDB_API_KEY"]}}
    async with streamablehttp_client("{}", headers=headers) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            print(await session.call_tool("list_entities_tool", {{}}))

asyncio.run(main()))",
                                  url));
    out += client("Python", python);
    html curl = snippet(fmt::format(
      R"(curl -s {} \
  -H "Authorization: Bearer $WANDB_API_KEY" \
  -H "Content-Type: application/json" \
  -H "Accept: application/json, text/event-stream" \
  -H "MCP-Protocol-Version: 2026-07-28" -H "Mcp-Method: tools/list" \
  -d '{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"_meta":{{
       "io.modelcontextprotocol/protocolVersion":"2026-07-28",
       "io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}')",
      url));
    out += client("curl", curl);
  }
  return out;
}

html connected(const connect_view& v) {
  if (v.connected.empty())
    return fill("<p>No client is connected by sign-in.</p>\n");
  html rows;
  for (const auto& c : v.connected)
    rows += fill(
      R"(<tr><td><strong>{{name}}</strong></td>
<td>{{scope}}</td><td>since {{since}}, used {{used}}</td>
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
  html alerts;
  if (!v.problem.empty())
    alerts += fill(R"(<p class="alert" role="alert">{{text}}</p>)",
                   {{"text", v.problem}});
  if (!v.done.empty())
    alerts += fill(R"(<p class="alert good" role="status">{{text}}</p>)",
                   {{"text", v.done}});
  if (v.user.empty())
    return fill(R"(<h2 id="yours">What is connected in your name</h2>
{{alerts}}
<form method="post" action="/connect">
<input type="hidden" name="csrf" value="{{csrf}}">
<label for="api_key">W&amp;B API key</label>
<input type="password" id="api_key" name="api_key" autocomplete="off"
  autocapitalize="none" spellcheck="false" aria-describedby="key_help">
<p class="soft" id="key_help">Copy it from <a href="{{key_url}}" target="_blank"
  rel="noopener noreferrer">{{key_url}}</a>. It shows what was connected with
  this key, and is not kept.</p>
<div class="buttons"><button name="action" value="sign_in">Show</button></div>
</form>
)",
                {{"alerts", alerts}, {"csrf", v.csrf}, {"key_url", key_url}});
  return fill(R"(<h2 id="yours">Connected in the name of {{user}}</h2>
{{alerts}}
{{table}}
<form method="post" action="/connect" class="buttons">
<input type="hidden" name="csrf" value="{{csrf}}">
<button class="quiet small" name="action" value="sign_out">Sign out here</button>
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
  if (v.takes_keys)
    key = fill(R"(<p class="soft">API keys are at <a href="{{key_url}}"
  rel="noopener noreferrer">{{key_url}}</a>. Whoever has yours can do what you
  can: keep it in an environment variable, not in a file that others read.</p>)",
               {{"key_url", key_url}});
  const auto body = fill(R"(<main>
<p class="brand"><a href="/">wandb-mcp-server</a></p>
<h1>Connect a client</h1>
<p>The address of the MCP endpoint:</p>
<div class="snippet"><pre tabindex="0">{{url}}</pre></div>
{{key}}
{{clients}}
{{yours}}
</main>)",
                         {{"url", v.url},
                          {"key", key},
                          {"clients", clients(v)},
                          {"yours", yours(v, key_url)}});
  return whole_page("Connect a client", body, true);
}

} // namespace mcp
