#include "server/pages/clients.hpp"

#include "protocol/mcp/http_rules.hpp"

#include <fmt/format.h>

namespace mcp {
namespace {

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

/// What most clients read: one server under a name of theirs for all servers,
/// its address under a name of theirs, and a header when `bearer` is not empty.
std::string json_config(const char* servers, const char* address,
                        const std::string& url, const std::string& bearer,
                        bool says_type = false) {
  const auto type = says_type ? "\n      \"type\": \"http\"," : "";
  const auto headers =
    bearer.empty() ? std::string()
                   : fmt::format(",\n      \"headers\": {{ \"Authorization\": "
                                 "\"Bearer {}\" }}",
                                 bearer);
  return fmt::format(R"({{
  "{}": {{
    "wandb": {{{}
      "{}": "{}"{}
    }}
  }}
}})",
                     servers, type, address, url, headers);
}

/// The app starts only programs; npx's bridge turns it into HTTP.
std::string bridge_config(const std::string& url, bool with_key) {
  const auto scheme_end = url.find("://") + 3;
  const auto host = std::string_view(url).substr(
    scheme_end, url.find('/', scheme_end) - scheme_end);
  const bool plain = url.starts_with("http://")
                     && !is_loopback_name(host_without_port(host));
  // No blank after the colon, and the one of "Bearer KEY" is in `env`: on
  // Windows the app splits arguments at blanks.
  return fmt::format(
    R"({{
  "mcpServers": {{
    "wandb": {{
      "command": "npx",
      "args": ["-y", "mcp-remote", "{}"{}{}]{}
    }}
  }}
}})",
    url, with_key ? R"(,
               "--header", "Authorization:${AUTH}")" : "",
    plain ? R"(, "--allow-http")" : "",
    with_key ? ",\n      \"env\": { \"AUTH\": \"Bearer <W&B API key>\" }" : "");
}

html claude_code(const connect_view& v) {
  html out;
  const auto add = "claude mcp add --transport http wandb " + v.url;
  if (v.offers_sign_in || !v.takes_keys)
    out += snippet(add);
  if (v.offers_sign_in)
    out += say("Then type /mcp in Claude Code and choose Authenticate.");
  if (v.takes_keys) {
    out += say(v.offers_sign_in ? "Or with an API key:"
                                : "With your API key in WANDB_API_KEY:");
    out += snippet(add
                   + " \\\n  --header \"Authorization: Bearer "
                     "$WANDB_API_KEY\"");
  }
  return out;
}

html claude_desktop(const connect_view& v, bool with_key) {
  if (v.offers_sign_in)
    return say("Settings, Connectors, Add custom connector, with the address "
               "above.");
  html out = say("On Mac and Windows, with Node.js installed. Open Settings, "
                 "Developer, Edit Config, put this into "
                 "claude_desktop_config.json, and restart the app:");
  out += snippet(bridge_config(v.url, with_key));
  return out;
}

html vscode(const connect_view& v, bool with_key) {
  html out = say("In .vscode/mcp.json:");
  auto text = json_config("servers", "url", v.url,
                          with_key ? "${input:wandb}" : "", true);
  if (with_key)
    text.insert(2, R"(  "inputs": [{ "type": "promptString", "id": "wandb",
               "description": "W&B API key", "password": true }],
)");
  out += snippet(text);
  return out;
}

html codex(const connect_view& v, bool with_key) {
  html out = say("In ~/.codex/config.toml:");
  out += snippet("[mcp_servers.wandb]\nurl = \"" + v.url + "\""
                 + (with_key ? "\nbearer_token_env_var = \"WANDB_API_KEY\""
                             : ""));
  if (v.offers_sign_in)
    out += say("Then run codex mcp login wandb.");
  return out;
}

html python(const connect_view& v) {
  html out = say("With the package mcp, version 2 or newer:");
  out += snippet(fmt::format(R"(import asyncio
import os

from mcp import Client
from mcp.client.streamable_http import (
    create_mcp_http_client,
    streamable_http_client,
)

URL = "{}"


async def main():
    headers = {{"Authorization": "Bearer " + os.environ["WANDB_API_KEY"]}}
    async with create_mcp_http_client(headers=headers) as http:
        transport = streamable_http_client(URL, http_client=http)
        async with Client(transport) as wandb:
            result = await wandb.call_tool("list_entities_tool", {{}})
            print(result.structured_content)


asyncio.run(main()))",
                             v.url));
  return out;
}

html curl(const connect_view& v) {
  return snippet(fmt::format(
    R"(curl -s {} \
  -H "Authorization: Bearer $WANDB_API_KEY" \
  -H "Content-Type: application/json" \
  -H "Accept: application/json, text/event-stream" \
  -H "MCP-Protocol-Version: 2026-07-28" -H "Mcp-Method: tools/list" \
  -d '{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"_meta":{{
       "io.modelcontextprotocol/protocolVersion":"2026-07-28",
       "io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}')",
    v.url));
}

} // namespace

html snippet(const std::string& text) {
  return fill(R"(<div class="snippet"><pre tabindex="0">{{text}}</pre></div>)",
              {{"text", text}});
}

html client_list(const connect_view& v) {
  const bool with_key = v.takes_keys && !v.offers_sign_in;
  html out;
  // These sign in by OAuth, or use a server that asks for nothing.
  if (!with_key) {
    html claude = say("Settings, Connectors, Add custom connector. Name it "
                      "W&B and paste the address:");
    claude += snippet(v.url);
    if (v.offers_sign_in)
      claude += say("Choose Connect and sign in on the page that opens. The "
                    "same connector works in Claude Desktop and the phone "
                    "apps.");
    out += client("Claude (web and apps)", claude, true);
  }
  out += client("Claude Desktop", claude_desktop(v, with_key));
  out += client("Claude Code", claude_code(v), with_key);

  html cursor = say("In ~/.cursor/mcp.json:");
  cursor += snippet(json_config("mcpServers", "url", v.url,
                                with_key ? "<W&B API key>" : ""));
  out += client("Cursor", cursor);
  out += client("VS Code", vscode(v, with_key));

  html lechat = say("Connectors, Add connector, Custom MCP connector, with the "
                    "address:");
  lechat += snippet(v.url);
  lechat += say(v.offers_sign_in
                  ? "Authentication: OAuth 2.1. LeChat finds it by itself."
                : with_key ? "Authentication: API token. Paste your W&B API "
                             "key as the token."
                           : "Authentication: none.");
  out += client("LeChat", lechat);

  if (!with_key) {
    html chatgpt = say("Settings, Apps and connectors, Advanced: turn on "
                       "developer mode. Then choose Create, and paste the "
                       "address:");
    chatgpt += snippet(v.url);
    chatgpt += say(v.offers_sign_in ? "Authentication: OAuth."
                                    : "Authentication: none.");
    out += client("ChatGPT", chatgpt);
  }

  html gemini = say("In ~/.gemini/settings.json:");
  gemini += snippet(json_config("mcpServers", "httpUrl", v.url,
                                with_key ? "$WANDB_API_KEY" : ""));
  if (v.offers_sign_in)
    gemini += say("Then type /mcp auth wandb.");
  out += client("Gemini CLI", gemini);
  out += client("Codex", codex(v, with_key));
  if (v.takes_keys) {
    out += client("Python", python(v));
    out += client("curl", curl(v));
  }
  return out;
}

} // namespace mcp
