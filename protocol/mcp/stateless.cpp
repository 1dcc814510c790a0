#include "protocol/mcp/stateless.hpp"

#include "protocol/json/write.hpp"
#include "protocol/mcp/utf8.hpp"

#include <array>

namespace mcp {
namespace {

namespace json = boost::json;

const json::object* meta_of(const json::object& params) {
  const auto* meta = params.if_contains("_meta");
  return meta ? meta->if_object() : nullptr;
}

const json::string* text_in(const json::object* in, std::string_view name) {
  const auto* v = in ? in->if_contains(name) : nullptr;
  return v ? v->if_string() : nullptr;
}

bool opens_no_session(std::string_view version_text) {
  return !parse_version(version_text);
}

std::string_view trim(std::string_view s) {
  const auto first = s.find_first_not_of(" \t");
  if (first == s.npos)
    return {};
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

std::string needs(std::string_view what) {
  return "params._meta must carry " + std::string(what);
}

/// `header` is null where there are no headers at all.
checked<request_meta> read_meta(const json::object& params,
                                const std::optional<std::string_view>* header) {
  const auto* meta = meta_of(params);
  const auto* asked = text_in(meta, meta_key::protocol_version);
  const auto said = header && *header ? trim(**header) : std::string_view{};
  if (!asked) {
    // A version that we have never heard of may say itself in another place.
    if (!said.empty() && opens_no_session(said)
        && !parse_stateless_version(said))
      return refuse_version(said);
    return refuse_malformed(
      needs(std::string(meta_key::protocol_version) + ", a string"));
  }
  if (header && said.empty())
    return refuse_headers("the MCP-Protocol-Version header is missing");
  if (header && said != std::string_view(*asked))
    return refuse_headers("the MCP-Protocol-Version header is not the version "
                          "that params._meta names");
  request_meta out;
  const auto spoken = parse_stateless_version(*asked);
  if (!spoken)
    return refuse_version(*asked);
  out.spoken = *spoken;
  const auto* can = meta->if_contains(meta_key::client_capabilities);
  if (!can || !can->is_object())
    return refuse_malformed(
      needs(std::string(meta_key::client_capabilities) + ", an object"));
  out.capabilities = can->get_object();
  if (const auto* client = meta->if_contains(meta_key::client_info);
      client && client->is_object()) {
    const auto* info = &client->get_object();
    if (const auto* name = text_in(info, "name"))
      out.client_name = cut_utf8(*name, 64);
    if (const auto* v = text_in(info, "version"))
      out.client_version = cut_utf8(*v, 32);
  }
  if (const auto* level = meta->if_contains(meta_key::log_level);
      level && !level->is_null()) {
    if (level->is_string())
      out.log = parse_log_level(level->get_string());
    if (!out.log)
      return refuse_malformed(std::string(meta_key::log_level)
                              + " must be one of debug, info, notice, "
                                "warning, error, critical, alert, emergency");
  }
  if (const auto* token = meta->if_contains(meta_key::progress_token);
      token && jsonrpc::read_id(*token))
    out.progress_token = *token;
  return out;
}

std::string_view to_string(cache_scope scope) {
  return scope == cache_scope::everybody ? "public" : "private";
}

} // namespace

bool is_stateless(const jsonrpc::message& m,
                  std::optional<std::string_view> version_header,
                  bool has_session_id) {
  const auto* meta = meta_of(m.params);
  if (const auto* asked = text_in(meta, meta_key::protocol_version))
    if (opens_no_session(*asked))
      return true;
  if (m.method == "initialize" || has_session_id || !version_header)
    return false;
  const auto said = trim(*version_header);
  return !said.empty() && opens_no_session(said);
}

checked<request_meta>
read_request_meta(const json::object& params,
                  std::optional<std::string_view> version_header) {
  return read_meta(params, &version_header);
}

checked<request_meta> read_request_meta(const json::object& params) {
  return read_meta(params, nullptr);
}

bool needs_cache_hint(std::string_view method) {
  constexpr std::array<std::string_view, 6> all{
    "server/discover", "tools/list",     "prompts/list",
    "resources/list",  "resources/read", "resources/templates/list"};
  return std::find(all.begin(), all.end(), method) != all.end();
}

result_frame::result_frame(const server_info& server)
    : info_(implementation_json(server, newest_stateless_version)),
      meta_(R"(,"_meta":)"
            + write_json(json::object{{meta_key::server_info, info_}})) {}

std::string result_frame::wrap(std::string_view result_json,
                               std::optional<cache_hint> hint) const {
  std::string out = R"({"resultType":"complete")";
  out.reserve(out.size() + 64 + meta_.size() + result_json.size());
  if (hint) {
    out +=
      R"(,"ttlMs":)" + std::to_string(hint->ttl.count()) + R"(,"cacheScope":")";
    out += to_string(hint->scope);
    out += '"';
  }
  out += meta_;
  const auto rest = result_json.substr(1);
  if (rest != "}")
    out += ',';
  out += rest;
  return out;
}

json::object result_frame::wrap(json::object result,
                                std::optional<cache_hint> hint) const {
  json::object out;
  out["resultType"] = "complete";
  json::object meta;
  for (auto& [name, value] : result) {
    if (name == "_meta" && value.is_object())
      meta = std::move(value.get_object());
    else if (name != "_meta")
      out[name] = std::move(value);
  }
  if (hint) {
    out["ttlMs"] = hint->ttl.count();
    out["cacheScope"] = to_string(hint->scope);
  }
  meta[meta_key::server_info] = info_;
  out["_meta"] = std::move(meta);
  return out;
}

std::string discover_result(const server_info& server,
                            const server_features& features,
                            const cache_hint& hint) {
  json::object out;
  json::array versions;
  for (const auto& v : spoken_versions())
    versions.emplace_back(v);
  out["supportedVersions"] = std::move(versions);
  out["capabilities"] = server_capabilities(features, newest_stateless_version);
  if (!server.instructions.empty())
    out["instructions"] = server.instructions;
  return write_json(result_frame(server).wrap(std::move(out), hint));
}

} // namespace mcp
